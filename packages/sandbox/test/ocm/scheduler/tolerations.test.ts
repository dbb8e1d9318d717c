import { describe, expect, it } from 'vitest';
import {
  checkTolerations,
  toleratesCluster,
  tolerationEnds,
} from '../../../src/ocm/scheduler/tolerations.ts';
import type { Taint, Toleration } from '../../../src/ocm/types.ts';
import { cluster, NOW } from '../support/clusters.ts';

const taint = (effect: Taint['effect'], rest: Partial<Taint> = {}): Taint => ({
  key: 'gpu',
  value: 'yes',
  effect,
  timeAdded: '2026-03-01T00:00:00Z',
  ...rest,
});

function tolerated(
  taints: readonly Taint[],
  tolerations: readonly Toleration[] = [],
  decided = false,
  now = NOW,
): boolean {
  return toleratesCluster(cluster('c1', { taints }), tolerations, decided, now).tolerated;
}

describe('taints', () => {
  it('without a toleration: NoSelect keeps out, PreferNoSelect does not, NoSelectIfNew only newcomers', () => {
    expect(tolerated([])).toBe(true);
    expect(tolerated([taint('NoSelect')])).toBe(false);
    expect(tolerated([taint('NoSelect')], [], true)).toBe(false);
    expect(tolerated([taint('PreferNoSelect')])).toBe(true);
    expect(tolerated([taint('NoSelectIfNew')])).toBe(false);
    expect(tolerated([taint('NoSelectIfNew')], [], true)).toBe(true);
  });

  it('all have to be borne', () => {
    const both = [taint('NoSelect'), taint('NoSelect', { key: 'maintenance' })];
    expect(tolerated(both, [{ key: 'gpu', operator: 'Exists' }])).toBe(false);
    expect(tolerated(both, [{ operator: 'Exists' }])).toBe(true);
  });

  it.each<[string, Toleration, boolean]>([
    ['key and value', { key: 'gpu', operator: 'Equal', value: 'yes' }, true],
    ['an operator left out, which is Equal', { key: 'gpu', value: 'yes' }, true],
    ['another value', { key: 'gpu', operator: 'Equal', value: 'no' }, false],
    ['another key', { key: 'cpu', operator: 'Exists' }, false],
    ['the effect', { key: 'gpu', operator: 'Exists', effect: 'NoSelect' }, true],
    ['another effect', { key: 'gpu', operator: 'Exists', effect: 'NoSelectIfNew' }, false],
    ['an operator that does not exist', { key: 'gpu', operator: 'Like' }, false],
  ])('are borne by %s', (_name, toleration, expected) => {
    expect(tolerated([taint('NoSelect')], [toleration])).toBe(expected);
  });

  it('are borne for some seconds from when they were added', () => {
    const forMinute = [{ key: 'gpu', operator: 'Exists', tolerationSeconds: 60 }];
    expect(tolerated([taint('NoSelect')], forMinute, false, NOW + 59_999)).toBe(true);
    expect(tolerated([taint('NoSelect')], forMinute, false, NOW + 60_000)).toBe(false);
    expect(tolerated([taint('NoSelect', { timeAdded: null })], forMinute)).toBe(false);
  });
});

describe('tolerations', () => {
  it('that contradict themselves are refused', () => {
    expect(() => checkTolerations([{ operator: 'Equal', value: 'yes' }])).toThrow(
      'If the key is empty, operator must be Exists.',
    );
    expect(() => checkTolerations([{ key: 'gpu', operator: 'Exists', value: 'yes' }])).toThrow(
      'If the operator is Exists, the value should be empty.',
    );
    expect(() => checkTolerations([{ operator: 'Exists' }, { key: 'gpu', value: 'yes' }])).not.toThrow();
  });

  it('say when the first of the selected clusters falls out', () => {
    const selected = [
      cluster('c1', { taints: [taint('NoSelect', { timeAdded: '2026-02-28T23:59:50Z' })] }),
      cluster('c2', { taints: [taint('NoSelect')] }),
      cluster('c3'),
    ];
    const tolerations = [{ key: 'gpu', operator: 'Exists', tolerationSeconds: 30 }];
    expect(tolerationEnds(selected, tolerations, NOW)).toBe(NOW + 20_000);
    expect(tolerationEnds(selected, tolerations, NOW + 20_000)).toBe(NOW + 30_000);
    expect(tolerationEnds(selected, [{ operator: 'Exists' }], NOW)).toBeUndefined();
  });
});
