import { MINUTE } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import type { StepEvidence } from '../../../src/planes/ocm/move/evidence.ts';
import type { StepRecord } from '../../../src/planes/ocm/move/step-record.ts';
import { stepState } from '../../../src/planes/ocm/move/step-state.ts';
import { leavingScore, surgeScores } from '../../../src/planes/ocm/move/surge-scores.ts';
import { isRestScore } from '../../../src/planes/ocm/steering.ts';

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

  it('brings the newcomer to 89 first, then asks for one more', () => {
    expect(look(step(), { scores: { a: 100, b: 80 }, decided: ['a'] })).toMatchObject({
      kind: 'write',
      write: { kind: 'scores', writes: writes(['b', 89]) },
    });
    expect(look(step(), { scores: { a: 100, b: 89 }, decided: ['a'] })).toMatchObject({
      write: { kind: 'count', to: 'raised' },
    });
  });

  it('waits for the decision and for the work', () => {
    const scores = { a: 100, b: 89 };
    expect(look(RAISED, { count: 2, scores, decided: ['a'] })).toMatchObject({ kind: 'waiting' });
    expect(look(RAISED, { count: 2, scores, decided: ['a', 'b'], available: ['a'] })).toMatchObject({
      kind: 'waiting',
      message: 'the work of Placement apps/train is not yet available in b',
    });
  });

  it('lowers the leaver, then puts the number back', () => {
    const decided = ['a', 'b'];
    expect(look(RAISED, { count: 2, scores: { a: 100, b: 89 }, decided })).toMatchObject({
      write: { kind: 'scores', writes: writes(['a', 80]) },
    });
    expect(look(RAISED, { count: 2, scores: { a: 80, b: 89 }, decided })).toMatchObject({
      write: { kind: 'count', to: 'lowered' },
    });
  });

  it('brings a newcomer that lost its score back before it lowers the leaver', () => {
    expect(look(RAISED, { count: 2, scores: { a: 100 }, decided: ['a', 'b'] })).toMatchObject({
      write: { kind: 'scores', writes: writes(['b', 89], ['a', 80]) },
    });
  });

  it('is done when OCM has let the leaver go and the newcomer counts as chosen', () => {
    const lowered = step({ phase: 'lowered', lowered: 'windvane', actedAt: AT });
    const scores = { a: 80, b: 89 };
    expect(look(lowered, { scores, decided: ['a', 'b'] })).toMatchObject({ kind: 'waiting' });
    expect(look(lowered, { scores, decided: ['b'] })).toMatchObject({
      write: { kind: 'scores', writes: writes(['b', 100]) },
    });
    expect(look(lowered, { scores: { a: 80, b: 100 }, decided: ['b'] })).toEqual({ kind: 'done' });
  });

  it('gives a leaver that may not be chosen any more its last score when it is gone', () => {
    const lowered = step({ phase: 'lowered', lowered: 'windvane', actedAt: AT, leave: { a: -100 } });
    expect(look(lowered, { scores: { a: 80, b: 89 }, decided: ['b'] })).toMatchObject({
      write: { kind: 'scores', writes: writes(['b', 100], ['a', -100]) },
    });
  });

  it('ends when OCM kept the leaver in spite of everything', () => {
    const lowered = step({ phase: 'lowered', lowered: 'windvane', actedAt: AT });
    expect(look(lowered, { scores: { a: 80, b: 89 }, decided: ['a'] })).toMatchObject({
      kind: 'over',
      result: 'ended',
    });
  });

  it('is taken back when the work does not come, and the newcomer is left alone', () => {
    const late = { count: 2, scores: { a: 100, b: 89 }, decided: ['a', 'b'], available: ['a'] };
    expect(look(RAISED, { ...late, after: 14 * MINUTE })).toMatchObject({ kind: 'waiting' });
    expect(look(RAISED, { ...late, after: 15 * MINUTE })).toMatchObject({
      write: { kind: 'turn', result: 'rolled-back', shun: ['b'] },
    });
  });

  it('does not let the leaver go when the newcomer fails between exchange and end', () => {
    const failed = { count: 2, scores: { a: 80, b: 89 }, decided: ['a', 'b'], available: ['a'] };
    expect(look(RAISED, failed)).toMatchObject({ kind: 'waiting' });
    expect(look(RAISED, { ...failed, after: 15 * MINUTE })).toMatchObject({ write: { kind: 'turn' } });
  });

  it('goes back by the leaver, then the number, then what each of them is', () => {
    const back = { ...RAISED, back: { result: 'rolled-back', message: 'why', at: AT } } as const;
    const decided = ['a', 'b'];
    expect(look(back, { count: 2, scores: { a: 80, b: 89 }, decided })).toMatchObject({
      write: { kind: 'scores', writes: writes(['a', 98]) },
    });
    for (const a of [98, 100]) {
      expect(look(back, { count: 2, scores: { a, b: 89 }, decided })).toMatchObject({
        write: { kind: 'count', to: 'lowered' },
      });
    }
    const lowered = { ...back, phase: 'lowered' } as const;
    expect(look(lowered, { scores: { a: 98, b: 89 }, decided })).toMatchObject({ kind: 'waiting' });
    expect(look(lowered, { scores: { a: 98, b: 89 }, decided: ['a'] })).toMatchObject({
      write: { kind: 'scores', writes: writes(['a', 100], ['b', 80]) },
    });
    expect(look(lowered, { scores: { a: 100, b: 80 }, decided: ['a'] })).toMatchObject({
      kind: 'over',
      result: 'rolled-back',
    });
  });

  it('takes on its way back what OCM decided, when somebody put the number back meanwhile', () => {
    const back = { ...RAISED, back: { result: 'rolled-back', message: 'why', at: AT } } as const;
    expect(look(back, { count: 1, scores: { a: 98, b: 89 }, decided: ['b'] })).toMatchObject({
      write: { kind: 'scores', writes: writes(['b', 100], ['a', 80]) },
    });
  });

  it.each([
    ['and OCM keeps the leaver', { a: 100, b: 89 }, ['a'], { kind: 'turn', byOther: true }],
    ['and OCM keeps the leaver though it was lowered', { a: 80, b: 89 }, ['a'], { kind: 'turn' }],
    ['and OCM takes the newcomer', { a: 80, b: 89 }, ['b'], { kind: 'ended-by-other' }],
  ])('ends when somebody puts the number back %s', (_, scores, decided, write) => {
    expect(look(RAISED, { count: 1, scores, decided })).toMatchObject({ kind: 'write', write });
  });

  it.each([
    { a: 100, b: 89 },
    { a: 80, b: 89 },
  ])('waits for OCM where the number was put back, scores %o', (scores) => {
    expect(look(RAISED, { count: 1, scores, decided: ['a', 'b'] })).toMatchObject({ kind: 'waiting' });
  });

  it('is taken back by a freeze before the exchange, and finished after it', () => {
    const before = { count: 2, scores: { a: 100, b: 89 }, decided: ['a', 'b'], stop: FROZEN };
    expect(look(RAISED, before)).toMatchObject({ write: { kind: 'turn', result: 'rolled-back' } });
    const after = { ...before, scores: { a: 80, b: 89 } };
    expect(look(RAISED, after)).toMatchObject({ write: { kind: 'count', to: 'lowered' } });
  });

  it('gives time to what cannot be looked into', () => {
    const seen = { count: 2, scores: { a: 100, b: 89 }, decided: ['a', 'b'], unseen: true };
    expect(look(RAISED, { ...seen, after: 4 * MINUTE })).toMatchObject({ kind: 'waiting' });
    expect(look(RAISED, { ...seen, after: 5 * MINUTE })).toMatchObject({ write: { kind: 'scores' } });
  });

  it('gives up a newcomer that OCM considers no more', () => {
    const seen = { count: 2, scores: { a: 100, b: 89 }, decided: ['a'], feasible: ['a'] };
    expect(look(RAISED, seen)).toMatchObject({ write: { kind: 'turn', shun: ['b'] } });
  });
});

