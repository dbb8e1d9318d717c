import { MINUTE } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import type { StepRecord } from '../../../src/planes/ocm/move/step-record.ts';
import { type StepEvidence, stepState } from '../../../src/planes/ocm/move/step-state.ts';

const START = Date.parse('2026-03-01T00:00:00Z');
const AT = new Date(START).toISOString();

function step(more: Partial<StepRecord> = {}): StepRecord {
  return {
    move: 'd1',
    moveStartedAt: AT,
    startedAt: AT,
    number: 1,
    target: { b: 1 },
    from: ['a'],
    enter: { b: 80 },
    leave: { a: 80 },
    surge: true,
    count: 1,
    phase: 'found',
    lowered: null,
    actedAt: null,
    back: null,
    ...more,
  };
}

interface Seen {
  readonly count?: number;
  readonly scores: Readonly<Record<string, number>>;
  readonly decided: readonly string[];
  readonly feasible?: readonly string[];
  readonly available?: readonly string[];
  readonly unseen?: boolean;
  readonly stop?: StepEvidence['stop'];
  readonly after?: number;
}

function look(record: StepRecord, seen: Seen) {
  return stepState({
    step: record,
    label: 'Placement apps/train',
    count: seen.count ?? 1,
    score: (cluster) => seen.scores[cluster],
    decided: new Set(seen.decided),
    feasible: new Set(seen.feasible ?? ['a', 'b']),
    available: (cluster) => (seen.available ?? ['a', 'b']).includes(cluster),
    unseen: seen.unseen ?? false,
    stop: seen.stop ?? null,
    now: START + (seen.after ?? 0),
  });
}

const writes = (...list: readonly (readonly [string, number])[]) =>
  list.map(([cluster, value]) => ({ cluster, value }));
const FROZEN = { result: 'rolled-back', message: 'everything is frozen' } as const;

