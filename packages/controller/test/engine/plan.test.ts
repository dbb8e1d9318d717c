import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pastForecast } from '../../src/engine/forecast/past.ts';
import { judgeClusters } from '../../src/engine/options.ts';
import { planUnit } from '../../src/engine/plan.ts';
import { countAllocations, createLattice } from '../../src/engine/planning/lattice.ts';
import { valuesOf } from '../../src/engine/planning/rollout.ts';
import { cluster, path, problem } from './problems.ts';

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Cheapest cost from every start over all sequences of allocations, by trying them all. */
function bruteForce(
  costs: number[][],
  caps: number[],
  atoms: number,
  moveHours: number,
): Map<string, number> {
  const all: number[][] = [];
  const build = (prefix: number[]) => {
    if (prefix.length === caps.length) {
      if (sum(prefix) === atoms) all.push(prefix);
      return;
    }
    for (let count = 0; count <= (caps[prefix.length] ?? 0); count++) build([...prefix, count]);
  };
  build([]);
  const hours = (costs[0] ?? []).length;
  const holding = (state: number[], hour: number) =>
    sum(state.map((count, i) => count * (costs[i]?.[hour] ?? 0)));
  const from = (state: number[], hour: number): number => {
    const here = holding(state, hour);
    if (hour === hours - 1) return here;
    const next = all.map(
      (to) =>
        sum(
          to.map(
            (count, i) =>
              Math.max(0, count - (state[i] ?? 0)) * moveHours * Math.max(0, costs[i]?.[hour + 1] ?? 0),
          ),
        ) + from(to, hour + 1),
    );
    return here + Math.min(...next);
  };
  return new Map(all.map((state) => [state.join(), from(state, 0)]));
}

const instance = fc
  .record({ clusters: fc.integer({ min: 2, max: 3 }), hours: fc.integer({ min: 1, max: 4 }) })
  .chain(({ clusters, hours }) =>
    fc.record({
      // Prices can be below 0; then a move loses nothing.
      costs: fc.array(fc.array(fc.integer({ min: -40, max: 100 }), { minLength: hours, maxLength: hours }), {
        minLength: clusters,
        maxLength: clusters,
      }),
      caps: fc.array(fc.integer({ min: 1, max: 2 }), { minLength: clusters, maxLength: clusters }),
      atoms: fc.integer({ min: 1, max: 2 }),
      moveHours: fc.constantFrom(0, 0.1, 0.5, 1, 3),
    }),
  );

describe('value iteration over allocations', () => {
  it('finds the cheapest sequence from every start, capacity and move cost included', () => {
    fc.assert(
      fc.property(instance, ({ costs, caps, atoms, moveHours }) => {
        const lattice = createLattice(caps, atoms);
        const outlook = {
          costs: costs.map((each) => Float64Array.from(each)),
          perUnit: caps.map(() => 1),
          past: caps.map(() => []),
        };
        const { total } = valuesOf(lattice, outlook, moveHours, 10);
        const expected = bruteForce(costs, caps, atoms, moveHours);
        expect(lattice.wholes).toBe(expected.size);
        for (const [state, cost] of expected) {
          expect(total[lattice.indexOf(state.split(',').map(Number))]).toBeCloseTo(cost, 6);
        }
      }),
    );
  });

  it('counts allocations without building them', () => {
    expect(countAllocations([1, 1, 1, 1], 2, 100)).toBe(6);
    expect(countAllocations([2, 2], 5, 100)).toBe(0);
    expect(countAllocations([9, 9, 9, 9, 9], 9, 50)).toBeGreaterThan(50);
    expect(createLattice([2, 1, 2], 3).wholes).toBe(countAllocations([2, 1, 2], 3, 100));
  });
});