describe('the scores of a surge', () => {
  it.each([
    [{ b: 80 }, { a: 80 }, 89, 98],
    [{ b: 79 }, { a: 79 }, 88, 97],
    [{ b: 3 }, { a: 72 }, 81, 90],
    [{ b: 80 }, { a: -100 }, 89, 98],
    [{ b1: 80, b2: 75 }, { a1: 80, a2: 75 }, 84, 93],
  ])('of newcomers at %o for leavers at %o bring the newcomers to %i', (enter, leave, arrives, returns) => {
    const { arriving, leaving, returning } = surgeScores(step({ enter, leave }));
    expect(new Set(arriving.map(({ value }) => value))).toEqual(new Set([arrives]));
    expect(new Set(returning.map(({ value }) => value))).toEqual(new Set([returns]));
    for (const { value } of leaving) {
      // Weight 10 for the score, 100 points for whoever is decided for.
      expect(10 * (arrives - Number(value))).toBeLessThan(100);
      expect(arrives).toBeGreaterThan(Number(value));
      expect(isRestScore(Number(value))).toBe(true);
    }
    expect(10 * (returns - arrives)).toBeLessThan(100);
    expect(isRestScore(arrives)).toBe(false);
  });

  it('let a leaver go by the score of its newcomer, or near it', () => {
    expect([80, 72, 71, 1].map(leavingScore)).toEqual([80, 72, 72, 72]);
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
