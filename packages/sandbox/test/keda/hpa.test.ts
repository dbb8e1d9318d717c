import { describe, expect, it } from 'vitest';
import { type HpaMemory, restrain, tolerancesOf } from '../../src/keda/hpa/behavior.ts';
import { averageValueReplicas, valueReplicas } from '../../src/keda/hpa/replicas.ts';
import type { Behavior } from '../../src/keda/types.ts';

const TEN_PERCENT = { scaleUp: 0.1, scaleDown: 0.1 };

describe('the replicas that a metric asks for', () => {
  it.each([
    [1, 10, 1, 10],
    [10, 4, 1, 4],
    [3, 22.222, 6.111, 4],
    // Within 10 % nothing moves: from 10 to 9, and from 100 to 91.
    [10, 9, 1, 10],
    [100, 91, 1, 100],
    [10, 8, 1, 8],
    [9, 10, 1, 10],
    [11, 12, 1, 11],
    [5, 0, 1, 0],
  ])('average value, %d replicas, %d at %d each: %d', (current, sum, target, expected) => {
    expect(averageValueReplicas(current, sum, target, TEN_PERCENT)).toBe(expected);
  });

  it('takes tolerances from the behaviour', () => {
    const strict = tolerancesOf({ scaleDown: { tolerance: '0' } });
    expect(strict).toEqual({ scaleUp: 0.1, scaleDown: 0 });
    expect(averageValueReplicas(100, 91, 1, strict)).toBe(91);
  });

  it('multiplies with target type Value', () => {
    expect(valueReplicas(4, 10, 5, TEN_PERCENT)).toBe(8);
    expect(valueReplicas(4, 5.2, 5, TEN_PERCENT)).toBe(4);
  });
});

describe('what an autoscaler may do', () => {
  /** Recommends `wanted` every 15 seconds, starting from `replicas`, and lists what came of it. */
  function play(replicas: number, wanted: readonly number[], behavior?: Behavior): number[] {
    const memory: HpaMemory = { recommendations: [], changes: [] };
    let current = replicas;
    return wanted.map((desired, index) => {
      const now = 1_000_000 + index * 15_000;
      current = restrain(memory, { current, desired, min: 1, max: 100, behavior, now });
      return current;
    });
  }

  it('grows by four or double in 15 seconds', () => {
    expect(play(1, [50, 50, 50, 50, 50])).toEqual([5, 10, 20, 40, 50]);
  });

  it('shrinks when nothing more was wanted for five minutes', () => {
    const result = play(10, [4, ...Array<number>(21).fill(4)]);
    expect(result.slice(0, 20)).toEqual(Array(20).fill(10));
    expect(result.at(-1)).toBe(4);
  });

  it('shrinks at once without a window', () => {
    expect(play(10, [4, 2], { scaleDown: { stabilizationWindowSeconds: 0 } })).toEqual([4, 2]);
  });

  it('obeys policies, disabled directions and bounds', () => {
    const policies = [{ type: 'Pods', value: 1, periodSeconds: 60 }];
    const slow = { scaleDown: { stabilizationWindowSeconds: 0, policies } };
    expect(play(10, [1, 1, 1, 1, 1, 1], slow)).toEqual([9, 9, 9, 9, 8, 8]);
    expect(play(3, [9], { scaleUp: { selectPolicy: 'Disabled' } })).toEqual([3]);
    expect(play(90, [500, 500])).toEqual([100, 100]);
    expect(play(2, [0], { scaleDown: { stabilizationWindowSeconds: 0 } })).toEqual([1]);
  });

  it('waits before it grows when told to', () => {
    const patient = { scaleUp: { stabilizationWindowSeconds: 30 } };
    expect(play(5, [5, 9, 9, 9], patient)).toEqual([5, 5, 9, 9]);
  });
});
