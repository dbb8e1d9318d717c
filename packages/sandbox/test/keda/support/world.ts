import {
  type KedaStandIn,
  type KedaStandInOptions,
  kedaDefinitions,
  startKedaStandIn,
  startSandbox,
} from '../../../src/index.ts';
import { SCALED_JOB, SCALED_OBJECT } from '../../../src/keda/resources.ts';
import type { KubeObject } from '../../../src/runtime/client/object.ts';
import { NAMESPACE } from '../../../src/runtime/client/resource.ts';
import { type Api, DEPLOYMENT, openApi, type Seen } from '../../runtime/support/api.ts';
import { createManualClock, type ManualClock } from '../../runtime/support/clock.ts';

export interface World {
  readonly api: Api;
  readonly clock: ManualClock;
  readonly keda: KedaStandIn;
  /** Lets time pass, settling after each timer. */
  advance(seconds: number): Promise<void>;
  replicas(name: string): Promise<number>;
  condition(kind: 'ScaledObject' | 'ScaledJob', name: string, type: string): Promise<Seen | undefined>;
  stop(): Promise<void>;
}

export const NS = 'batch';

export async function startWorld(options: Partial<KedaStandInOptions> = {}): Promise<World> {
  const clock = createManualClock();
  const sandbox = await startSandbox({ crds: kedaDefinitions, now: () => clock.now() });
  const api = await openApi(sandbox.kubeconfig());
  await api.create(NAMESPACE, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NS } });
  const keda = await startKedaStandIn({
    kubeconfig: sandbox.kubeconfig(),
    clock,
    resourceVersion: sandbox.resourceVersion,
    ...options,
  });
  await keda.settled();
  return {
    api,
    clock,
    keda,
    async advance(seconds) {
      const end = clock.now() + seconds * 1000;
      await keda.settled();
      for (let due = clock.next(); due !== undefined && due <= end; due = clock.next()) {
        clock.runUntil(due);
        await keda.settled();
      }
      clock.runUntil(end);
    },
    async replicas(name) {
      return (await api.get(DEPLOYMENT, NS, name)).spec.replicas;
    },
    async condition(kind, name, type) {
      const resource = kind === 'ScaledObject' ? SCALED_OBJECT : SCALED_JOB;
      const { status } = await api.get(resource, NS, name);
      return status?.conditions?.find((entry: { type: string }) => entry.type === type);
    },
    async stop() {
      await keda.stop();
      api.close();
      await sandbox.stop();
    },
  };
}

export function deployment(name: string, replicas: number): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: NS },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: 'main', image: 'batch:1' }] },
      },
    },
  };
}

export function scaledObject(name: string, triggers: readonly object[], more: object = {}): KubeObject {
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name, namespace: NS },
    spec: { scaleTargetRef: { name }, minReplicaCount: 0, maxReplicaCount: 10, triggers, ...more },
  };
}

export function scaledJob(name: string, triggers: readonly object[], more: object = {}): KubeObject {
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledJob',
    metadata: { name, namespace: NS },
    spec: {
      jobTargetRef: {
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'batch:1' }] } },
      },
      maxReplicaCount: 3,
      triggers,
      ...more,
    },
  };
}
