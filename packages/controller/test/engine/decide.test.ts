import { describe, expect, it } from 'vitest';
import { decide } from '../../src/engine/decide.ts';
import { divide } from '../../src/engine/division/webster.ts';
import { AT, cluster, FREE, HOUR, path, problem } from './problems.ts';

const a = cluster('a', 300);
const b = cluster('b', 100);
const c = cluster('c', 200);
const three = [a, b, c];

function evidence(decision: ReturnType<typeof decide>, name: string) {
  const found = decision.clusters.find((each) => each.cluster === name);
  if (found === undefined) throw new Error(`no evidence for ${name}`);
  return found;
}

describe('where it goes', () => {
  it('takes everything to the cleanest cluster when nothing binds', () => {
    const decision = decide(problem(three, { a: 4, b: 3, c: 3 }));
    expect(decision).toMatchObject({ outcome: 'move', heldBy: null, target: { b: 1 }, weights: { b: 1000 } });
    expect(decision.divisions[0]?.next).toEqual({ b: 10 });
    expect(decision.text).toBe(
      '40 % a, 30 % b, 30 % c becomes 100 % b: saves 52 % of the carbon over the next 24 h.',
    );
    expect(evidence(decision, 'b').reason).toBe(
      'b: 100 g/kWh over the next 24 h (100 now), cleanest of 3; gets 100 %',
    );
    expect(evidence(decision, 'c')).toMatchObject({ rank: 2, constraint: 'none', targetShare: 0 });
    expect(decision.runnerUp).toEqual({ cluster: 'c', reason: '100 % dirtier than b over the next 24 h' });
  });

  it('fills the cleanest up to its share, then the next', () => {
    const capped = three.map((each) => ({ ...each, maxShare: 0.6 }));
    const decision = decide(problem(capped, { a: 10 }));
    expect(decision.divisions[0]?.next).toEqual({ b: 6, c: 4 });
    expect(decision.weights).toEqual({ b: 600, c: 400 });
    expect(evidence(decision, 'b')).toMatchObject({ constraint: 'max-share' });
    expect(evidence(decision, 'b').reason).toBe(
      'b: 100 g/kWh over the next 24 h (100 now), cleanest of 3; gets 60 % (max-share)',
    );
  });

  it('gives no more than the headroom', () => {
    const decision = decide(problem([a, { ...b, headroomReplicas: 3 }, c], { a: 10 }));
    expect(decision.divisions[0]?.next).toEqual({ b: 3, c: 7 });
    expect(evidence(decision, 'b').constraint).toBe('headroom');
  });

  it('keeps the floor where something stands, and only there', () => {
    const decision = decide(problem(three, { a: 10 }, { limits: { ...FREE, minReplicas: 2 } }));
    expect(decision.divisions[0]?.next).toEqual({ a: 2, b: 8 });
    expect(evidence(decision, 'a').constraint).toBe('min-replicas');
  });

  it('says when the limits ask for what cannot be', () => {
    const capped = three.map((each) => ({ ...each, maxShare: 0.1 }));
    const tight = decide(problem(capped, { a: 2, b: 2, c: 2 }));
    expect(tight.outcome).toBe('keep');
    expect(tight.text).toContain(
      ' max-share lets 3 clusters take 3 of 6 replicas: the rest stays where it is.',
    );
    const floors = { limits: { ...FREE, minReplicas: 50 } };
    expect(decide(problem(three, { a: 2, b: 2, c: 2 }, floors)).text).toContain(
      ' min-replicas asks for 150 replicas in 3 clusters and there are 6: each keeps what it holds, up to 50.',
    );
    // One replica may always stand in a cluster that takes some, and a floor that fits is no such case.
    expect(decide(problem(capped, { a: 1, b: 1, c: 1 })).text).not.toContain('max-share');
    const one = { limits: { ...FREE, minReplicas: 1 } };
    expect(decide(problem(three, { a: 1, b: 1, c: 1 }, one)).text).not.toContain('min-replicas');
  });

  it('compares the whole horizon, not the moment', () => {
    const soonDirty = cluster('a', 50, { forecast: path([50, ...Array.from({ length: 23 }, () => 500)]) });
    const decision = decide(
      problem([soonDirty, cluster('b', 100)], { a: 2, b: 2 }, { limits: { ...FREE, moveCost: HOUR } }),
    );
    expect(decision.target).toEqual({ b: 1 });
  });

  it('judges by price under cost, and by both under blended', () => {
    const cheap = cluster('a', 500, { pricePerReplicaHour: 0.01 });
    const clean = cluster('b', 100, { pricePerReplicaHour: 0.02 });
    const at = (objective: 'cost' | 'blended', carbonPricePerKg: number) =>
      decide(problem([cheap, clean], { a: 1, b: 1 }, { objective, carbonPricePerKg })).target;
    expect(at('cost', 10)).toEqual({ a: 1 });
    // 100 W at 400 g less per kWh is 40 g an hour: 0.004 at 0.1 per kg, 0.04 at 1 per kg.
    expect(at('blended', 0.1)).toEqual({ a: 1 });
    expect(at('blended', 1)).toEqual({ b: 1 });
  });

  it('counts electricity by power and PUE where no all-in price is given', () => {
    // 100 W at a PUE of 1.2 and 0.5 per kWh: 0.06 an hour.
    const own = cluster('a', 100, { pricePerReplicaHour: null, pricePerKwh: 0.5, pue: 1.2 });
    const rented = (price: number) => cluster('b', 100, { pricePerReplicaHour: price, pricePerKwh: 9 });
    const at = (price: number) =>
      decide(problem([own, rented(price)], { a: 1, b: 1 }, { objective: 'cost' })).target;
    expect(at(0.059)).toEqual({ b: 1 });
    expect(at(0.061)).toEqual({ a: 1 });
  });

  it('looks ahead on hourly prices', () => {
    const night = cluster('a', 100, { pricePerReplicaHour: [1, ...Array.from({ length: 23 }, () => 5)] });
    const flat = cluster('b', 100, { pricePerReplicaHour: 2 });
    const at = (moveCost: number) =>
      decide(problem([night, flat], { b: 1 }, { objective: 'cost', limits: { ...FREE, moveCost } })).target;
    expect(at(0)).toEqual({ a: 1 });
    // An hour saves 1, and the way there and back loses 1 + 2.
    expect(at(HOUR)).toEqual({ b: 1 });
  });

  it('always tells what becomes of the carbon', () => {
    const cheap = cluster('a', 300, { pricePerReplicaHour: 1 });
    const dear = cluster('b', 200, { pricePerReplicaHour: 4 });
    const { text, runnerUp } = decide(problem([cheap, dear], { b: 4 }, { objective: 'cost' }));
    expect(text).toContain('saves 75 % of the cost over the next 25 h; its carbon rises by 50 %.');
    expect(runnerUp?.reason).toBe('300 % dearer than a over the next 25 h');
  });

  it('does not take a negative price for a reward of moving', () => {
    // Going back and forth would "do again" work that is paid for; a move there loses nothing, and gains nothing.
    const paid = cluster('a', 100, { pricePerReplicaHour: -1 });
    const better = cluster('b', 100, { pricePerReplicaHour: -1.5 });
    const at = (current: Record<string, number>) =>
      decide(
        problem([paid, better], current, { objective: 'cost', limits: { ...FREE, moveCost: 3 * HOUR } }),
      );
    expect(at({ a: 1 }).target).toEqual({ b: 1 });
    expect(at({ b: 1 })).toMatchObject({ outcome: 'keep' });
  });

  it('names a missing price, which is never 0', () => {
    const unpriced = [cluster('a', 500), cluster('b', 100)];
    const decision = decide(problem(unpriced, { a: 1 }, { objective: 'cost' }));
    expect(decision).toMatchObject({ outcome: 'refuse', heldBy: 'no-price' });
    const some = decide(
      problem(
        [cluster('a', 500, { pricePerReplicaHour: 3 }), cluster('b', 100, { pricePerKwh: [] })],
        { a: 1 },
        {
          objective: 'cost',
        },
      ),
    );
    expect(some).toMatchObject({ outcome: 'keep' });
    expect(some.clusters[1]).toMatchObject({ constraint: 'no-price', targetShare: 0 });
  });
});

