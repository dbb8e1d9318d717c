import { describe, expect, it } from 'vitest';
import { createMoveCounter } from '../../src/app/move-counter.ts';
import type { MoveRecord } from '../../src/status/carbon-placement.ts';
import { placement } from '../api/fleet.ts';

const START = Date.UTC(2026, 5, 1);
const at = (minutes: number): string => new Date(START + minutes * 60_000).toISOString();

function move(decision: string, ended: number | null, more: Partial<MoveRecord> = {}): MoveRecord {
  return {
    decision,
    startedAt: at(0),
    finishedAt: ended === null ? null : at(ended),
    result: ended === null ? null : 'completed',
    from: { a: 2 },
    to: { b: 2 },
    ...more,
  };
}

describe('move counter', () => {
  it('tells a move when it has ended, once', () => {
    const count = createMoveCounter(START);
    expect(count([placement('web', { moves: [move('d1', null)] })])).toEqual([]);
    const ended = [placement('web', { moves: [move('d1', 5)] })];
    expect(count(ended).map((entry) => entry.move.decision)).toEqual(['d1']);
    expect(count(ended)).toEqual([]);
  });

  it('takes the workloads of one unit for one move', () => {
    const count = createMoveCounter(START);
    const moves = [move('d1', 5)];
    expect(count([placement('a', { moves }), placement('b', { moves })])).toHaveLength(1);
  });

  it('tells apart two moves by one decision, and the same on two hubs', () => {
    const count = createMoveCounter(START);
    const twice = [move('d1', 5), move('d1', 9, { startedAt: at(6) })];
    expect(count([placement('a', { moves: twice })])).toHaveLength(2);
    expect(count([placement('a', { moves: twice, hub: 'other' })])).toHaveLength(2);
  });

  it('leaves out what ended before the start', () => {
    const count = createMoveCounter(START);
    expect(count([placement('a', { moves: [move('old', -1), move('new', 0)] })])).toHaveLength(1);
  });

  it('keeps results that are not completions', () => {
    const count = createMoveCounter(START);
    const [entry] = count([placement('a', { moves: [move('d1', 5, { result: 'rolled-back' })] })]);
    expect(entry?.move.result).toBe('rolled-back');
  });
});
