import { describe, expect, it } from 'vitest';
import { decide } from '../../src/engine/decide.ts';
import type { ClusterOption, PlacementProblem } from '../../src/engine/problem.ts';
import { AT, cluster, FREE, HOUR, problem } from './problems.ts';

/** A cluster after a change of pair: what it is now, what it was under the pair that was left. */
function after(
  name: string,
  grams: number,
  old: number | null,
  rest: Partial<ClusterOption> & { outdated?: boolean } = {},
): ClusterOption {
  const { outdated = false, ...others } = rest;
  return cluster(name, grams, { oldPair: { gramsPerKwh: old, outdated }, ...others });
}

const at = (clusters: readonly ClusterOption[], rest: Partial<PlacementProblem> = {}) =>
  decide(problem(clusters, { a: 10 }, rest));

describe('after a change of pair', () => {
  it('begins no move that would not have gained under the pair that was left, and says so', () => {
    const decision = at([after('a', 300, 100), after('b', 100, 110)]);
    expect(decision).toMatchObject({
      outcome: 'hold',
      heldBy: 'pair-change',
      divisions: [{ next: { a: 10 } }],
    });
    expect(decision.text).toContain('but not under the signal that the map left');
  });

  it('makes one that gains under both, and says so', () => {
    const decision = at([after('a', 300, 200), after('b', 100, 150)]);
    expect(decision).toMatchObject({ outcome: 'move', divisions: [{ next: { b: 10 } }] });
    expect(decision.text).toContain('It gains 25 % under the signal that the map left, too.');
  });

  it('wants the least gain under the old pair as well', () => {
    const gaining = (minGain: number) =>
      at([after('a', 300, 100), after('b', 100, 94)], { limits: { ...FREE, minGain } }).outcome;
    expect(gaining(0.05)).toBe('move');
    expect(gaining(0.07)).toBe('hold');
  });

  it('needs no old gain where both ends have a reading newer than the change', () => {
    const decision = at([after('a', 300, 100, { outdated: true }), after('b', 100, 110, { outdated: true })]);
    expect(decision.outcome).toBe('move');
    expect(decision.text).toContain('The readings are newer than the change of signal.');
    expect(at([after('a', 300, 100, { outdated: true }), after('b', 100, 110)]).heldBy).toBe('pair-change');
    expect(at([after('a', 300, 100), after('b', 100, 110, { outdated: true })]).heldBy).toBe('pair-change');
  });

  it('takes an unknown old value for no gain, but only where something moves', () => {
    expect(at([after('a', 300, 200), after('b', 100, null)]).heldBy).toBe('pair-change');
    expect(at([after('a', 300, null), after('b', 100, 10)]).heldBy).toBe('pair-change');
    const aside = [after('a', 300, 200), after('b', 100, 150), after('c', 400, null)];
    expect(at(aside)).toMatchObject({ outcome: 'move' });
  });

  it('judges the whole move: one gain may pay for another loss', () => {
    const clusters = [after('a', 400, 300), after('b', 350, 140), after('c', 100, 150)];
    const moved = decide(problem(clusters, { a: 8, b: 2 }));
    // Under the old pair a to c saves 8 x 150, b to c loses 2 x 10.
    expect(moved.outcome).toBe('move');
    expect(decide(problem(clusters, { a: 1, b: 19 })).heldBy).toBe('pair-change');
  });

  it('counts the price of carbon as it is for blended, and nothing of it for cost', () => {
    const clusters = [
      after('a', 300, 100, { pricePerReplicaHour: 0.02 }),
      after('b', 100, 110, { pricePerReplicaHour: 0.01 }),
    ];
    expect(at(clusters, { objective: 'cost' }).outcome).toBe('move');
    // 10 g more of 100 W at 1 per kg is 0.001 an hour, less than the 0.01 that it saves.
    expect(at(clusters, { objective: 'blended', carbonPricePerKg: 1 }).outcome).toBe('move');
    expect(at(clusters, { objective: 'blended', carbonPricePerKg: 20 }).heldBy).toBe('pair-change');
  });

  it('holds back nobody who must move, who starts, or who is under way', () => {
    const b = after('b', 100, 110);
    const bad = [after('a', 300, 100), b];
    expect(at([after('a', 300, 100, { allowed: false }), b]).outcome).toBe('move');
    const fresh = { workloads: [{ key: 'shop/web', replicas: 7, uid: '', current: {} }] };
    expect(at(bad, fresh)).toMatchObject({ outcome: 'move', text: 'First placement: 100 % b.' });
    const history = { lastMoveAt: AT - HOUR, movesLastDay: 1, movingTo: { b: 1 } };
    expect(at(bad, { history })).toMatchObject({ outcome: 'move', continues: true });
  });
});
