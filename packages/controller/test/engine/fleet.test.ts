import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type FleetLoad,
  fairShares,
  type RoomClaim,
  type StepClaim,
  stepVerdicts,
} from '../../src/engine/fleet.ts';

const claim = (unit: string, wants: number, room: number, since = 0): RoomClaim => ({
  unit,
  wants,
  room,
  since,
});
const shared = (...claims: RoomClaim[]) => Object.fromEntries(fairShares(claims));

const claimsArbitrary = fc
  .array(
    fc.record({
      wants: fc.integer({ min: 0, max: 40 }),
      room: fc.integer({ min: 0, max: 60 }),
      since: fc.integer({ min: 0, max: 3 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((all) => all.map((each, index) => ({ unit: `u${index}`, ...each })));

describe('fairShares', () => {
  it('gives everybody the same, and what somebody does not want to the others', () => {
    expect(shared(claim('a', 10, 10), claim('b', 10, 10))).toEqual({ a: 5, b: 5 });
    expect(shared(claim('a', 2, 10), claim('b', 10, 10))).toEqual({ a: 2, b: 8 });
    expect(shared(claim('a', 100, 100), claim('b', 1, 100))).toEqual({ a: 99, b: 1 });
  });

  it('counts room, not replicas: a replica that takes four times the room counts four times', () => {
    expect(shared(claim('small', 40, 40), claim('large', 10, 10))).toEqual({ small: 20, large: 5 });
  });

  it('gives the last replica to the one that waits longest', () => {
    expect(shared(claim('a', 9, 1, 5), claim('b', 9, 1, 4))).toEqual({ a: 0, b: 1 });
    expect(shared(claim('a', 9, 3, 5), claim('b', 9, 3, 5))).toEqual({ a: 2, b: 1 });
  });

  it('gives nothing where there is no room', () => {
    expect(shared(claim('a', 9, 0), claim('b', 0, 9))).toEqual({ a: 0, b: 0 });
    expect(fairShares([]).size).toBe(0);
  });

  it('fits, wastes nothing, and favours nobody', () => {
    fc.assert(
      fc.property(claimsArbitrary, (claims) => {
        const shares = fairShares(claims);
        const part = ({ unit, room }: RoomClaim) => (shares.get(unit) ?? 0) / Math.max(1, room);
        const used = claims.reduce((sum, each) => sum + part(each), 0);
        expect(used).toBeLessThanOrEqual(1 + 1e-6);
        for (const each of claims) {
          const got = shares.get(each.unit) ?? 0;
          expect(Number.isInteger(got)).toBe(true);
          expect(got).toBeLessThanOrEqual(each.room === 0 ? 0 : each.wants);
          if (got >= each.wants || each.room === 0) continue;
          // It wants one more: then there is no room for it, ...
          expect(used + 1 / each.room).toBeGreaterThan(1);
          // ... and nobody could spare a replica that makes this room and still hold more than it would then.
          const then = part(each) + 1 / each.room;
          const sparing = claims.filter(
            (other) =>
              other.room > 0 &&
              used - 1 / other.room + 1 / each.room <= 1 &&
              part(other) - 1 / other.room > then + 1e-9,
          );
          expect(sparing).toEqual([]);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('does not depend on the order of claims', () => {
    fc.assert(
      fc.property(claimsArbitrary, (claims) => {
        expect(shared(...claims.toReversed())).toEqual(shared(...claims));
      }),
    );
  });
});

describe('stepVerdicts', () => {
  const step = (unit: string, replicas: number, since: number, ...receivers: string[]): StepClaim => ({
    unit,
    replicas,
    receivers,
    since,
  });
  const load = (rest: Partial<FleetLoad> = {}): FleetLoad => ({
    movedLastHour: 0,
    replicasPerHour: 10,
    feeding: new Map(),
    stepsPerReceivingCluster: 2,
    ...rest,
  });
  const allowed = (claims: readonly StepClaim[], rest?: Partial<FleetLoad>) =>
    [...stepVerdicts(claims, load(rest))].filter(([, verdict]) => verdict === null).map(([unit]) => unit);

  it('lets those go first that wait longest', () => {
    const claims = [step('a', 1, 3, 'x'), step('b', 1, 1, 'x'), step('c', 1, 2, 'x')];
    expect(allowed(claims)).toEqual(['b', 'c']);
    expect(stepVerdicts(claims, load()).get('a')).toEqual({
      limit: 'steps-per-cluster',
      cluster: 'x',
      steps: 2,
    });
    expect(allowed(claims, { feeding: new Map([['x', 1]]) })).toEqual(['b']);
  });

  it('keeps to the replicas of an hour, and lets nobody small overtake somebody large', () => {
    const claims = [step('a', 6, 1, 'x'), step('b', 6, 2, 'y'), step('c', 1, 3, 'z')];
    expect(allowed(claims)).toEqual(['a']);
    expect(stepVerdicts(claims, load()).get('c')).toEqual({ limit: 'replicas-per-hour', moved: 6 });
    expect(allowed([step('a', 30, 1, 'x')])).toEqual(['a']);
    expect(allowed([step('a', 30, 1, 'x')], { movedLastHour: 1 })).toEqual([]);
  });

  it('keeps the turn of one that waits for another cluster', () => {
    const claims = [step('a', 1, 1, 'x', 'y'), step('b', 1, 2, 'y')];
    const feeding = new Map([
      ['x', 2],
      ['y', 1],
    ]);
    expect(allowed(claims, { feeding })).toEqual([]);
    expect(allowed(claims, { feeding: new Map([['x', 2]]) })).toEqual(['b']);
  });

  it('never breaks a limit, always lets the first go when the fleet is at rest, and serves everybody in the end', () => {
    const clusters = ['x', 'y', 'z'];
    const claims = fc.array(
      fc.record({
        replicas: fc.integer({ min: 1, max: 12 }),
        since: fc.integer({ min: 0, max: 5 }),
        receivers: fc.subarray(clusters, { minLength: 1 }),
      }),
      { minLength: 1, maxLength: 10 },
    );
    fc.assert(
      fc.property(claims, (all) => {
        let waiting: StepClaim[] = all.map((each, index) => ({ unit: `u${index}`, ...each }));
        let rounds = 0;
        while (waiting.length > 0) {
          const going = new Set(allowed(waiting));
          expect(going.size).toBeGreaterThan(0);
          const steps = waiting.filter(({ unit }) => going.has(unit));
          for (const cluster of clusters) {
            expect(steps.filter(({ receivers }) => receivers.includes(cluster)).length).toBeLessThanOrEqual(
              2,
            );
          }
          const moved = steps.reduce((sum, { replicas }) => sum + replicas, 0);
          expect(moved <= 10 || steps.length === 1).toBe(true);
          waiting = waiting.filter(({ unit }) => !going.has(unit));
          rounds++;
        }
        expect(rounds).toBeLessThanOrEqual(all.length);
      }),
    );
  });
});
