import type { KubeApi, KubeObject } from '@windvane/controller/kube';
import { startSandbox } from '@windvane/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { uninstall, uninstallText } from '../../src/cli/uninstall.ts';
import { type Cluster, connectCluster, manifest, startCluster, typeOf } from '../support/cluster.ts';

const ADDRESS = 'windvane-scaler.windvane-system.svc:6000';
const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'x' }] } };

function deployment(namespace: string, name: string, replicas: number): KubeObject {
  const labels = { app: name };
  const pods = { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'x' }] } };
  return {
    kind: 'Deployment',
    metadata: { namespace, name },
    spec: { replicas, selector: { matchLabels: labels }, template: pods },
  };
}
function job(name: string, labels: Record<string, string>): KubeObject {
  const annotations = { 'windvane.dev/start-by': '12h' };
  return {
    kind: 'Job',
    metadata: { namespace: 'ai-training', name, labels, annotations },
    spec: { suspend: true, template },
  };
}

describe('windvane-scaler uninstall', () => {
  let cluster: Cluster;
  beforeEach(async () => {
    cluster = await startCluster();
    for (const name of ['ai-training', 'windvane-system']) await cluster.namespace(name);
    await cluster.create(
      ...manifest('deploy/scaler/admission-policy/policy.yaml'),
      ...manifest('deploy/scaler/admission-webhook/webhook.yaml'),
      deployment('windvane-system', 'windvane-scaler', 2),
      deployment('ai-training', 'training-worker-deployment', 0),
      deployment('ai-training', 'other', 0),
      job('waiting', { 'windvane.dev/gate': 'true' }),
      job('foreign', {}),
    );
    // The webhook is not there: the policy converts, and the webhook is not asked.
    await cluster.create(...manifest('examples/scaler/training.yaml'));
  });
  afterEach(() => cluster.stop());
  const get = (kind: string, name: string, namespace = 'ai-training') =>
    cluster.user.get(typeOf(kind), kind.startsWith('Mutating') ? { name } : { namespace, name });
  const run = (release: boolean) =>
    uninstall({ api: cluster.api, namespace: 'windvane-system', scalerAddress: ADDRESS, release });

  it('lists what would stay at zero, and touches nothing', async () => {
    const report = await run(false);
    expect(report.held.map(({ kind, name, released }) => [kind, name, released])).toEqual([
      ['Deployment', 'training-worker-deployment', false],
      ['Job', 'waiting', false],
    ]);
    expect(report.triggers).toEqual(['ScaledObject ai-training/carbon-aware-training-job']);
    expect(uninstallText(report)).toMatch(
      /at 0 replicas.*\n.*suspended.*\n--release.*\nStill asking.*\nThen: kubectl delete/,
    );
    expect(Object((await get('Deployment', 'training-worker-deployment')).spec).replicas).toBe(0);
    expect(Object((await get('Deployment', 'windvane-scaler', 'windvane-system')).spec).replicas).toBe(2);
  });

  it('lets it go, after it has stopped the scaler and taken admission away', async () => {
    const report = await run(true);
    expect(report.held.every(({ released }) => released)).toBe(true);
    expect(Object((await get('Deployment', 'windvane-scaler', 'windvane-system')).spec).replicas).toBe(0);
    expect(Object((await get('Deployment', 'training-worker-deployment')).spec).replicas).toBe(1);
    expect(Object((await get('Deployment', 'other')).spec).replicas).toBe(0);
    expect(Object((await get('Job', 'waiting')).spec).suspend).toBe(false);
    expect(Object((await get('Job', 'foreign')).spec).suspend).toBe(true);
    await expect(get('MutatingWebhookConfiguration', 'windvane-scaler')).rejects.toThrow(/not found/);
    await expect(get('MutatingAdmissionPolicyBinding', 'windvane-scaler-convert')).rejects.toThrow(
      /not found/,
    );
    // Once more changes nothing.
    expect((await run(true)).held).toEqual([]);
  });

  it('reads a Job again that changes meanwhile, and does not miss one that goes', async () => {
    await cluster.create(job('going', { 'windvane.dev/gate': 'true' }));
    const jobs = typeOf('Job');
    const place = (name: string) => ({ namespace: 'ai-training', name });
    const api: KubeApi = {
      ...cluster.api,
      async list(type, options) {
        const listed = await cluster.api.list(type, options);
        if (type.kind !== 'Job') return listed;
        await cluster.user.mergePatch(jobs, place('waiting'), {
          metadata: { labels: { seen: 'meanwhile' } },
        });
        await cluster.user.delete(jobs, place('going'));
        return listed;
      },
    };
    const { held } = await uninstall({
      api,
      namespace: 'windvane-system',
      scalerAddress: ADDRESS,
      release: true,
    });
    expect(held.filter(({ kind }) => kind === 'Job').map(({ name }) => name)).toEqual(['waiting']);
    const { metadata, spec } = await get('Job', 'waiting');
    expect([metadata.labels?.['seen'], Object(spec).suspend]).toEqual(['meanwhile', false]);
  });

  it('has nothing to say where there is no KEDA and no Job', async () => {
    const bare = connectCluster(await startSandbox());
    const report = await uninstall({
      api: bare.api,
      namespace: 'windvane-system',
      scalerAddress: ADDRESS,
      release: true,
    });
    expect(report).toEqual({ held: [], triggers: [] });
    await bare.stop();
  });
});
