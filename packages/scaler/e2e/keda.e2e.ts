import { setTimeout as delay } from 'node:timers/promises';
import { createLocationResolver, systemClock } from '@windvane/carbon-map';
import { connectKube, type KubeApi, type KubeObject } from '@windvane/controller/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Scaler, startScaler } from '../src/app/scaler.ts';
import { manifest, one, typeOf } from '../test/support/cluster.ts';
import { outlook } from '../test/support/outlooks.ts';

/*
 * The founding example on a live KEDA (2.17 or later, Kubernetes 1.36 or later for the policy).
 *
 *   WINDVANE_E2E_KEDA_KUBECONFIG   kubeconfig of the cluster
 *   WINDVANE_E2E_KEDA_ADDRESS      host:port under which KEDA reaches this machine (the suite listens there); without it
 *                                  only what admission and KEDA's conditions say is looked at
 *   WINDVANE_E2E_KEDA_LISTEN       address to listen on (127.0.0.1)
 */
const path = process.env['WINDVANE_E2E_KEDA_KUBECONFIG'] ?? '';
const address = process.env['WINDVANE_E2E_KEDA_ADDRESS'] ?? '';
const host = process.env['WINDVANE_E2E_KEDA_LISTEN'] ?? '127.0.0.1';

const NAMESPACE = `windvane-e2e-${process.pid}`;
const NAME = { namespace: NAMESPACE, name: 'carbon-aware-training-job' };
const TARGET = { namespace: NAMESPACE, name: 'training-worker-deployment' };

describe.skipIf(path === '')(
  `the founding example on a live KEDA${path === '' ? ' (skipped: WINDVANE_E2E_KEDA_KUBECONFIG names no kubeconfig)' : ''}`,
  () => {
    let user: KubeApi;
    let grams = 400;
    let scaler: Scaler | null = null;
    beforeAll(async () => {
      user = connectKube({ path, manager: 'kubectl' });
      await user.create(typeOf('Namespace'), { metadata: { name: NAMESPACE } });
      await user.create(typeOf('Deployment'), workload());
      if (address === '') return;
      scaler = await startScaler({
        clock: systemClock,
        resolver: createLocationResolver(),
        location: null,
        own: () => ({
          outlooks: () => {
            const hour = Math.floor(Date.now() / 3_600_000) * 3_600_000;
            const known = { zone: 'US-MIDA-PJM', at: hour, present: grams };
            return new Map([['US-MIDA-PJM', outlook({ ...known, ahead: Array<number>(24).fill(grams) })]]);
          },
          refresh: async () => {},
          start: () => {},
          stop: async () => {},
        }),
        hub: null,
        kube: null,
        listen: { host, port: Number(address.split(':')[1]) },
        metricsListen: { host: '127.0.0.1', port: 0 },
        credentials: null,
        log: { info() {}, warn() {}, error() {} },
      });
    });
    afterAll(async () => {
      await user.delete(typeOf('Namespace'), { name: NAMESPACE });
      for (const { kind = '', metadata } of policies()) {
        await user.delete(typeOf(kind), { name: metadata.name }).catch(() => undefined);
      }
      await scaler?.stop();
    });

    const example = (): KubeObject => {
      const object = one(manifest('examples/scaler/training.yaml'));
      return { ...object, metadata: { ...object.metadata, namespace: NAMESPACE } };
    };
    /** The policy of the manifests, for this namespace alone, with the address of this suite. */
    function policies(): KubeObject[] {
      const text = JSON.stringify(manifest('deploy/scaler/admission-policy/policy.yaml'))
        .replaceAll('windvane-scaler.windvane-system.svc:6000', address === '' ? '127.0.0.1:1' : address)
        .replaceAll('windvane-scaler-', `windvane-e2e-${process.pid}-`);
      const made: KubeObject[] = JSON.parse(text);
      return made.map((object) => {
        if (object.kind !== 'MutatingAdmissionPolicy') return object;
        const spec = Object(object.spec);
        const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': NAMESPACE } };
        return {
          ...object,
          spec: { ...spec, matchConstraints: { ...spec.matchConstraints, namespaceSelector } },
        };
      });
    }
    async function until(what: string, seconds: number, done: () => Promise<boolean>): Promise<void> {
      for (let left = seconds; left > 0; left -= 1) {
        if (await done()) return;
        await delay(1000);
      }
      throw new Error(`${what} did not happen within ${seconds} s`);
    }
    const condition = async (): Promise<{ status: string; message: string } | undefined> => {
      const { conditions = [] } = Object((await user.get(typeOf('ScaledObject'), NAME)).status);
      return conditions.find(({ type }: { type: string }) => type === 'Ready');
    };
    const replicas = async (): Promise<number> =>
      Object((await user.get(typeOf('Deployment'), TARGET)).spec).replicas;

    it('is refused by KEDA itself without admission, in the documented words', async () => {
      await user.apply(typeOf('ScaledObject'), example());
      await until('the condition', 60, async () => (await condition())?.status === 'False');
      expect((await condition())?.message).toContain('no scaler found for type: carbon-aware');
      await user.delete(typeOf('ScaledObject'), NAME);
      await until('the deletion', 60, async () =>
        user.get(typeOf('ScaledObject'), NAME).then(
          () => false,
          () => true,
        ),
      );
    });

    it('is converted by the policy, and stays as it is when it is applied again', async () => {
      for (const object of policies()) await user.create(typeOf(object.kind ?? ''), object);
      await until('the policy', 30, async () => {
        const made = await user.apply(typeOf('ScaledObject'), example(), { dryRun: true });
        return Object(made.spec).triggers[0].type === 'external';
      });
      await user.apply(typeOf('ScaledObject'), example());
      const again = await user.apply(typeOf('ScaledObject'), example());
      expect(again.metadata.generation).toBe(1);
      expect(Object(again.spec).triggers[0].metadata).toMatchObject({
        targetValue: '150',
        maxReplicas: '10',
      });
    });

    it.skipIf(address === '')(
      'is held at 0 while the grid is dirty, and goes to 10 when it is clean',
      async () => {
        await until('Ready', 180, async () => (await condition())?.status === 'True');
        await delay(35_000);
        expect(await replicas()).toBe(0);
        grams = 100;
        await until('ten replicas', 150, async () => (await replicas()) === 10);
      },
      // KEDA tries an address that did not answer again after up to two minutes.
      400_000,
    );
  },
);

function workload(): KubeObject {
  const labels = { app: TARGET.name };
  const containers = [{ name: 'main', image: 'registry.k8s.io/pause:3.10' }];
  return {
    metadata: TARGET,
    spec: {
      replicas: 0,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers } },
    },
  };
}