describe('a step with a surge', () => {
  const RAISED = step({ phase: 'raised', actedAt: AT });

  it('brings the newcomer to 90 first, then asks for one more', () => {
    expect(look(step(), { scores: { a: 100, b: 80 }, decided: ['a'] })).toMatchObject({
      kind: 'write',
      write: { kind: 'scores', writes: writes(['b', 90]) },
    });
    expect(look(step(), { scores: { a: 100, b: 90 }, decided: ['a'] })).toMatchObject({
      write: { kind: 'count', to: 'raised' },
    });
  });

  it('waits for the decision and for the work', () => {
    const scores = { a: 100, b: 90 };
    expect(look(RAISED, { count: 2, scores, decided: ['a'] })).toMatchObject({ kind: 'waiting' });
    expect(look(RAISED, { count: 2, scores, decided: ['a', 'b'], available: ['a'] })).toMatchObject({
      kind: 'waiting',
      message: 'the work of Placement apps/train is not yet available in b',
    });
  });

  it('exchanges the scores, the newcomer first, then puts the number back', () => {
    const decided = ['a', 'b'];
    expect(look(RAISED, { count: 2, scores: { a: 100, b: 90 }, decided })).toMatchObject({
      write: { kind: 'scores', writes: writes(['b', 100], ['a', 80]), exchange: true },
    });
    expect(look(RAISED, { count: 2, scores: { a: 100, b: 100 }, decided })).toMatchObject({
      write: { kind: 'scores', writes: writes(['a', 80]) },
    });
    expect(look(RAISED, { count: 2, scores: { a: 80, b: 100 }, decided })).toMatchObject({
      write: { kind: 'count', to: 'lowered' },
    });
  });

  it('is done when OCM has let the leaver go', () => {
    const lowered = step({ phase: 'lowered', lowered: 'windvane', actedAt: AT });
    const scores = { a: 80, b: 100 };
    expect(look(lowered, { scores, decided: ['a', 'b'] })).toMatchObject({ kind: 'waiting' });
    expect(look(lowered, { scores, decided: ['b'] })).toEqual({ kind: 'done' });
  });

  it('is taken back when the work does not come, and the newcomer is left alone', () => {
    const late = { count: 2, scores: { a: 100, b: 90 }, decided: ['a', 'b'], available: ['a'] };
    expect(look(RAISED, { ...late, after: 14 * MINUTE })).toMatchObject({ kind: 'waiting' });
    expect(look(RAISED, { ...late, after: 15 * MINUTE })).toMatchObject({
      write: { kind: 'turn', result: 'rolled-back', shun: ['b'] },
    });
  });

  it('does not let the leaver go when the newcomer fails between exchange and end', () => {
    const failed = { count: 2, scores: { a: 80, b: 100 }, decided: ['a', 'b'], available: ['a'] };
    expect(look(RAISED, failed)).toMatchObject({ kind: 'waiting' });
    expect(look(RAISED, { ...failed, after: 15 * MINUTE })).toMatchObject({ write: { kind: 'turn' } });
  });

  it('goes back by the leaver first, then the newcomer, then the number', () => {
    const back = { ...RAISED, back: { result: 'rolled-back', message: 'why', at: AT } } as const;
    const decided = ['a', 'b'];
    expect(look(back, { count: 2, scores: { a: 80, b: 100 }, decided })).toMatchObject({
      write: { kind: 'scores', writes: writes(['a', 100], ['b', 80]), exchange: false },
    });
    expect(look(back, { count: 2, scores: { a: 100, b: 80 }, decided })).toMatchObject({
      write: { kind: 'count', to: 'lowered' },
    });
    const lowered = { ...back, phase: 'lowered' } as const;
    expect(look(lowered, { scores: { a: 100, b: 80 }, decided })).toMatchObject({ kind: 'waiting' });
    expect(look(lowered, { scores: { a: 100, b: 80 }, decided: ['a'] })).toMatchObject({
      kind: 'over',
      result: 'rolled-back',
    });
  });

  it.each([
    ['before the exchange', { a: 100, b: 90 }, ['a'], { kind: 'turn', byOther: true }],
    ['after it', { a: 80, b: 100 }, ['b'], { kind: 'ended-by-other' }],
    ['within it, when OCM took the newcomer', { a: 100, b: 100 }, ['b'], { kind: 'scores' }],
    ['within it, when OCM kept the leaver', { a: 100, b: 100 }, ['a'], { kind: 'turn', byOther: true }],
  ])('ends when somebody puts the number back %s', (_, scores, decided, write) => {
    expect(look(RAISED, { count: 1, scores, decided })).toMatchObject({ kind: 'write', write });
  });

  it('waits for OCM where the number was put back within the exchange', () => {
    const seen = { count: 1, scores: { a: 100, b: 100 }, decided: ['a', 'b'] };
    expect(look(RAISED, seen)).toMatchObject({ kind: 'waiting' });
  });

  it('is taken back by a freeze before the exchange, and finished after it', () => {
    const before = { count: 2, scores: { a: 100, b: 90 }, decided: ['a', 'b'], stop: FROZEN };
    expect(look(RAISED, before)).toMatchObject({ write: { kind: 'turn', result: 'rolled-back' } });
    const after = { ...before, scores: { a: 80, b: 100 } };
    expect(look(RAISED, after)).toMatchObject({ write: { kind: 'count', to: 'lowered' } });
  });

  it('gives time to what cannot be looked into', () => {
    const seen = { count: 2, scores: { a: 100, b: 90 }, decided: ['a', 'b'], unseen: true };
    expect(look(RAISED, { ...seen, after: 4 * MINUTE })).toMatchObject({ kind: 'waiting' });
    expect(look(RAISED, { ...seen, after: 5 * MINUTE })).toMatchObject({ write: { exchange: true } });
  });

  it('gives up a newcomer that OCM considers no more', () => {
    const seen = { count: 2, scores: { a: 100, b: 90 }, decided: ['a'], feasible: ['a'] };
    expect(look(RAISED, seen)).toMatchObject({ write: { kind: 'turn', shun: ['b'] } });
  });
});

describe('a step in place', () => {
  const record = step({ surge: false });

  it('exchanges the scores at once, the newcomer first', () => {
    expect(look(record, { scores: { a: 100, b: 80 }, decided: ['a'] })).toMatchObject({
      write: { kind: 'scores', writes: writes(['b', 100], ['a', 80]) },
    });
  });

  it('is done when OCM has followed and the work is there', () => {
    const scores = { a: 80, b: 100 };
    expect(look(record, { scores, decided: ['a'] })).toMatchObject({ kind: 'waiting' });
    expect(look(record, { scores, decided: ['b'], available: ['a'] })).toMatchObject({ kind: 'waiting' });
    expect(look(record, { scores, decided: ['b'] })).toEqual({ kind: 'done' });
  });

  it('is taken back when the work does not come', () => {
    const late = { scores: { a: 80, b: 100 }, decided: ['b'], available: ['a'], after: 15 * MINUTE };
    expect(look(record, late)).toMatchObject({ write: { kind: 'turn', shun: ['b'] } });
  });
});