describe('without forecasts', () => {
  const lone = [cluster('a', 300, { forecast: [] }), cluster('b', 100, { forecast: [] })];

  it('holds a cluster without one at its reading, for as long as the others can be seen', () => {
    const dipping = cluster('a', 100, {
      forecast: path([100, 100, ...Array.from({ length: 22 }, () => 300)]),
    });
    const average = cluster('b', 200, { forecast: [] });
    const at = (current: Record<string, number>) =>
      decide(problem([dipping, average], current, { limits: { ...FREE, moveCost: HOUR } }));
    // Two hours at 100 less are not worth an hour of work twice, there and back.
    expect(at({ b: 4 }).divisions[0]?.next).toEqual({ b: 4 });
    expect(at({ b: 4 }).text).not.toContain('No forecast');
    expect(at({ a: 4 }).clusters.map((each) => each.meanGramsPerKwh?.toFixed(0))).toEqual(['283', '200']);
  });

  it('says that only present values speak', () => {
    const decision = decide(problem(lone, { a: 4 }, { limits: { ...FREE, moveCost: HOUR / 2 } }));
    expect(decision).toMatchObject({ outcome: 'move', gain: { horizon: 4 * HOUR }, confidence: 0.25 });
    expect(decision.text).toContain('No forecast: the present values are believed for 4 h.');
  });
});