describe('rollout', () => {
  const hours = 25;
  const flat = (value: number) => Float64Array.from({ length: hours }, () => value);
  const lattice = createLattice([1, 1], 1);
  const shifting = (from: number, to: number) =>
    pastForecast(
      flat(from),
      Array.from({ length: 6 }, () => flat(to)),
    );
  const unchanged = shifting(10, 10);

  it('equals the plan on the expected path when forecasts never changed', () => {
    const costs = [flat(100), Float64Array.from({ length: hours }, (_, hour) => (hour < 3 ? 80 : 130))];
    const plain = valuesOf(lattice, { costs, perUnit: [1, 1], past: [[], []] }, 0.5, 60);
    const rolled = valuesOf(lattice, { costs, perUnit: [1, 1], past: [[unchanged], [unchanged]] }, 0.5, 60);
    expect(rolled.scenarios).toBe(1);
    for (const state of [0, 1]) expect(rolled.total[state]).toBeCloseTo(plain.total[state] ?? 0, 6);
  });

  it('values being able to leave a place whose future may change', () => {
    const up = shifting(10, 70);
    const down = shifting(70, 10);
    const costs = [flat(100), flat(100)];
    const { total, scenarios } = valuesOf(
      lattice,
      {
        costs,
        perUnit: [1, 1],
        past: [
          [unchanged, unchanged],
          [up, down],
        ],
      },
      0.5,
      60,
    );
    expect(scenarios).toBe(2);
    // Half the time the second place turns out cheaper, and the first remains a refuge when it does not.
    expect(total[1]).toBeLessThan(100 * hours - 100);
  });

  it('uses no day that is incomplete, nor more days than asked for', () => {
    const short = pastForecast(flat(10).subarray(0, 5), []);
    const costs = [flat(100), flat(90)];
    const at = (past: (typeof unchanged)[], most: number) =>
      valuesOf(lattice, { costs, perUnit: [1, 1], past: [past, past] }, 0.5, most).scenarios;
    expect(at([unchanged, short, unchanged], 60)).toBe(1);
    expect(at([unchanged, unchanged, unchanged], 2)).toBe(2);
  });
});

describe('planUnit', () => {
  const ask = (
    clusters: ReturnType<typeof cluster>[],
    current: number[],
    upper: number[],
    moveHours: number,
  ) =>
    planUnit({
      clusters: judgeClusters(problem(clusters, { a: 1 })),
      current,
      lower: current.map(() => 0),
      upper,
      moveHours,
      shared: false,
    });
  const swing = (first: number, later: number, hours: number) =>
    path(Array.from({ length: 25 }, (_, hour) => (hour < hours ? first : later)));

  it('does not follow a dip that is shorter than the move is worth', () => {
    const dip = cluster('b', 50, { forecast: swing(50, 200, 1) });
    expect(ask([cluster('a', 60), dip], [1, 0], [1, 1], 0.5).target).toEqual([1, 0]);
    const longer = cluster('b', 50, { forecast: swing(50, 200, 8) });
    const plan = ask([cluster('a', 60), longer], [1, 0], [1, 1], 0.5);
    expect(plan.target).toEqual([0, 1]);
    expect(plan.hours).toBe(8);
  });

  it('plans jointly under caps: the second best place matters', () => {
    const clusters = [cluster('a', 100), cluster('b', 10), cluster('c', 50), cluster('d', 60)];
    expect(ask(clusters, [0.5, 0, 0, 0.5], [0.5, 0.5, 0.5, 0.5], 0.5).target).toEqual([0, 0.5, 0.5, 0]);
  });

  it('fills the best places in turn when shares fit no lattice', () => {
    const clusters = [cluster('a', 100), cluster('b', 10), cluster('c', 50)];
    const { target } = ask(clusters, [0.37, 0.41, 0.22], [0.6, 0.61, 0.6], 0.5);
    expect(target[1]).toBeCloseTo(0.61, 9);
    expect(target[2]).toBeCloseTo(0.39, 9);
  });

  it('believes a lone reading for a few hours only', () => {
    const lone = (grams: number) => [
      cluster('a', 100, { forecast: [] }),
      cluster('b', grams, { forecast: [] }),
    ];
    // Four hours of 12 % and less do not pay for half an hour of work.
    expect(ask(lone(90), [1, 0], [1, 1], 0.5).target).toEqual([1, 0]);
    expect(ask(lone(85), [1, 0], [1, 1], 0.5).target).toEqual([0, 1]);
  });
});
