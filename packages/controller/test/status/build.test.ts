import { describe, expect, it } from 'vitest';
import type { Decision } from '../../src/engine/decision.ts';
import { buildStatus, type StatusFacts } from '../../src/status/build.ts';
import type { MoveRecord } from '../../src/status/carbon-placement.ts';
import { rememberedFrom } from '../../src/status/schema.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const facts: StatusFacts = {
  mode: 'act',
  frozen: false,
  misconfigured: null,
  blocked: null,
  pending: null,
  moving: null,
  text: 'All is well.',
  data: 'live',
  replicas: 9,
  split: [
    { cluster: 'a', zone: 'DE', replicas: 6, share: 0.667, gramsPerKwh: 100, reason: 'clean' },
    { cluster: 'b', zone: 'FR', replicas: 3, share: 0.333, gramsPerKwh: 400, reason: 'floor' },
    { cluster: 'c', zone: null, replicas: 0, share: 0, gramsPerKwh: null, reason: 'unknown' },
  ],
  cleanest: { cluster: 'a', zone: 'DE' },
  decision: null,
  step: null,
  moves: [],
  moveStarts: [],
  found: null,
  hold: null,
  accounting: null,
  generation: 4,
};
const nothing = rememberedFrom(undefined);
const build = (more: Partial<StatusFacts> = {}, before = nothing, now = NOW) =>
  buildStatus({ ...facts, ...more }, before, now);

const decision = (at: number, more: Partial<Decision> = {}): Decision => ({
  id: `id-${at}`,
  unit: 'u',
  at,
  mapVersion: 1,
  outcome: 'keep',
  heldBy: null,
  target: { b: 0.3333333, a: 0.6666667 },
  weights: {},
  divisions: [],
  gain: { share: 0.123456, horizon: 3_600_000 },
  continues: false,
  last: true,
  moveCost: 600_000,
  confidence: 0.777,
  runnerUp: { cluster: 'b', reason: 'dirtier' },
  clusters: [],
  text: 'Stay.',
  ...more,
});

describe('buildStatus', () => {
  const misconfigured = { reason: 'BadValue', message: 'm' } as const;
  const blocked = { reason: 'NoPolicy', message: 'b' } as const;

  it.each([
    ['Frozen', { frozen: true, misconfigured, blocked }, 'BadValue'],
    ['Blocked', { misconfigured, blocked, mode: 'observe' }, 'BadValue'],
    ['Blocked', { blocked, mode: 'observe', moving: 'x' }, 'NoPolicy'],
    ['Observing', { mode: 'observe', pending: 'x' }, null],
    ['Observing', { mode: 'off' }, null],
    ['Pending', { pending: 'x' }, null],
    ['Moving', { moving: 'x' }, null],
    ['Steady', {}, null],
  ] as const)('is %s in order of precedence', (state, more, reason) => {
    expect(build(more)).toMatchObject({ state, reason });
  });

  it('says in four conditions how things are', () => {
    const { conditions } = build({ blocked, moving: 'waiting for pods' });
    expect(conditions.map(({ type, status, reason, message }) => [type, status, reason, message])).toEqual([
      ['Ready', 'False', 'NoPolicy', 'b'],
      ['Progressing', 'True', 'StepUnderWay', 'waiting for pods'],
      ['Misconfigured', 'False', 'Understood', 'Every annotation is understood'],
      ['Blocked', 'True', 'NoPolicy', 'b'],
    ]);
    expect(conditions.every((each) => each.observedGeneration === 4)).toBe(true);
  });

  it('keeps the time of a condition until its status changes', () => {
    const first = build({ blocked });
    const second = build(
      { blocked: { reason: 'LazyPolicy', message: 'l' } },
      rememberedFrom(first),
      NOW + 60_000,
    );
    const times = second.conditions.map((each) => each.lastTransitionTime);
    expect(new Set(times)).toEqual(new Set(['2026-03-01T12:00:00Z']));
    const third = build({}, rememberedFrom(second), NOW + 120_000);
    expect(third.conditions.find(({ type }) => type === 'Blocked')?.lastTransitionTime).toBe(
      '2026-03-01T12:02:00Z',
    );
    expect(third.conditions.find(({ type }) => type === 'Progressing')?.lastTransitionTime).toBe(
      '2026-03-01T12:00:00Z',
    );
  });

  it('sums up for the columns of kubectl', () => {
    expect(build().summary).toEqual({ cleanest: 'a (DE)', split: 'a 6, b 3', gramsPerKwh: 200, saved: '-' });
    const accounting = {
      at: '2026-03-01T11:00:00.000Z',
      actualGrams: 8_800,
      foundGrams: 10_000,
      actualGramsPerHour: 1,
      foundGramsPerHour: 1,
    };
    expect(build({ accounting })).toMatchObject({
      saved: { grams: 1200, percent: 12 },
      summary: { saved: '12 %, 1.2 kg' },
    });
  });

  it('keeps the first of equal decisions: time alone is no news', () => {
    const first = build({ decision: decision(NOW) });
    expect(first.decision).toMatchObject({
      id: `id-${NOW}`,
      target: { a: 0.667, b: 0.333 },
      gain: 0.123,
      moveCost: '10m',
      runnerUp: 'b: dirtier',
    });
    const again = build({ decision: decision(NOW + 1) }, rememberedFrom(first), NOW + 1);
    expect(again).toEqual(first);
    const other = build({ decision: decision(NOW + 2, { text: 'Go.' }) }, rememberedFrom(first), NOW + 2);
    expect(other.decision?.id).toBe(`id-${NOW + 2}`);
    expect(build({}, rememberedFrom(first)).decision).toEqual(first.decision);
  });

  it('keeps the last ten moves', () => {
    const moves = Array.from(
      { length: 13 },
      (_, index): MoveRecord => ({
        decision: String(index),
        startedAt: '2026-03-01T00:00:00Z',
        finishedAt: null,
        result: null,
        from: {},
        to: {},
      }),
    );
    expect(build({ moves }).moves.map((move) => move.decision)).toEqual([
      '3',
      '4',
      '5',
      '6',
      '7',
      '8',
      '9',
      '10',
      '11',
      '12',
    ]);
  });

  it('can be read back from what is stored', () => {
    const status = build({ decision: decision(NOW), found: { present: false, value: null } });
    const remembered = rememberedFrom(JSON.parse(JSON.stringify(status)));
    expect(build({ found: remembered.found }, remembered)).toEqual(status);
    expect(remembered.splitReasons).toEqual({ a: 'clean', b: 'floor', c: 'unknown' });
  });

  it.each([null, 'text', { moves: 'none', hold: 7 }, { conditions: [{ type: 'Odd' }] }])(
    'takes damage in %j for absence',
    (damaged) => {
      expect(rememberedFrom(damaged)).toEqual(nothing);
    },
  );
});
