import {
  type ManagedClusterOptions,
  type OcmStandInOptions,
  type OcmStandIns,
  ocmDefinitions,
  startOcmStandIns,
} from '../../../src/index.ts';
import {
  ADD_ON_PLACEMENT_SCORE,
  MANAGED_CLUSTER_SET,
  MANAGED_CLUSTER_SET_BINDING,
  MANIFEST_WORK,
  PLACEMENT,
  PLACEMENT_DECISION,
} from '../../../src/ocm/resources.ts';
import type { PlacementSpec } from '../../../src/ocm/types.ts';
import { NAMESPACE } from '../../../src/runtime/client/resource.ts';
import { type Api, openApi, type Seen } from '../../runtime/support/api.ts';
import { createManualClock, type ManualClock } from '../../runtime/support/clock.ts';
import type { TestServer } from '../../runtime/support/servers.ts';
import { clusterSet, placement, setBinding } from './objects.ts';

export interface World {
  readonly api: Api;
  readonly clock: ManualClock;
  readonly ocm: OcmStandIns;
  /** A namespace of its own for a test, bound to the set `all`. */
  namespace(): Promise<string>;
  /** Waits until the stand-ins have nothing left to do. */
  settled(): Promise<void>;
  /** Lets time pass, settling after each timer. */
  advance(milliseconds: number): Promise<void>;
  /** Makes a Placement and answers with what it came to. */
  place(namespace: string, name: string, spec: PlacementSpec): Promise<string>;
  /** The clusters of a Placement's decisions as `c1 c2`, groups in their order. */
  decided(namespace: string, name: string): Promise<string>;
  placement(namespace: string, name: string): Promise<Seen>;
  decisions(namespace: string, name: string): Promise<readonly Seen[]>;
  /** Writes scores of one object in a cluster, merging by name. */
  score(
    cluster: string,
    resource: string,
    scores: Record<string, number>,
    validUntil?: string | null,
  ): Promise<void>;
  /** The ManifestWorks of a ManifestWorkReplicaSet by cluster. */
  works(namespace: string, name: string): Promise<Readonly<Record<string, Seen>>>;
  stop(): Promise<void>;
}

const CLUSTERS: readonly string[] = ['c1', 'c2', 'c3'];

export type WorldOptions = Partial<Omit<OcmStandInOptions, 'kubeconfig' | 'clock'>>;

/** Clusters in the set `all`. */
function managedClusters(names: readonly string[]): ManagedClusterOptions[] {
  return names.map((name) => ({ name, labels: { fleet: 'all' } }));
}

export async function startWorld(server: TestServer, options: WorldOptions = {}): Promise<World> {
  const clock = createManualClock();
  const hub = await server.start(ocmDefinitions);
  const api = await openApi(hub.kubeconfig());
  const ocm = await startOcmStandIns({
    kubeconfig: hub.kubeconfig(),
    clock,
    clusters: managedClusters(CLUSTERS),
    ...(hub.resourceVersion === undefined ? {} : { resourceVersion: hub.resourceVersion }),
    ...options,
  });
  await api.create(MANAGED_CLUSTER_SET, clusterSet('all', { fleet: 'all' }));
  await ocm.settled();
  let namespaces = 0;

  const decisions = async (namespace: string, name: string): Promise<readonly Seen[]> => {
    const all = await api.list(PLACEMENT_DECISION, namespace);
    return all
      .filter(({ metadata }) => metadata.labels?.['cluster.open-cluster-management.io/placement'] === name)
      .toSorted((a, b) => a.metadata.name.localeCompare(b.metadata.name, 'en', { numeric: true }));
  };
  const decided = async (namespace: string, name: string): Promise<string> =>
    (await decisions(namespace, name))
      .flatMap(({ status }) => status?.decisions ?? [])
      .map(({ clusterName }: { clusterName: string }) => clusterName)
      .join(' ');

  return {
    api,
    clock,
    ocm,
    async namespace() {
      namespaces += 1;
      const name = `ns${namespaces}`;
      await api.create(NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      await api.create(MANAGED_CLUSTER_SET_BINDING, setBinding(name, 'all'));
      return name;
    },
    settled: () => ocm.settled(),
    async advance(milliseconds) {
      const end = clock.now() + milliseconds;
      await ocm.settled();
      for (let due = clock.next(); due !== undefined && due <= end; due = clock.next()) {
        clock.runUntil(due);
        await ocm.settled();
      }
      clock.runUntil(end);
    },
    async place(namespace, name, spec) {
      await api.create(PLACEMENT, placement(namespace, name, spec));
      await ocm.settled();
      return decided(namespace, name);
    },
    decided,
    placement: (namespace, name) => api.get(PLACEMENT, namespace, name),
    decisions,
    async score(cluster, resource, scores, validUntil) {
      const known = await api.find(ADD_ON_PLACEMENT_SCORE, cluster, resource);
      if (known === undefined) {
        const metadata = { namespace: cluster, name: resource };
        const { apiVersion, kind } = ADD_ON_PLACEMENT_SCORE;
        await api.create(ADD_ON_PLACEMENT_SCORE, { apiVersion, kind, metadata });
      }
      const before: { name: string; value: number }[] = known?.status?.scores ?? [];
      const merged = new Map(before.map(({ name, value }) => [name, value]));
      for (const [name, value] of Object.entries(scores)) merged.set(name, value);
      const status = {
        scores: [...merged].map(([name, value]) => ({ name, value })),
        ...(validUntil === undefined ? {} : { validUntil }),
      };
      await api.patchStatus(ADD_ON_PLACEMENT_SCORE, cluster, resource, { status });
    },
    async works(namespace, name) {
      const all = await api.list(MANIFEST_WORK);
      const label = 'work.open-cluster-management.io/manifestworkreplicaset';
      return Object.fromEntries(
        all
          .filter(({ metadata }) => metadata.labels?.[label] === `${namespace}.${name}`)
          .map((work) => [work.metadata.namespace ?? '', work]),
      );
    },
    async stop() {
      await ocm.stop();
      api.close();
      await hub.stop();
    },
  };
}
