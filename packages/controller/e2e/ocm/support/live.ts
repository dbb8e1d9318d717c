import { createOcmPlane } from '../../../src/planes/ocm/index.ts';
import {
  MANAGED_CLUSTER,
  MANAGED_CLUSTER_SET,
  MANAGED_CLUSTER_SET_BINDING,
  MANIFEST_WORK,
  MANIFEST_WORK_REPLICA_SET,
  PLACEMENT,
  PLACEMENT_DECISION,
} from '../../../src/planes/ocm/resources.ts';
import { NAMESPACE } from '../../../src/planes/shared/resources.ts';
import type { Seen } from '../../../test/planes/karmada/support/world.ts';
import { clusterSet, setBinding } from '../../../test/planes/ocm/support/objects.ts';
import { enterHub, type LiveHub, openHub } from '../../support/hub.ts';
import { type PlayedAgents, playAgents, registerClusters } from './agents.ts';

/** One zone per cluster, in the order of names. */
const ZONES = ['SE-SE3', 'DE', 'US-MIDA-PJM'] as const;
const PLAYED = ZONES.map((_, index) => `windvane-e2e-${index + 1}`);

/** Where the live hub is, and whether its clusters have agents; null when nothing says so. */
export function liveHub(): { readonly kubeconfig: string; readonly played: boolean } | null {
  const kubeconfig = process.env['WINDVANE_E2E_OCM_KUBECONFIG'] ?? '';
  if (kubeconfig === '') return null;
  return { kubeconfig, played: process.env['WINDVANE_E2E_OCM_AGENTS'] === 'played' };
}

export interface Live extends Omit<LiveHub, 'clear'> {
  /** Clusters that take part, by name. */
  readonly clusters: readonly string[];
  readonly agents: PlayedAgents | null;
  placement(name: string): Promise<Seen>;
  /** The clusters that OCM has decided for. */
  decided(name: string): Promise<string>;
  /** Clusters in which the work of a ManifestWorkReplicaSet is available. */
  available(name: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export async function openLive(where: NonNullable<ReturnType<typeof liveHub>>): Promise<Live> {
  const user = await enterHub(where.kubeconfig);
  if (where.played) await registerClusters(user, PLAYED);
  const { items } = await user.list(MANAGED_CLUSTER);
  const clusters = (where.played ? PLAYED : items.map(({ metadata }) => metadata.name))
    .toSorted()
    .slice(0, ZONES.length);
  if (clusters.length < ZONES.length) throw new Error(`the hub needs ${ZONES.length} managed clusters`);
  const hub = await openHub({
    user,
    kubeconfig: where.kubeconfig,
    clusters,
    zones: ZONES,
    createPlane: (options) => createOcmPlane({ ...options, config: { ...options.config, scores: null } }),
  });
  const { namespace } = hub;
  const set = namespace;
  const mark = (value: string | null) =>
    Promise.all(
      clusters.map((name) =>
        user.mergePatch(MANAGED_CLUSTER, { name }, { metadata: { labels: { 'windvane-e2e': value } } }),
      ),
    );
  await mark(set);
  await user.create(MANAGED_CLUSTER_SET, clusterSet(set, { 'windvane-e2e': set }));
  await user.create(MANAGED_CLUSTER_SET_BINDING, setBinding(namespace, set));
  const agents = where.played ? playAgents(user, clusters) : null;
  return {
    ...hub,
    clusters,
    agents,
    placement: (name) => user.get(PLACEMENT, { namespace, name }),
    async decided(name) {
      const { items: decisions } = await user.list(PLACEMENT_DECISION, { namespace });
      return decisions
        .filter(({ metadata }) => metadata.labels?.['cluster.open-cluster-management.io/placement'] === name)
        .flatMap((decision: Seen) => decision['status']?.decisions ?? [])
        .map(({ clusterName }: { clusterName: string }) => clusterName)
        .toSorted()
        .join(' ');
    },
    async available(name) {
      const owner = `${namespace}.${name}`;
      const { items: works } = await user.list(MANIFEST_WORK);
      return works
        .filter(
          ({ metadata }) =>
            metadata.labels?.['work.open-cluster-management.io/manifestworkreplicaset'] === owner,
        )
        .filter((work: Seen) =>
          (work['status']?.conditions ?? []).some(
            ({ type, status }: { type: string; status: string }) => type === 'Available' && status === 'True',
          ),
        )
        .map(({ metadata }) => metadata.namespace ?? '')
        .toSorted();
    },
    async stop() {
      await hub.stopControl();
      await hub.clear([MANIFEST_WORK_REPLICA_SET, PLACEMENT, MANAGED_CLUSTER_SET_BINDING]);
      await agents?.stop();
      await user.delete(MANAGED_CLUSTER_SET, { name: set });
      await user.delete(NAMESPACE, { name: namespace });
      await mark(null);
    },
  };
}
