import type { KubeObject, ResourceType } from '@windvane/controller/kube';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createHealer, NotConverted } from '../../src/admission/heal.ts';
import { type Cluster, manifest, one, startCluster, typeOf } from '../support/cluster.ts';

const ADDRESS = 'windvane-scaler.windvane-system.svc:6000';
const TYPE = typeOf('ScaledObject');
const NAME = { namespace: 'ai-training', name: 'carbon-aware-training-job' };

describe('healing', () => {
  let cluster: Cluster;
  let told: { readonly reason: string; readonly text: string }[];
  let heal: (type: ResourceType, object: KubeObject) => Promise<unknown>;
  beforeEach(async () => {
    cluster = await startCluster();
    await cluster.namespace('ai-training');
    told = [];
    heal = createHealer({
      api: cluster.api,
      scalerAddress: ADDRESS,
      tell: async (_type, _object, note) => void told.push(note),
    });
    await cluster.user.apply(TYPE, one(manifest('examples/scaler/training.yaml')));
  });
  afterEach(() => cluster.stop());
  const get = () => cluster.user.get(TYPE, NAME);

  it('sends what came in before admission through it, and owns nothing afterwards', async () => {
    await cluster.create(...manifest('deploy/scaler/admission-policy/policy.yaml'));
    expect(Object((await get()).spec).triggers[0].type).toBe('carbon-aware');
    await heal(TYPE, await get());
    const healed = await get();
    expect(Object(healed.spec).triggers[0]).toMatchObject({
      type: 'external',
      metadata: { maxReplicas: '10' },
    });
    expect(healed.metadata.managedFields?.map(({ manager }) => manager)).toEqual(['kubectl']);
    expect(told).toEqual([]);
    // The author's next apply meets no conflict, and changes nothing.
    const again = await cluster.user.apply(TYPE, one(manifest('examples/scaler/training.yaml')));
    expect(again.metadata.resourceVersion).toBe(healed.metadata.resourceVersion);
    await heal(TYPE, again);
    expect((await get()).metadata.resourceVersion).toBe(healed.metadata.resourceVersion);
  });

  it('says what is missing where there is no admission', async () => {
    await expect(heal(TYPE, await get())).rejects.toThrow(NotConverted);
    expect(told).toEqual([
      {
        reason: 'NotConverted',
        text: expect.stringMatching(/neither the MutatingAdmissionPolicy nor the webhook/),
      },
    ]);
    expect(Object((await get()).spec).triggers[0].type).toBe('carbon-aware');
  });

  it('renews a stale maximum', async () => {
    await cluster.user.mergePatch(TYPE, NAME, {
      spec: {
        triggers: [
          {
            type: 'external',
            metadata: {
              scalerAddress: ADDRESS,
              targetValue: '1',
              windvaneInjected: 'maxReplicas',
              maxReplicas: '3',
            },
          },
        ],
      },
    });
    await cluster.create(...manifest('deploy/scaler/admission-policy/policy.yaml'));
    await heal(TYPE, await get());
    expect(Object((await get()).spec).triggers[0].metadata.maxReplicas).toBe('10');
  });

  it('tells an author of mistakes, once per wording', async () => {
    await cluster.create(...manifest('deploy/scaler/admission-policy/policy.yaml'));
    const write = (targetValue: string) =>
      cluster.user.mergePatch(TYPE, NAME, {
        spec: { triggers: [{ type: 'carbon-aware', metadata: { targetValue, location: 'de' } }] },
      });
    await write('abc');
    await heal(TYPE, await get());
    await heal(TYPE, await get());
    expect(told).toEqual([
      {
        reason: 'BadTrigger',
        text: 'spec.triggers[0].metadata: targetValue must be a number of grams per kWh above 0, for example "150", got "abc"',
      },
    ]);
    await write('150');
    await heal(TYPE, await get());
    expect(told).toHaveLength(1);
    await write('abc');
    await heal(TYPE, await get());
    expect(told).toHaveLength(2);
  });

  it('leaves objects under deletion and those that are gone alone', async () => {
    const before = await get();
    await heal(TYPE, {
      ...before,
      metadata: { ...before.metadata, deletionTimestamp: '2022-05-10T12:00:00Z' },
    });
    await cluster.user.delete(TYPE, NAME);
    await heal(TYPE, before);
    expect(told).toEqual([]);
  });
});
