import { setTimeout as delay } from 'node:timers/promises';
import { isKubeError, type KubeObject } from '@windvane/controller/kube';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { startWebhook, type WebhookServer } from '../../src/admission/server.ts';
import { issue } from '../../src/certificates/issue.ts';
import {
  type Cluster,
  manifest,
  one,
  realCluster,
  startCluster,
  textOf,
  typeOf,
} from '../support/cluster.ts';

const ADDRESS = 'windvane-scaler.windvane-system.svc:6000';
const HOST = 'windvane-scaler-webhook.windvane-system.svc';
/** The example as its author wrote it. */
const TEXT = textOf('examples/scaler/training.yaml');
const EXAMPLE: KubeObject = parse(TEXT);
const NAME = { namespace: 'ai-training', name: 'carbon-aware-training-job' };
const MUTATED = {
  type: 'external',
  metadata: {
    metricType: 'carbonIntensity',
    targetValue: '150',
    location: 'us-east-1',
    forecastWindow: '1h',
    scalerAddress: ADDRESS,
    maxReplicas: '10',
    windvaneInjected: 'maxReplicas',
  },
};

type Way = 'policy' | 'webhook' | 'both';
type Kind = 'sandbox' | 'kube-apiserver';

const real = realCluster();
if (real === undefined) {
  process.stdout.write(
    'founding example: ran on the sandbox only (KUBEBUILDER_ASSETS names no etcd and kube-apiserver)\n',
  );
}
const PLACES: readonly [Kind, Way][] = [
  ...(['policy', 'webhook', 'both'] as const).map((way): [Kind, Way] => ['sandbox', way]),
  ...(real === undefined
    ? []
    : (['policy', 'webhook', 'both'] as const).map((way): [Kind, Way] => ['kube-apiserver', way])),
];

