import { setTimeout as delay } from 'node:timers/promises';
import type { KubeObject } from '@windvane/controller/kube';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
    let cluster: Cluster;
    let webhook: WebhookServer;
    beforeEach(async () => {
      const identity = issue([HOST, 'localhost'], Date.now(), 3_600_000);
      webhook = await startWebhook({
        listen: { host: '127.0.0.1', port: 0 },
        identity,
        scalerAddress: ADDRESS,
        failed: (error) => {
          throw error;
        },
      });
      const services = { 'windvane-system/windvane-scaler-webhook:443': `127.0.0.1:${webhook.port}` };
      cluster = kind === 'sandbox' || real === undefined ? await startCluster({ services }) : await real();
      await cluster.namespace('ai-training');
      if (way !== 'webhook') await cluster.create(...manifest('deploy/scaler/admission-policy/policy.yaml'));
      const url = `https://localhost:${webhook.port}/mutate`;
      if (way !== 'policy')
        await cluster.create(withAuthority(identity.ca, kind === 'sandbox' ? undefined : url));
      await inForce();
    }, 120_000);
    /** A real server takes about a second to notice a policy or a webhook. */
    async function inForce(): Promise<void> {
      for (let attempt = 0; attempt < 100; attempt += 1) {
        const probe = { ...EXAMPLE, metadata: { ...NAME, name: 'probe' } };
        const made = await cluster.user.apply(typeOf('ScaledObject'), probe, { dryRun: true });
        if (Object(made.spec).triggers[0].type === 'external') return;
        await delay(100);
      }
      throw new Error('admission did not come into force');
    }
    afterEach(async () => {
      await cluster.stop();
      await webhook.stop();
    });
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
      await webhook.stop();
      const triggers = [{ type: 'cron', metadata: {} }];
      const made = await apply({ ...EXAMPLE, spec: { ...Object(EXAMPLE.spec), triggers } });
      expect(Object(made.spec).triggers).toEqual(triggers);
    });

    it('depends on the webhook alone, and for this type alone', async () => {
      await webhook.stop();
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
    });
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
