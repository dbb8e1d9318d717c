import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR, type Instant, MINUTE, ProviderError, startOfHour } from '../../src/index.ts';
import { checkedGramsPerKwh } from '../../src/provider/check.ts';
import { hourlyForecast, newestHour, pastHours, type Slot } from '../../src/provider/hourly.ts';
import { NOON } from '../support/fixtures.ts';

const STEP = 5 * MINUTE;
const check = (value: unknown): number => checkedGramsPerKwh('test', value, 'value');
const slot = (from: Instant, value: unknown): Slot => ({ from, to: from + STEP, value });

/** Up to four hours of slots, some of them missing, some of them not to be used, in any order. */
const value = fc.oneof(
  { weight: 8, arbitrary: fc.double({ min: 1, max: 2_500, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom<unknown>(null, -1, 0, Number.NaN, 1e6, 'x') },
);
const slots = fc
  .uniqueArray(fc.tuple(fc.integer({ min: -24, max: 24 }), value), { selector: ([i]) => i, minLength: 1 })
  .map((list) => list.map(([i, sent]) => slot(NOON + i * STEP, sent)));

const usable = (list: readonly Slot[]): number[] =>
  list.flatMap(({ value: sent }) => (typeof sent === 'number' && sent > 0 && sent <= 2_500 ? [sent] : []));

describe('hours of a finer series', () => {
  it('are means of what was sent for that hour, and of nothing else', () => {
    fc.assert(
      fc.property(slots, (list) => {
        const parts = usable(list).length === 0 ? [] : pastHours(list, NOON + 3 * HOUR, check);
        for (const { from, to, gramsPerKwh } of parts) {
          const inside = usable(list.filter((each) => each.from >= from && each.to <= to));
          expect(startOfHour(to - 1)).toBe(startOfHour(from));
          expect(inside).toHaveLength((to - from) / STEP);
          expect(gramsPerKwh).toBeGreaterThanOrEqual(Math.min(...inside) * (1 - 1e-12));
          expect(gramsPerKwh).toBeLessThanOrEqual(Math.max(...inside) * (1 + 1e-12));
        }
        const covered = parts.reduce((sum, { from, to }) => sum + (to - from) / STEP, 0);
        expect(covered).toBe(usable(list).length);
      }),
    );
  });

  it('are exactly what was sent when that does not change', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 2_500, noNaN: true }), (sent) => {
        const list = Array.from({ length: 12 }, (_, i) => slot(NOON + i * STEP, sent));
        expect(newestHour('test', list, NOON + HOUR, check)).toEqual({
          from: NOON,
          to: NOON + HOUR,
          gramsPerKwh: sent,
        });
      }),
    );
  });

  it('end with the newest slot that has begun, or fail with it', () => {
    const at = NOON + 7 * MINUTE;
    fc.assert(
      fc.property(slots, (list) => {
        const begun = list.filter(({ from }) => from <= at).sort((a, b) => b.from - a.from);
        const [newest] = begun;
        let told: number | null;
        try {
          told = newestHour('test', list, at, check).to;
        } catch (error) {
          if (!(error instanceof ProviderError)) throw error;
          told = null;
        }
        const sound = newest !== undefined && usable([newest]).length === 1;
        expect(told).toBe(sound ? newest.to : null);
      }),
    );
  });

  it('take the dirtier of two values for one time in the past', () => {
    const twice = [slot(NOON, 100), slot(NOON, 300), slot(NOON, 200)];
    expect(pastHours(twice, NOON, check)).toEqual([{ from: NOON, to: NOON + STEP, gramsPerKwh: 300 }]);
  });

  it('leave out what has not begun', () => {
    expect(pastHours([slot(NOON, 100), slot(NOON + STEP, 100)], NOON, check)).toHaveLength(1);
  });
});

describe('hours of a finer forecast', () => {
  const at = NOON + 22 * MINUTE;
  const whole = (from: Instant, to: Instant, sent: (i: number) => unknown): Slot[] =>
    Array.from({ length: (to - from) / STEP }, (_, i) => slot(from + i * STEP, sent(i)));

  it('count when they are covered, the present one from now on', () => {
    const list = whole(NOON + 20 * MINUTE, NOON + 2 * HOUR + 55 * MINUTE, () => 100);
    expect(hourlyForecast('test', list, at, check)).toEqual([
      { at: NOON, gramsPerKwh: 100 },
      { at: NOON + HOUR, gramsPerKwh: 100 },
    ]);
    // Its first slot begins after now.
    const later = whole(NOON + 25 * MINUTE, NOON + 2 * HOUR, () => 100);
    expect(hourlyForecast('test', later, at, check)).toEqual([{ at: NOON + HOUR, gramsPerKwh: 100 }]);
  });

  it('do not count with a hole', () => {
    const list = whole(NOON + HOUR, NOON + 3 * HOUR, () => 100).filter((_, i) => i !== 5);
    expect(hourlyForecast('test', list, at, check)).toEqual([{ at: NOON + 2 * HOUR, gramsPerKwh: 100 }]);
  });

  it('fail on a value that cannot be, and on two for one time that disagree', () => {
    const ahead = (sent: (i: number) => unknown): Slot[] => whole(NOON + HOUR, NOON + 2 * HOUR, sent);
    expect(() =>
      hourlyForecast(
        'test',
        ahead((i) => (i === 3 ? -1 : 100)),
        at,
        check,
      ),
    ).toThrow(ProviderError);
    const again = [...ahead(() => 100), slot(NOON + HOUR, 101)];
    expect(() => hourlyForecast('test', again, at, check)).toThrow('two values for 2022-06-01T13:00:00.000Z');
    expect(hourlyForecast('test', [...ahead(() => 100), ...ahead(() => 100)], at, check)).toHaveLength(1);
  });

  it('do not look at what has gone by', () => {
    const list = [slot(NOON - HOUR, -1), ...whole(NOON + HOUR, NOON + 2 * HOUR, () => 100)];
    expect(hourlyForecast('test', list, at, check)).toHaveLength(1);
  });
});