describe('what holds it back', () => {
  it('leaves a small gain alone and says so', () => {
    const close = [cluster('a', 100), cluster('b', 97)];
    const decision = decide(problem(close, { a: 10 }, { limits: { ...FREE, minGain: 0.05 } }));
    expect(decision).toMatchObject({ outcome: 'hold', heldBy: 'min-gain', divisions: [{ next: { a: 10 } }] });
    expect(decision.weights).toEqual({ a: 1000 });
    expect(decision.text).toContain('less than the 5 %');
  });

  it('weighs the gain over the horizon against the work lost', () => {
    const close = [cluster('a', 100), cluster('b', 97)];
    const at = (hours: number) =>
      decide(problem(close, { a: 10 }, { limits: { ...FREE, moveCost: hours * HOUR } }));
    // 3 g over 24 h is 72; an hour done twice costs 97.
    expect(at(0.5).outcome).toBe('move');
    expect(at(1)).toMatchObject({ outcome: 'hold', heldBy: 'move-cost' });
  });

  it('rests between moves and keeps the budget', () => {
    const limits = { ...FREE, cooldown: HOUR, maxMovesPerDay: 3 };
    const at = (lastMoveAt: number | null, movesLastDay: number) =>
      decide(problem(three, { a: 10 }, { limits, history: { lastMoveAt, movesLastDay, movingTo: null } }));
    expect(at(AT - HOUR + 1, 1).heldBy).toBe('cooldown');
    expect(at(AT - HOUR, 3).heldBy).toBe('max-moves-per-day');
    expect(at(AT - HOUR, 2).outcome).toBe('move');
  });

  it('moves at least one replica and at most the step', () => {
    const at = (maxStep: number, replicas: number) =>
      decide(problem(three, { a: replicas }, { limits: { ...FREE, maxStep } }));
    expect(at(0.25, 10).divisions[0]?.next).toEqual({ a: 8, b: 2 });
    expect(at(0.25, 10).last).toBe(false);
    expect(at(0.01, 10).divisions[0]?.next).toEqual({ a: 9, b: 1 });
    expect(at(0.25, 2).divisions[0]?.next).toEqual({ a: 1, b: 1 });
  });

  it('goes on with a move in flight although rest and gain would forbid a new one', () => {
    const limits = { ...FREE, maxStep: 0.25, minGain: 0.5, cooldown: HOUR, maxMovesPerDay: 1 };
    const history = { lastMoveAt: AT - 1, movesLastDay: 1, movingTo: { c: 1 } };
    const decision = decide(problem(three, { a: 6, c: 2 }, { limits, history }));
    expect(decision).toMatchObject({ outcome: 'move', continues: true, target: { c: 1 } });
    expect(decision.divisions[0]?.next).toEqual({ a: 4, c: 4 });
  });

  it('gives a move up that stopped being right', () => {
    const limits = { ...FREE, cooldown: HOUR };
    const history = { lastMoveAt: AT - 1, movesLastDay: 1, movingTo: { a: 1 } };
    const decision = decide(problem(three, { a: 5, b: 5 }, { limits, history }));
    expect(decision).toMatchObject({ outcome: 'hold', heldBy: 'cooldown', continues: false });
    const gone = [{ ...a, ready: false }, b, c];
    const other = decide(problem(gone, { b: 5 }, { limits, history }));
    expect(other.divisions[0]?.next).toEqual({ b: 5 });
  });
});

