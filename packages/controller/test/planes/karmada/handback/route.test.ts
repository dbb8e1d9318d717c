import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divide } from '../../../../src/engine/division/webster.ts';
import { type Leg, nextWeights } from '../../../../src/planes/karmada/handback/route.ts';

const names = ['frankfurt', 'paris', 'stockholm', 'virginia'];
const weights = fc
  .dictionary(fc.constantFrom(...names), fc.integer({ min: 1, max: 1000 }))
  .filter((each) => Object.keys(each).length > 0);
const moved = (from: Readonly<Record<string, number>>, to: Readonly<Record<string, number>>): number =>
  Object.entries(to).reduce((sum, [name, count]) => sum + Math.max(0, count - (from[name] ?? 0)), 0);

const leg = fc
  .record({
    uid: fc.uuid(),
    replicas: fc.integer({ min: 1, max: 60 }),
    part: fc.double({ min: 0.01, max: 1, noNaN: true }),
  })
  .map(({ uid, replicas, part }) => ({ uid, replicas, maxMoved: Math.max(1, Math.floor(replicas * part)) }));

/** Follows the route to its end; the divisions on the way. */
function walk(legs: readonly Leg[], target: Readonly<Record<string, number>>): Leg[][] {
  const ways: Leg[][] = [[...legs]];
  let now = legs;
  for (let steps = 0; steps < 300; steps += 1) {
    const next = nextWeights(now, target);
    now = now.map((each) => ({ ...each, current: divide(next ?? target, each.replicas, each.uid) }));
    ways.push([...now]);
    if (next === null) return ways;
  }
  throw new Error('the route has no end');
}

describe('route back', () => {
  it('ends at the target and never moves more of one workload than a step may', () => {
    fc.assert(
      fc.property(leg, weights, weights, (each, from, target) => {
        const start: Leg = { ...each, current: divide(from, each.replicas, each.uid) };
        const ways = walk([start], target);
        expect(ways.at(-1)?.[0]?.current).toEqual(divide(target, each.replicas, each.uid));
        for (const [index, [now]] of ways.entries()) {
          const before = ways[index - 1]?.[0];
          if (now === undefined || before === undefined) continue;
          expect(moved(before.current, now.current)).toBeLessThanOrEqual(each.maxMoved);
        }
      }),
    );
  });

  it('has an end with several workloads on one list as well', () => {
    fc.assert(
      fc.property(fc.array(leg, { minLength: 2, maxLength: 4 }), weights, weights, (legs, from, target) => {
        const start = legs.map((each) => ({ ...each, current: divide(from, each.replicas, each.uid) }));
        const last = walk(start, target).at(-1) ?? [];
        expect(last.map(({ current }) => current)).toEqual(
          legs.map((each) => divide(target, each.replicas, each.uid)),
        );
      }),
    );
  });

  it('does not go to and fro where no list of weights suits every workload', () => {
    const legs = [
      {
        uid: 'a',
        replicas: 55,
        maxMoved: 1,
        current: { frankfurt: 11, paris: 16, stockholm: 19, virginia: 9 },
      },
      {
        uid: 'b',
        replicas: 59,
        maxMoved: 13,
        current: { frankfurt: 12, paris: 17, stockholm: 21, virginia: 9 },
      },
      {
        uid: 'c',
        replicas: 41,
        maxMoved: 16,
        current: { frankfurt: 9, paris: 12, stockholm: 14, virginia: 6 },
      },
    ];
    const last = walk(legs, { stockholm: 790 }).at(-1) ?? [];
    expect(last.map(({ current }) => current)).toEqual([
      { stockholm: 55 },
      { stockholm: 59 },
      { stockholm: 41 },
    ]);
  });

  it('takes the whole way at once when nothing runs', () => {
    const idle: Leg = { uid: 'a', replicas: 0, current: {}, maxMoved: 1 };
    expect(nextWeights([idle], { paris: 1 })).toBeNull();
    expect(nextWeights([], { paris: 1 })).toBeNull();
  });
});