describe('the founding example', () => {
  it('is the one of the documentation', () => {
    expect(TEXT).toBe(`apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: {name: carbon-aware-training-job, namespace: ai-training}
spec:
  scaleTargetRef: {name: training-worker-deployment}
  minReplicaCount: 0
  maxReplicaCount: 10
  triggers:
  - type: carbon-aware
    metadata:
      metricType: carbonIntensity
      targetValue: "150"
      location: "us-east-1"
      forecastWindow: "1h"
`);
  });

  describe.each(PLACES)('on %s through admission by %s', (kind, way) => {
    const identity = issue([HOST, 'localhost'], Date.now(), 3_600_000);
    let cluster: Cluster;
    let webhook: WebhookServer;
    const listen = (port: number): Promise<WebhookServer> =>
      startWebhook({
        listen: { host: '127.0.0.1', port },
        identity,
        // Beside the policy it would be seen at once if it had anything to do.
        scalerAddress: way === 'both' ? 'the-webhook:6000' : ADDRESS,
        failed: (error) => {
          throw error;
        },
      });
    beforeAll(async () => {
      webhook = await listen(0);
      const services = { 'windvane-system/windvane-scaler-webhook:443': `127.0.0.1:${webhook.port}` };
      cluster = kind === 'sandbox' || real === undefined ? await startCluster({ services }) : await real();
      await cluster.namespace(NAME.namespace);
      if (way !== 'policy') {
        const url = `https://localhost:${webhook.port}/mutate`;
        await cluster.create(withAuthority(identity.ca, kind === 'sandbox' ? undefined : url));
        await inForce(way === 'both' ? 'the-webhook:6000' : ADDRESS);
      }
      if (way !== 'webhook') {
        // Servers learn of policies in this order: once the last is in force, all are.
        await cluster.create(...manifest('deploy/scaler/admission-policy/policy.yaml').toReversed());
        await inForce(ADDRESS);
      }
    });
    /**
     * A real server takes a moment to notice a policy or a webhook, and policies answer 503 until the schemas
     * of new definitions have come by.
     */
    async function inForce(address: string): Promise<void> {
      let last: unknown;
      for (let attempt = 0; attempt < 600; attempt += 1) {
        const probe = { ...EXAMPLE, metadata: { ...NAME, name: 'probe' } };
        try {
          const made = await cluster.user.apply(typeOf('ScaledObject'), probe, { dryRun: true });
          last = made.spec;
          if (Object(made.spec).triggers[0].metadata.scalerAddress === address) return;
        } catch (error) {
          if (!isKubeError(error, 'server')) throw error;
          last = error;
        }
        await delay(50);
      }
      throw new Error(`admission did not come into force: ${JSON.stringify(last)}`);
    }
    afterEach(async () => {
      for (const type of [typeOf('ScaledObject'), typeOf('ScaledJob')]) {
        for (const { metadata } of (await cluster.user.list(type)).items) {
          await cluster.user.delete(type, metadata);
        }
      }
    });
    afterAll(async () => {
      await cluster?.stop();
      await webhook?.stop();
    });
    /** Runs something while nobody answers for the webhook. */
    async function withoutWebhook<T>(work: () => Promise<T>): Promise<T> {
      await webhook.stop();
      try {
        return await work();
      } finally {
        webhook = await listen(webhook.port);
      }
    }
    const apply = (object: KubeObject) => cluster.user.apply(typeOf(object.kind ?? ''), object);

    it('reaches KEDA as an external trigger, every other key as it was', async () => {
      const made = await apply(EXAMPLE);
      expect(made.spec).toMatchObject({ triggers: [MUTATED], minReplicaCount: 0, maxReplicaCount: 10 });
      expect(made.metadata.generation).toBe(1);
      // The whole list belongs to its author, and nothing to us.
      expect(made.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['kubectl']);
    });

    it('stays as it is when it is applied again', async () => {
      const first = await apply(EXAMPLE);
      const second = await apply(EXAMPLE);
      expect(second.metadata.generation).toBe(1);
      expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    });

    it('follows a changed maximum, applied whole or set alone', async () => {
      await apply(EXAMPLE);
      const spec = { ...Object(EXAMPLE.spec), maxReplicaCount: 20 };
      const whole = await apply({ ...EXAMPLE, spec });
      expect(whole.spec).toMatchObject({ triggers: [{ metadata: { maxReplicas: '20' } }] });
      const alone = await cluster.user.mergePatch(typeOf('ScaledObject'), NAME, {
        spec: { maxReplicaCount: 30 },
      });
      expect(alone.spec).toMatchObject({
        maxReplicaCount: 30,
        triggers: [{ type: 'external', metadata: { maxReplicas: '30' } }],
      });
    });

    it('keeps a name, a maximum of its author and other triggers', async () => {
      const [trigger] = Object(EXAMPLE.spec).triggers;
      const triggers = [
        { type: 'cron', metadata: { start: '0 0 * * *' } },
        { ...trigger, name: 'carbon', metadata: { ...trigger.metadata, maxReplicas: '3' } },
      ];
      const made = await apply({ ...EXAMPLE, spec: { ...Object(EXAMPLE.spec), triggers } });
      expect(Object(made.spec).triggers).toEqual([
        triggers[0],
        { type: 'external', name: 'carbon', metadata: { ...triggers[1].metadata, scalerAddress: ADDRESS } },
      ]);
    });

    it('converts ScaledJobs as well', async () => {
      const { triggers } = Object(EXAMPLE.spec);
      const job = {
        apiVersion: 'keda.sh/v1alpha1',
        kind: 'ScaledJob',
        metadata: NAME,
        spec: { jobTargetRef: {}, triggers },
      };
      const made = await apply(job);
      expect(Object(made.spec).triggers[0].metadata).toMatchObject({
        maxReplicas: '100',
        scalerAddress: ADDRESS,
      });
    });

    it('never touches an object that is being deleted', async () => {
      const type = typeOf('ScaledObject');
      await apply(EXAMPLE);
      await cluster.user.mergePatch(type, NAME, { metadata: { finalizers: ['finalizer.keda.sh'] } });
      await cluster.user.delete(type, NAME);
      const asWritten = { spec: { triggers: Object(EXAMPLE.spec).triggers, maxReplicaCount: 5 } };
      const dying = await cluster.user.mergePatch(type, NAME, asWritten);
      expect(dying.spec).toMatchObject(asWritten.spec);
      await cluster.user.mergePatch(type, NAME, { metadata: { finalizers: [] } });
      await expect(cluster.user.get(type, NAME)).rejects.toThrow(/not found/);
    });

    it('leaves objects without such a trigger alone, without asking anybody', async () => {
      const triggers = [{ type: 'cron', metadata: {} }];
      const made = await withoutWebhook(() =>
        apply({ ...EXAMPLE, spec: { ...Object(EXAMPLE.spec), triggers } }),
      );
      expect(Object(made.spec).triggers).toEqual(triggers);
    });

    it('depends on the webhook alone, and for this type alone', () =>
      withoutWebhook(async () => {
        const attempt = await apply(EXAMPLE).then(
          (made): string => Object(made.spec).triggers[0].type,
          (error: unknown) => String(error),
        );
        const refused = /failed calling webhook "convert.scaler.windvane.dev"/;
        expect(attempt).toMatch(way === 'webhook' ? refused : /^external$/);
        const triggers = [
          { type: 'external', metadata: { windvaneInjected: 'maxReplicas', maxReplicas: '1' } },
        ];
        const other = {
          ...EXAMPLE,
          metadata: { ...NAME, name: 'other' },
          spec: { ...Object(EXAMPLE.spec), triggers },
        };
        const kept = await apply(other);
        expect(Object(kept.spec).triggers[0].metadata.maxReplicas).toBe(way === 'webhook' ? '1' : '10');
      }));
  });

  it('stays as written without admission', async () => {
    const cluster = await startCluster();
    await cluster.namespace('ai-training');
    const made = await cluster.user.apply(typeOf('ScaledObject'), EXAMPLE);
    expect(made.spec).toEqual(EXAMPLE.spec);
    await cluster.stop();
  });
});

/** The configuration of the manifest, as the scaler completes it. */
function withAuthority(ca: string, url: string | undefined): KubeObject {
  const configuration = one(manifest('deploy/scaler/admission-webhook/webhook.yaml'));
  const caBundle = Buffer.from(ca).toString('base64');
  const webhooks = Object(configuration).webhooks.map((webhook: { clientConfig: object }) => ({
    ...webhook,
    clientConfig: { ...(url === undefined ? webhook.clientConfig : { url }), caBundle },
  }));
  return { ...configuration, webhooks };
}
