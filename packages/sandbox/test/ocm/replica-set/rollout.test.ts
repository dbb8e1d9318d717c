import { describe, expect, it } from 'vitest';
import {
  type ClusterRollout,
  type Rollout,
  type RolloutGroup,
  rollOut,
} from '../../../src/ocm/replica-set/rollout.ts';
import type { RolloutStrategy } from '../../../src/ocm/types.ts';
import { NOW } from '../support/clusters.ts';

const MINUTE = 60_000;

const group = (index: number, name: string, ...clusters: readonly string[]): RolloutGroup => ({
  index,
  name,
  clusters,
});
const at = (cluster: string, state: ClusterRollout['state'], agoMinutes = 0): ClusterRollout => ({
  cluster,
  state,
  since: NOW - agoMinutes * MINUTE,
});

function rolled(
  strategy: RolloutStrategy,
  existing: readonly ClusterRollout[] = [],
  groups: readonly RolloutGroup[] = [group(0, '', 'c1', 'c2', 'c3', 'c4')],
): Rollout {
  return rollOut({ strategy, groups, existing, now: NOW });
}

describe('All', () => {
  it('applies to all at once that have not got it', () => {
    expect(rolled({})).toEqual({ toApply: ['c1', 'c2', 'c3', 'c4'], removed: [] });
    expect(rolled({ type: 'All' }, [at('c2', 'Succeeded'), at('c3', 'Failed')]).toApply).toEqual([
      'c1',
      'c4',
    ]);
  });

  it('looks again when the deadline of one in progress is over', () => {
    const strategy: RolloutStrategy = { type: 'All', all: { progressDeadline: '10m' } };
    const { recheckAt } = rolled(strategy, [at('c1', 'Progressing', 4), at('c2', 'Progressing', 11)]);
    expect(recheckAt).toBe(NOW + 6 * MINUTE);
  });
});

describe('removal', () => {
  it.each(['All', 'Progressive', 'ProgressivePerGroup'] as const)('is immediate under %s', (type) => {
    const strategy: RolloutStrategy = { type, progressive: { maxConcurrency: 1 } };
    const { removed } = rolled(strategy, [
      at('old', 'Succeeded'),
      at('c1', 'ToApply'),
      at('older', 'ToApply'),
    ]);
    expect(removed).toEqual(['old', 'older']);
  });
});

describe('Progressive', () => {
  const one: RolloutStrategy = { type: 'Progressive', progressive: { maxConcurrency: 1 } };

  it('goes on when the one before has succeeded', () => {
    expect(rolled(one).toApply).toEqual(['c1']);
    expect(rolled(one, [at('c1', 'Progressing')]).toApply).toEqual([]);
    expect(rolled(one, [at('c1', 'Succeeded')]).toApply).toEqual(['c2']);
  });

  it('stands still at a work that never says whether it progresses', () => {
    // No condition rule, no Progressing: the work is to be applied for ever, and nobody else comes to his turn.
    expect(rolled(one, [at('c1', 'ToApply')]).toApply).toEqual(['c1']);
  });

  it('takes a share of the clusters, rounded up; out of range means all', () => {
    const share = (maxConcurrency: string | number): number =>
      rolled({ type: 'Progressive', progressive: { maxConcurrency } }).toApply.length;
    expect([share('30%'), share('50%'), share(3), share(0), share(9)]).toEqual([2, 2, 3, 4, 4]);
  });

  it('waits out the soak time', () => {
    const soaking: RolloutStrategy = {
      type: 'Progressive',
      progressive: { maxConcurrency: 1, minSuccessTime: '1h30m' },
    };
    const early = rolled(soaking, [at('c1', 'Succeeded', 60)]);
    expect(early).toEqual({ toApply: [], removed: [], recheckAt: NOW + 30 * MINUTE });
    expect(rolled(soaking, [at('c1', 'Succeeded', 90)]).toApply).toEqual(['c2']);
  });

  it('stops at more failures than it bears', () => {
    const strategy = (maxFailures: number | string): RolloutStrategy => ({
      type: 'Progressive',
      progressive: { maxConcurrency: 2, maxFailures, progressDeadline: '1m' },
    });
    // Out of its time a failed one no longer counts as under way.
    const failed = [at('c1', 'Failed', 5)];
    expect(rolled(strategy(0), failed).toApply).toEqual([]);
    expect(rolled(strategy(1), failed).toApply).toEqual(['c2', 'c3']);
    expect(rolled(strategy('25%'), failed).toApply).toEqual(['c2', 'c3']);
  });

  it('does mandatory groups first, by name or by index', () => {
    const groups = [group(0, '', 'c1', 'c2'), group(1, 'canary', 'c3'), group(2, '', 'c4')];
    const strategy = (
      ...mandatoryDecisionGroups: { groupName?: string; groupIndex?: number }[]
    ): RolloutStrategy => ({
      type: 'Progressive',
      progressive: { maxConcurrency: 1, mandatoryDecisionGroups },
    });
    expect(rolled(strategy({ groupName: 'canary' }), [], groups).toApply).toEqual(['c3']);
    expect(rolled(strategy({ groupName: 'canary' }), [at('c3', 'Progressing')], groups).toApply).toEqual([]);
    expect(rolled(strategy({ groupName: 'canary' }), [at('c3', 'Succeeded')], groups).toApply).toEqual([
      'c1',
    ]);
    expect(rolled(strategy({ groupIndex: 2 }), [], groups).toApply).toEqual(['c4']);
  });
});

describe('ProgressivePerGroup', () => {
  const groups = [group(0, '', 'c1', 'c2'), group(1, '', 'c3', 'c4')];
  const strategy: RolloutStrategy = { type: 'ProgressivePerGroup', progressivePerGroup: {} };

  it('does a group at a time', () => {
    expect(rolled(strategy, [], groups).toApply).toEqual(['c1', 'c2']);
    expect(rolled(strategy, [at('c1', 'Succeeded'), at('c2', 'Progressing')], groups).toApply).toEqual([]);
    expect(rolled(strategy, [at('c1', 'Succeeded'), at('c2', 'Succeeded')], groups).toApply).toEqual([
      'c3',
      'c4',
    ]);
  });

  it('stops after a group with more failures than it bears', () => {
    const failed = [at('c1', 'Succeeded'), at('c2', 'Failed')];
    expect(rolled(strategy, failed, groups).toApply).toEqual([]);
    const bearing: RolloutStrategy = { type: 'ProgressivePerGroup', progressivePerGroup: { maxFailures: 1 } };
    expect(rolled(bearing, failed, groups).toApply).toEqual(['c3', 'c4']);
  });
});
