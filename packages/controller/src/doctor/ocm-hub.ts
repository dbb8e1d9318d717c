import type { LocationResolver } from '@windvane/carbon-map';
import type { HubConfig } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';
import { connectKube } from '../kube/connect.ts';
import { isKubeError } from '../kube/errors.ts';
import { clusterView, managedCluster } from '../planes/ocm/fleet.ts';
import { MANAGED_CLUSTER, MANIFEST_WORK_REPLICA_SET, requiredKinds } from '../planes/ocm/resources.ts';
import { ocmRights } from '../planes/ocm/rights.ts';
import type { ClusterView } from '../planes/plane.ts';
import { missingRights } from './rights.ts';

/** What the API server of a hub of Open Cluster Management answers. */
export interface OcmHubFinding {
  readonly hub: string;
  readonly server: string;
  /** One line each, with the remedy. */
  readonly problems: readonly string[];
  readonly clusters: readonly ClusterView[];
}

/** Looks at the hub once. Throws UserError for a kubeconfig that cannot be used. */
export async function examineOcmHub(
  { kubeconfig, context, hub, clusterLocations, locationClaim }: NonNullable<HubConfig['ocm']>,
  locations: LocationResolver,
): Promise<OcmHubFinding> {
  let server = '';
  try {
    const api = connectKube({ path: kubeconfig, ...(context !== null && { context }) });
    server = api.server;
    const kinds = [...requiredKinds, MANIFEST_WORK_REPLICA_SET];
    const served = await Promise.all(kinds.map((type) => api.serves(type)));
    const missing = kinds.filter((_, index) => served[index] === false);
    const absent = missing.map(
      ({ plural, group, version }) =>
        `does not serve ${plural}.${group}/${version}; install Open Cluster Management there, or check the context`,
    );
    const rights = await missingRights(api, ocmRights, 'deploy/hub/ocm');
    const problems = [...absent, ...rights];
    if (missing.includes(MANAGED_CLUSTER)) return { hub, server, problems, clusters: [] };
    const { items } = await api.list(MANAGED_CLUSTER);
    const settings = { locations, configured: clusterLocations, locationClaim };
    const clusters = items.map((object) => clusterView(managedCluster(object, settings), hub));
    return { hub, server, problems, clusters };
  } catch (error) {
    if (isKubeError(error, 'misconfigured')) throw new UserError(`ocm: ${error.message}`);
    if (isKubeError(error)) return { hub, server, problems: [error.message], clusters: [] };
    throw error;
  }
}
