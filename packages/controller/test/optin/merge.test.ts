import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MergedOptIn, mergeOptIn } from '../../src/optin/merge.ts';
import { defaultOptions } from '../../src/optin/options.ts';
import { type OptInSource, parseOptIn } from '../../src/optin/parse.ts';

type Written = Record<string, string>;
const source = (role: OptInSource['role'], label: string, written: Written): OptInSource =>
  parseOptIn(role, label, written, null);

function merge(parts: {
  policy?: Written;
  workloads?: readonly Written[];
  namespace?: Written;
  hub?: Written;
}): MergedOptIn {
  const namespace =
    parts.namespace === undefined ? null : source('namespace', 'Namespace apps', parts.namespace);
  return mergeOptIn({
    policy: parts.policy === undefined ? null : source('policy', 'PropagationPolicy apps/p', parts.policy),
    workloads: (parts.workloads ?? [{}]).map((written, index) => ({
      own: source('workload', `Deployment apps/w${index}`, written),
      namespace,
    })),
    hub: parts.hub === undefined ? null : source('hub', "the hub's configuration", parts.hub),
  });
}

const FOLLOW = { placement: 'follow-the-wind' };

describe('mergeOptIn', () => {
  it('has the documented defaults', () => {
    const { options, problems } = merge({ workloads: [FOLLOW] });
    expect(problems).toEqual([]);
    expect(options).toEqual({ ...defaultOptions, placement: 'follow-the-wind' });
  });

  it.each(['off', 'observe'])('lets %s win from anywhere', (word) => {
    for (const place of ['policy', 'namespace', 'hub'] as const) {
      const merged = merge({ workloads: [FOLLOW, FOLLOW], [place]: { placement: word } });
      expect(merged.options.placement).toBe(word);
    }
    expect(merge({ policy: FOLLOW, workloads: [{}, { placement: word }] }).options.placement).toBe(word);
  });

  it('lets off win over observe, and realtime over flexible', () => {
    expect(
      merge({ policy: { placement: 'observe' }, workloads: [{ placement: 'off' }] }).options.placement,
    ).toBe('off');
    const merged = merge({
      policy: { 'latency-class': 'flexible' },
      workloads: [{ 'latency-class': 'realtime' }],
    });
    expect(merged.options.latencyClass).toBe('realtime');
    expect(merged.problems).toEqual([]);
  });

  it.each([
    ['max-share', '50', '40', '60'],
    ['min-replicas', '2', '3', '1'],
    ['max-step', '20', '10', '30'],
    ['max-surge', '20', '10', '30'],
    ['min-gain', '5', '8', '2'],
    ['move-cost', '10m', '20m', '5m'],
    ['cooldown', '2h', '3h', '1h'],
    ['max-moves-per-day', '4', '2', '6'],
  ])('lets a workload narrow %s of its policy, and not widen it', (key, ofPolicy, narrower, wider) => {
    const narrowed = merge({ policy: { [key]: ofPolicy }, workloads: [{ [key]: narrower }] });
    expect(narrowed.problems).toEqual([]);
    expect(narrowed.options).toEqual(merge({ workloads: [{ [key]: narrower }] }).options);
    const widened = merge({ policy: { [key]: ofPolicy }, workloads: [{ [key]: wider }] });
    expect(widened.problems).toMatchObject([{ reason: 'Contradiction' }]);
    expect(widened.problems[0]?.message).toContain(`windvane.dev/${key}`);
    expect(widened.problems[0]?.message).toContain('Deployment apps/w0');
  });

  it('takes the narrowest of several workloads', () => {
    const { options, problems } = merge({ workloads: [{ 'max-share': '80' }, { 'max-share': '40' }, {}] });
    expect(options.maxShare).toBe(0.4);
    expect(problems).toEqual([]);
  });

  it('needs one objective and one answer to stale data', () => {
    for (const [key, a, b] of [
      ['objective', 'carbon', 'cost'],
      ['on-stale-data', 'keep', 'baseline'],
    ] as const) {
      expect(merge({ workloads: [{ [key]: a }, { [key]: b }] }).problems).toMatchObject([
        { reason: 'Contradiction' },
      ]);
    }
  });

  it('lets one `adopt: never` decide', () => {
    expect(merge({ policy: { adopt: 'allowed' }, workloads: [{ adopt: 'never' }] }).options.adopt).toBe(
      'never',
    );
  });

  it('keeps the lists of policy and workload apart: a cluster must be inside both', () => {
    const { options } = merge({ policy: { locations: 'EU' }, workloads: [{ locations: 'DE,US-CAL-CISO' }] });
    expect(options.locations).toEqual([['EU'], ['DE', 'US-CAL-CISO']]);
  });

  it('fills in from the Namespace, then from the hub, only what nobody says', () => {
    const parts = {
      namespace: { cooldown: '2h', 'max-share': '70' },
      hub: { cooldown: '5h', 'min-gain': '9' },
    };
    const merged = merge({ workloads: [{ 'max-share': '90' }], ...parts });
    expect(merged.problems).toEqual([]);
    expect(merged.options).toMatchObject({ cooldown: 7_200_000, maxShare: 0.9, minGain: 0.09 });
    // What the policy says leaves no room for a default.
    expect(merge({ policy: { 'max-share': '90' }, ...parts }).options.maxShare).toBe(0.9);
  });

  it('tells the problems of every object once', () => {
    const merged = merge({ workloads: [FOLLOW, FOLLOW], namespace: { cooldwn: '1h' } });
    expect(merged.problems).toHaveLength(1);
  });

  it('does not depend on the order of workloads', () => {
    const key = fc.constantFrom('max-share', 'min-replicas', 'cooldown');
    const written = fc.dictionary(key, fc.integer({ min: 1, max: 100 }).map(String));
    fc.assert(
      fc.property(fc.array(written, { minLength: 1, maxLength: 4 }), (workloads) => {
        const forwards = merge({ workloads }).options;
        const backwards = merge({ workloads: workloads.toReversed() }).options;
        expect(forwards).toEqual(backwards);
      }),
    );
  });
});