describe('clusters that are not to be fed', () => {
  it('leaves what is outside the locations or to be avoided, without asking for a gain', () => {
    const limits = { ...FREE, minReplicas: 1, minGain: 0.9, maxStep: 0.25 };
    const outside = [{ ...a, allowed: false }, cluster('b', 900), cluster('c', 901, { avoid: true })];
    const decision = decide(problem(outside, { a: 4, c: 4 }, { limits }));
    expect(decision).toMatchObject({ outcome: 'move', target: { b: 1 } });
    expect(decision.divisions[0]?.next).toEqual({ a: 4, b: 2, c: 2 });
    expect(evidence(decision, 'a').constraint).toBe('outside-locations');
    expect(evidence(decision, 'c').constraint).toBe('avoid');
  });

  it('neither feeds nor drains a cluster without data or one that is not ready', () => {
    const decision = decide(
      problem([cluster('a', null), cluster('b', 1, { ready: false }), cluster('c', 900), cluster('d', 800)], {
        a: 3,
        b: 2,
        c: 5,
      }),
    );
    expect(decision.divisions[0]?.next).toEqual({ a: 3, b: 2, d: 5 });
    expect(evidence(decision, 'a')).toMatchObject({
      constraint: 'no-data',
      rank: null,
      meanGramsPerKwh: null,
    });
    expect(evidence(decision, 'b')).toMatchObject({ constraint: 'not-ready', rank: null });
  });

  it('refuses without any data, and without any ready cluster, and says which', () => {
    const blind = decide(problem([cluster('a', null), cluster('b', null)], { a: 3 }));
    expect(blind).toMatchObject({
      outcome: 'refuse',
      heldBy: 'no-data',
      weights: {},
      divisions: [{ next: { a: 3 } }],
    });
    const down = decide(problem([cluster('a', 5, { ready: false })], { a: 3 }));
    expect(down).toMatchObject({ outcome: 'refuse', heldBy: 'no-ready-cluster', weights: {} });
  });

  it('stays in clusters to be left when no other may take the work', () => {
    const full = [cluster('a', 300, { avoid: true }), cluster('b', 100, { headroomReplicas: 1 })];
    expect(decide(problem(full, { a: 4 })).divisions[0]?.next).toEqual({ a: 3, b: 1 });
  });
});

describe('several workloads in a unit', () => {
  const workloads = [
    { key: 'shop/web', replicas: 20, uid: 'one', current: { a: 20 } },
    { key: 'shop/api', replicas: 3, uid: 'two', current: { a: 3 } },
  ];

  it('moves them by one list of weights within the step of each', () => {
    const decision = decide(problem(three, {}, { workloads, limits: { ...FREE, maxStep: 0.25 } }));
    expect(decision.outcome).toBe('move');
    for (const [index, { replicas, uid }] of workloads.entries()) {
      const next = decision.divisions[index]?.next ?? {};
      expect(divide(decision.weights, replicas, uid)).toEqual(next);
      expect(next['b'] ?? 0).toBeLessThanOrEqual(Math.max(1, Math.floor(replicas / 4)));
    }
  });

  it('goes all the way when the step allows it', () => {
    const decision = decide(problem(three, {}, { workloads }));
    expect(decision.divisions.map((each) => each.next)).toEqual([{ b: 20 }, { b: 3 }]);
    expect(decision.last).toBe(true);
  });
});

describe('the beginning and the end of a unit', () => {
  it('places for the first time without steps, floors or gains', () => {
    const limits = { ...FREE, maxStep: 0.1, minGain: 0.9, minReplicas: 1 };
    const base = problem(three, {}, { limits });
    const decision = decide({ ...base, workloads: [{ key: 'shop/web', replicas: 7, uid: '', current: {} }] });
    expect(decision).toMatchObject({ outcome: 'move', divisions: [{ next: { b: 7 } }] });
    expect(decision.text).toBe('First placement: 100 % b.');
  });

  it('keeps a unit without replicas', () => {
    expect(decide(problem(three, { a: 0 }))).toMatchObject({ outcome: 'keep', weights: {} });
  });

  it('scales what stands when the plane is behind', () => {
    const base = problem(three, {});
    const decision = decide({
      ...base,
      workloads: [{ key: 'shop/web', replicas: 4, uid: '', current: { b: 9 } }],
    });
    expect(decision).toMatchObject({ outcome: 'keep', divisions: [{ current: { b: 4 }, next: { b: 4 } }] });
  });
});
