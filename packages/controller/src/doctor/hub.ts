import type { Instant, LocationResolver } from '@windvane/carbon-map';
import type { HubConfig } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';
import { connectKube } from '../kube/connect.ts';
import { isKubeError } from '../kube/errors.ts';
import { clusterView, memberOf } from '../planes/karmada/member.ts';
import { CLUSTER } from '../planes/karmada/resources.ts';
import { karmadaRights } from '../planes/karmada/rights.ts';
import type { ClusterView } from '../planes/plane.ts';
import { examineJobs, type JobFinding } from './jobs.ts';
import { missingRights } from './rights.ts';

/** What the API server of a hub answers. */
export interface HubFinding {
  readonly hub: string;
  readonly server: string;
  /** Why its clusters cannot be listed; null when they can. */
  readonly problem: string | null;
  /** One line per rule of the shipped roles that the user of the kubeconfig lacks, with the remedy. */
  readonly missingRights: readonly string[];
  readonly clusters: readonly ClusterView[];
  /** Null when the hub cannot be read. */
  readonly jobs: JobFinding | null;
}

/** Lists the members and the waiting Jobs of the hub once. Throws UserError for a kubeconfig that cannot be used. */
export async function examineHub(
  karmada: NonNullable<HubConfig['karmada']>,
  config: Pick<HubConfig, 'runOnceKinds' | 'defaults' | 'mode'>,
  resolver: LocationResolver,
  now: Instant,
): Promise<HubFinding> {
  const { kubeconfig, context, hub, clusterLocations } = karmada;
  let server = '';
  let missing: readonly string[] = [];
  try {
    const api = connectKube({ path: kubeconfig, ...(context !== null && { context }) });
    server = api.server;
    missing = await missingRights(api, karmadaRights, 'deploy/hub/karmada');
    const { items } = await api.list(CLUSTER);
    const settings = { locations: resolver, configured: clusterLocations };
    const clusters = items.map((object) => clusterView(memberOf(object, settings), hub));
    const jobs = await examineJobs(api, config, now);
    return { hub, server, problem: null, missingRights: missing, clusters, jobs };
  } catch (error) {
    if (isKubeError(error, 'misconfigured')) throw new UserError(`karmada: ${error.message}`);
    if (isKubeError(error))
      return { hub, server, problem: error.message, missingRights: missing, clusters: [], jobs: null };
    throw error;
  }
}
