import type { KubeApi } from '../../../src/kube/api.ts';
import type { KubeObject } from '../../../src/kube/resource.ts';
import { createKarmadaPlane } from '../../../src/planes/karmada/index.ts';
import { CLUSTER, JOB, OVERRIDE_POLICY, PROPAGATION_POLICY } from '../../../src/planes/karmada/resources.ts';
import { NAMESPACE } from '../../../src/planes/shared/resources.ts';
import { DEPLOYMENT, type Seen } from '../../../test/planes/karmada/support/world.ts';
import { enterHub, type LiveHub, openHub } from '../../support/hub.ts';
import { addNode, connectMembers, type Kubelets, playKubelets } from './kubelets.ts';

/** One zone per cluster, in the order of names. */
const ZONES = ['SE-SE3', 'DE', 'US-MIDA-PJM', 'FR'] as const;

/** Where the live control plane is; null when nothing says so. */
export function liveKarmada(): { readonly kubeconfig: string; readonly members: string | null } | null {
  const kubeconfig = process.env['WINDVANE_E2E_KARMADA_KUBECONFIG'] ?? '';
  if (kubeconfig === '') return null;
  return { kubeconfig, members: process.env['WINDVANE_E2E_MEMBER_KUBECONFIGS'] ?? null };
}

export interface Live extends Omit<LiveHub, 'clear'> {
  /** Ready clusters that take part, by name. */
  readonly clusters: readonly string[];
  readonly kubelets: Kubelets | null;
  /** Members by name, where their kubeconfigs are known. */
  readonly members: ReadonlyMap<string, KubeApi> | null;
  pins(): Promise<readonly KubeObject[]>;
  stop(): Promise<void>;
}

export async function openLive(where: NonNullable<ReturnType<typeof liveKarmada>>): Promise<Live> {
  const user = await enterHub(where.kubeconfig);
  const { items } = await user.list(CLUSTER);
  const clusters = items
    .map(({ metadata }) => metadata.name)
    .sort()
    .slice(0, ZONES.length);
  const { kubeconfig } = where;
  const hub = await openHub({ user, kubeconfig, clusters, zones: ZONES, createPlane: createKarmadaPlane });
  const members = where.members === null ? null : connectMembers(where.members, clusters);
  for (const api of members?.values() ?? []) await addNode(api);
  const kubelets = members === null ? null : playKubelets(members, hub.namespace);
  await hub.until('every member has nodes', async () => {
    const seen: readonly Seen[] = (await user.list(CLUSTER)).items;
    const free = seen.filter(({ status }) => (status?.resourceSummary?.allocatable?.pods ?? '0') !== '0');
    return free.length >= clusters.length ? true : null;
  });
  return {
    ...hub,
    clusters,
    kubelets,
    members,
    pins: async () => (await user.list(OVERRIDE_POLICY, { namespace: hub.namespace })).items,
    async stop() {
      await hub.stopControl();
      await kubelets?.stop();
      await hub.clear([JOB, DEPLOYMENT, PROPAGATION_POLICY]);
      await user.delete(NAMESPACE, { name: hub.namespace });
    },
  };
}
