import { describe, expect, it } from 'vitest';
import { addOnPrioritizer } from '../../../src/ocm/scheduler/prioritizers/addon.ts';
import { balance } from '../../../src/ocm/scheduler/prioritizers/balance.ts';
import type { Prioritizer } from '../../../src/ocm/scheduler/prioritizers/prioritizer.ts';
import { resourceAllocatable } from '../../../src/ocm/scheduler/prioritizers/resource.ts';
import { steady } from '../../../src/ocm/scheduler/prioritizers/steady.ts';
import { weightsOf } from '../../../src/ocm/scheduler/prioritizers/weights.ts';
import type { ManagedCluster } from '../../../src/ocm/types.ts';
import { around, cluster, NOW, scoreObject } from '../support/clusters.ts';
import { addOn, builtIn } from '../support/objects.ts';

function scores(
  prioritizer: Prioritizer,
  clusters: readonly ManagedCluster[],
  surroundings = around(),
): readonly number[] {
  const score = prioritizer(clusters, surroundings);
  // A negative zero is a zero.
  return clusters.map((each) => score(each) + 0);
}

const three = [cluster('c1'), cluster('c2'), cluster('c3')];

describe('Steady', () => {
  it('gives 100 to what is decided and 0 to the rest', () => {
    expect(scores(steady, three, around({ decided: ['c2', 'gone'] }))).toEqual([0, 100, 0]);
  });
});

describe('Balance', () => {
  it('gives 100 to all while nobody uses any', () => {
    expect(scores(balance, three)).toEqual([100, 100, 100]);
  });

  it('goes down to -100 for the most used cluster of the hub, whether or not it can be chosen', () => {
    expect(scores(balance, three, around({ usage: { c1: 4, c2: 1 } }))).toEqual([-100, 50, 100]);
    expect(scores(balance, three, around({ usage: { c1: 4, c2: 1, far: 8 } }))).toEqual([0, 74, 100]);
  });

  it('cuts off before it doubles', () => {
    // 100 x (0.5 - 1/3) = 16.67, of which 16 is doubled.
    expect(scores(balance, three, around({ usage: { c1: 3, c2: 1, c3: 2 } }))).toEqual([-100, 32, -32]);
  });
});

describe('ResourceAllocatable', () => {
  const sized = (name: string, cpu: string | undefined, capacity = cpu): ManagedCluster =>
    cluster(name, {
      status: {
        allocatable: cpu === undefined ? {} : { cpu },
        capacity: capacity === undefined ? {} : { cpu: capacity },
      },
    });

  it('spreads from -100 for the least to 100 for the most', () => {
    const clusters = [sized('c1', '2'), sized('c2', '4500m'), sized('c3', '10')];
    expect(scores(resourceAllocatable('cpu'), clusters)).toEqual([-100, -37, 100]);
  });

  it('gives 100 to all that have the same', () => {
    expect(scores(resourceAllocatable('cpu'), [sized('c1', '4'), sized('c2', '4000m')])).toEqual([100, 100]);
  });

  it('gives no score where allocatable or capacity is missing, and leaves it out of the range', () => {
    const clusters = [sized('c1', '2'), sized('c2', undefined), sized('c3', '1000', ''), sized('c4', '6')];
    expect(scores(resourceAllocatable('cpu'), clusters)).toEqual([-100, 0, 0, 100]);
    expect(scores(resourceAllocatable('memory'), clusters)).toEqual([0, 0, 0, 0]);
  });
});

describe('AddOn', () => {
  const carbon = addOnPrioritizer({ resourceName: 'windvane', scoreName: 'carbon' });

  it('takes the value as it is; a missing object or name is 0', () => {
    const objects = [
      scoreObject('c1', 'windvane', { carbon: 77 }),
      scoreObject('c2', 'windvane', { price: 9 }),
    ];
    expect(scores(carbon, three, around({ scores: objects }))).toEqual([77, 0, 0]);
  });

  it('counts until validUntil, that instant included, and 0 afterwards', () => {
    const objects = [scoreObject('c1', 'windvane', { carbon: -40 }, '2026-03-01T00:00:00Z')];
    expect(scores(carbon, three, around({ scores: objects }))).toEqual([-40, 0, 0]);
    expect(scores(carbon, three, around({ scores: objects, now: NOW + 1 }))).toEqual([0, 0, 0]);
  });
});

describe('weights', () => {
  const weights = (policy: Parameters<typeof weightsOf>[0]): readonly (readonly [string, number])[] =>
    weightsOf(policy).map(({ prioritizer, weight }) => {
      const [c1] = scores(prioritizer, three, around({ decided: ['c1'], usage: { c1: 1 } }));
      const names: Record<string, string> = { 100: 'Steady', '-100': 'Balance', 0: 'AddOn' };
      return [names[String(c1)] ?? '?', weight] as const;
    });
  const score = (weight: number) => addOn('windvane', 'carbon', weight);

  it('Additive, also when left out, adds Balance 1 and Steady 1', () => {
    const expected = [
      ['Balance', 1],
      ['Steady', 1],
    ];
    expect(weights(undefined)).toEqual(expected);
    expect(weights({ mode: 'Additive' })).toEqual(expected);
    expect(weights({ mode: '', configurations: [score(3)] })).toEqual([...expected, ['AddOn', 3]]);
  });

  it('an entry for a default one replaces it, and 0 switches it off', () => {
    expect(weights({ configurations: [builtIn('Balance', 0), builtIn('Steady', 5)] })).toEqual([
      ['Steady', 5],
    ]);
    expect(weights({ configurations: [builtIn('Steady', 5), builtIn('Steady', -1)] })).toEqual([
      ['Balance', 1],
      ['Steady', -1],
    ]);
  });

  it('Exact has what is listed and nothing else', () => {
    expect(weights({ mode: 'Exact' })).toEqual([]);
    expect(weights({ mode: 'Exact', configurations: [score(10)] })).toEqual([['AddOn', 10]]);
  });

  it('one add-on score listed twice counts twice', () => {
    expect(weights({ mode: 'Exact', configurations: [score(10), score(4)] })).toEqual([
      ['AddOn', 10],
      ['AddOn', 4],
    ]);
  });

  it('a weight left out is 1', () => {
    const { scoreCoordinate } = score(1);
    expect(
      weights({ mode: 'Exact', configurations: [{ ...(scoreCoordinate && { scoreCoordinate }) }] }),
    ).toEqual([['AddOn', 1]]);
  });

  it.each([
    ['a mode that does not exist', { mode: 'Precise' }, 'incorrect prioritizer policy mode: Precise'],
    ['Spread', { configurations: [builtIn('Spread', 1)] }, 'incorrect builtin prioritizer: Spread'],
    [
      'an add-on without a name',
      { configurations: [{ scoreCoordinate: { type: 'AddOn' as const }, weight: 1 }] },
      'addOn should not be empty',
    ],
  ])('refuse %s', (_name, policy, message) => {
    expect(() => weightsOf(policy)).toThrow(message);
  });

  it('do not look at what has weight 0', () => {
    expect(weights({ mode: 'Exact', configurations: [builtIn('Spread', 0)] })).toEqual([]);
  });
});
