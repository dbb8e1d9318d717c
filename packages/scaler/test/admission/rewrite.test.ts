import { describe, expect, it } from 'vitest';
import { advise } from '../../src/admission/advice.ts';
import { rewrite } from '../../src/admission/rewrite.ts';
import { scaledSpec } from '../../src/admission/scaled.ts';

const ADDRESS = 'windvane-scaler.windvane-system.svc:6000';
const carbon = (metadata: object = {}) => ({
  type: 'carbon-aware',
  metadata: { targetValue: '150', location: 'de', ...metadata },
});
const spec = (triggers: readonly object[], more: object = {}) =>
  scaledSpec({ spec: { maxReplicaCount: 10, triggers, ...more } })!;

describe('what admission does to triggers', () => {
  it('converts a trigger of our type and leaves the others alone', () => {
    expect(rewrite(spec([{ type: 'cron', metadata: {} }, carbon()]), ADDRESS)).toEqual([
      { op: 'replace', path: '/spec/triggers/1/type', value: 'external' },
      { op: 'add', path: '/spec/triggers/1/metadata/scalerAddress', value: ADDRESS },
      { op: 'add', path: '/spec/triggers/1/metadata/maxReplicas', value: '10' },
      { op: 'add', path: '/spec/triggers/1/metadata/windvaneInjected', value: 'maxReplicas' },
    ]);
  });

  it("takes KEDA's own maximum where none is written", () => {
    const { triggers } = spec([carbon()]);
    expect(rewrite({ triggers }, ADDRESS)).toContainEqual({
      op: 'add',
      path: '/spec/triggers/0/metadata/maxReplicas',
      value: '100',
    });
  });

  it('keeps what the user wrote', () => {
    const written = carbon({ scalerAddress: 'elsewhere:1', maxReplicas: '3' });
    expect(rewrite(spec([written]), ADDRESS)).toEqual([
      { op: 'replace', path: '/spec/triggers/0/type', value: 'external' },
    ]);
  });

  const external = (metadata: object) => ({
    type: 'external',
    metadata: { scalerAddress: ADDRESS, ...metadata },
  });
  it('renews a maximum that it put in, and no other', () => {
    const injected = { windvaneInjected: 'maxReplicas' };
    expect(rewrite(spec([external({ ...injected, maxReplicas: '4' })]), ADDRESS)).toEqual([
      { op: 'replace', path: '/spec/triggers/0/metadata/maxReplicas', value: '10' },
    ]);
    expect(rewrite(spec([external(injected)]), ADDRESS)).toEqual([
      { op: 'add', path: '/spec/triggers/0/metadata/maxReplicas', value: '10' },
    ]);
    expect(rewrite(spec([external({ ...injected, maxReplicas: '10' })]), ADDRESS)).toEqual([]);
    expect(rewrite(spec([external({ maxReplicas: '4' })]), ADDRESS)).toEqual([]);
    expect(rewrite(spec([{ type: 'cron', metadata: { ...injected, maxReplicas: '4' } }]), ADDRESS)).toEqual(
      [],
    );
  });

  it('renews the maximum of a copy of what it had made', () => {
    const copied = carbon({ windvaneInjected: 'maxReplicas', maxReplicas: '4', scalerAddress: ADDRESS });
    expect(rewrite(spec([copied]), ADDRESS)).toEqual([
      { op: 'replace', path: '/spec/triggers/0/type', value: 'external' },
      { op: 'replace', path: '/spec/triggers/0/metadata/maxReplicas', value: '10' },
    ]);
  });

  it('has no opinion of what KEDA refuses anyway', () => {
    expect(
      scaledSpec({ spec: { triggers: [{ type: 'carbon-aware', metadata: { targetValue: 150 } }] } }),
    ).toBeNull();
    expect(scaledSpec({})).toBeNull();
  });
});

describe('advice', () => {
  const texts = (kind: string, triggers: readonly object[], more: object = {}) =>
    advise(kind, spec(triggers, more), ADDRESS).map(({ text }) => text);

  it('names the field and the remedy of a mistake', () => {
    expect(texts('ScaledObject', [carbon({ targetValue: 'abc' })])).toEqual([
      'spec.triggers[0].metadata: targetValue must be a number of grams per kWh above 0, for example "150", got "abc"',
    ]);
    expect(texts('ScaledObject', [carbon()])).toEqual([]);
    // Triggers of others are not ours to judge.
    expect(
      texts('ScaledObject', [
        { type: 'external', metadata: { scalerAddress: 'other:1', targetValue: 'abc' } },
      ]),
    ).toEqual([]);
  });

  it('knows the Service by all of its names', () => {
    for (const domain of ['', '.svc', '.svc.cluster.local', '.svc.cluster.local.']) {
      const scalerAddress = `windvane-scaler.windvane-system${domain}:6000`;
      expect(texts('ScaledObject', [{ type: 'external', metadata: { scalerAddress } }])).toHaveLength(1);
    }
    const metadata = { scalerAddress: 'windvane-scaler.other.svc:6000' };
    expect(texts('ScaledObject', [{ type: 'external', metadata }])).toEqual([]);
  });

  it('does not judge what only KEDA can read from an environment', () => {
    const metadata = { targetValueFromEnv: 'TARGET', location: 'de' };
    expect(texts('ScaledObject', [{ type: 'carbon-aware', metadata }])).toEqual([]);
  });

  it('warns of a trigger that holds nothing back', () => {
    const beside = [carbon(), { type: 'rabbitmq', metadata: {} }];
    expect(texts('ScaledObject', beside)[0]).toMatch(/KEDA takes the larger.*scalingModifiers\.formula/);
    expect(texts('ScaledJob', beside)[0]).toMatch(/Job gate/);
    expect(texts('ScaledObject', beside, { advanced: { scalingModifiers: { formula: 'carbon' } } })).toEqual(
      [],
    );
  });
});
