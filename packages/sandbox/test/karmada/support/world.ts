import {
  type KarmadaStandInOptions,
  type KarmadaStandIns,
  karmadaDefinitions,
  startKarmadaStandIns,
} from '../../../src/index.ts';
import { RESOURCE_BINDING, WORK } from '../../../src/karmada/resources.ts';
import { NAMESPACE } from '../../../src/runtime/client/resource.ts';
import { type Api, openApi, type Seen } from '../../runtime/support/api.ts';
import { createManualClock, type ManualClock } from '../../runtime/support/clock.ts';
import type { TestServer } from '../../runtime/support/servers.ts';

export interface World {
  readonly api: Api;
  readonly clock: ManualClock;
  readonly karmada: KarmadaStandIns;
  /** A namespace of its own for a test. */
  namespace(): Promise<string>;
  /** Waits until the stand-ins have nothing left to do. */
  settled(): Promise<void>;
  /** Lets time pass, settling after each timer. */
  advance(milliseconds: number): Promise<void>;
  binding(namespace: string, name: string): Promise<Seen>;
  /** The schedule of a binding as `m1:5 m2:3`. */
  schedule(namespace: string, name: string): Promise<string>;
  /** The Works of a namespace's templates in a cluster, by name of the template. */
  work(cluster: string, namespace: string, name: string): Promise<Seen | undefined>;
  stop(): Promise<void>;
}

export const MEMBERS: readonly string[] = ['m1', 'm2', 'm3'];

export type WorldOptions = Partial<Omit<KarmadaStandInOptions, 'kubeconfig' | 'clock'>> & {
  readonly crds?: readonly string[];
};

export async function startWorld(server: TestServer, options: WorldOptions = {}): Promise<World> {
  const { crds, ...settings } = options;
  const clock = createManualClock();
  const hub = await server.start([...karmadaDefinitions, ...(crds ?? [])]);
  const api = await openApi(hub.kubeconfig());
  const karmada = await startKarmadaStandIns({
    kubeconfig: hub.kubeconfig(),
    clock,
    members: MEMBERS.map((name) => ({ name, provider: 'aws', region: `region-${name}` })),
    ...(hub.resourceVersion === undefined ? {} : { resourceVersion: hub.resourceVersion }),
    ...settings,
  });
  await karmada.settled();
  let namespaces = 0;
  const binding = (namespace: string, name: string) => api.get(RESOURCE_BINDING, namespace, name);
  return {
    api,
    clock,
    karmada,
    async namespace() {
      namespaces += 1;
      const name = `ns${namespaces}`;
      await api.create(NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      return name;
    },
    settled: () => karmada.settled(),
    async advance(milliseconds) {
      const end = clock.now() + milliseconds;
      await karmada.settled();
      for (let due = clock.next(); due !== undefined && due <= end; due = clock.next()) {
        clock.runUntil(due);
        await karmada.settled();
      }
      clock.runUntil(end);
    },
    binding,
    async schedule(namespace, name) {
      const { spec } = await binding(namespace, name);
      return (spec.clusters ?? [])
        .map((cluster: { name: string; replicas?: number }) =>
          cluster.replicas === undefined ? cluster.name : `${cluster.name}:${cluster.replicas}`,
        )
        .join(' ');
    },
    async work(cluster, namespace, name) {
      const works = await api.list(WORK, `karmada-es-${cluster}`);
      return works.find(({ spec }) => {
        const { metadata } = spec.workload.manifests[0];
        return metadata.namespace === namespace && metadata.name === name;
      });
    },
    async stop() {
      await karmada.stop();
      api.close();
      await hub.stop();
    },
  };
}
