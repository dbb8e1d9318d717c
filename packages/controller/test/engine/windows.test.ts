import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTimeline, type Timeline, zoneTimeline } from '../../src/engine/timeline.ts';
import { bestWindow } from '../../src/engine/windows.ts';
import { AT, HOUR, path } from './problems.ts';

const MINUTE = 60_000;
const hourly = (values: readonly number[]): Timeline =>
  createTimeline(
    values.map((value, hour) => ({ at: AT + hour * HOUR, value })),
    AT + values.length * HOUR,
  );

describe('createTimeline', () => {
  const timeline = hourly([100, 200, 400]);

  it('weighs each step by the part of it that lies inside', () => {
    expect(timeline.mean(AT, 2 * HOUR)).toBe(150);
    expect(timeline.mean(AT + HOUR / 2, HOUR)).toBe(150);
    expect(timeline.mean(AT + 45 * MINUTE, 90 * MINUTE)).toBeCloseTo((15 * 100 + 60 * 200 + 15 * 400) / 90);
  });

  it('gives the value of the moment for no length, and its ends for what lies outside', () => {
    expect(timeline.mean(AT + HOUR, 0)).toBe(200);
    expect(timeline.mean(AT - HOUR, HOUR)).toBe(100);
    expect(timeline.mean(AT + 9 * HOUR, HOUR)).toBe(400);
  });

  it('names its steps', () => {
    expect(timeline.steps(AT, AT + 2 * HOUR)).toEqual([AT + HOUR, AT + 2 * HOUR]);
    expect(timeline.steps(AT - 1, AT)).toEqual([AT]);
    expect(timeline.steps(AT + 2 * HOUR, AT + 9 * HOUR)).toEqual([]);
    expect(() => createTimeline([], AT)).toThrow(RangeError);
  });
});

describe('zoneTimeline', () => {
  const zone = { at: AT, gramsPerKwh: 250, forecast: path([999, 300, 100]), resolution: HOUR };

  it('believes the present value until the next step of the forecast', () => {
    const timeline = zoneTimeline({ ...zone, at: AT + 20 * MINUTE }, AT + 3 * HOUR);
    expect(timeline.mean(AT + 20 * MINUTE, 40 * MINUTE)).toBe(250);
    expect(timeline.mean(AT + HOUR, HOUR)).toBe(300);
  });

  it('knows the past as well', () => {
    const history = [
      { at: AT - 2 * HOUR, gramsPerKwh: 500 },
      { at: AT - HOUR, gramsPerKwh: 700 },
    ];
    const timeline = zoneTimeline({ ...zone, history }, AT + HOUR);
    expect(timeline.from).toBe(AT - 2 * HOUR);
    expect(timeline.mean(AT - 2 * HOUR, 3 * HOUR)).toBeCloseTo((500 + 700 + 250) / 3);
  });

  it('stands still without a forecast', () => {
    const timeline = zoneTimeline({ ...zone, forecast: [] }, AT + 9 * HOUR);
    expect(timeline.mean(AT + 7 * HOUR, HOUR)).toBe(250);
    expect(timeline.steps(AT, AT + 9 * HOUR)).toEqual([]);
  });

  it('repeats the last day beyond the forecast, and the present value where there is no day before', () => {
    const day = path(Array.from({ length: 24 }, (_, hour) => 100 + hour));
    const timeline = zoneTimeline({ ...zone, forecast: day }, AT + 40 * HOUR);
    expect(timeline.mean(AT + 25 * HOUR, HOUR)).toBe(101);
    expect(zoneTimeline(zone, AT + 40 * HOUR).mean(AT + 5 * HOUR, HOUR)).toBe(250);
    expect(zoneTimeline(zone, AT + 40 * HOUR).mean(AT + 26 * HOUR, HOUR)).toBe(100);
  });
});

describe('bestWindow', () => {
  const question = { at: AT, latestStart: AT + 6 * HOUR, duration: HOUR };

  it('begins or ends a run with a step', () => {
    expect(bestWindow(hourly([300, 300, 100, 300, 300, 300, 300, 300]), question)).toEqual({
      start: AT + 2 * HOUR,
      end: AT + 3 * HOUR,
      mean: 100,
    });
    const ending = bestWindow(hourly([200, 100, 400, 500, 500, 500, 500, 500]), {
      ...question,
      duration: 1.5 * HOUR,
    });
    expect(ending.start).toBe(AT + HOUR / 2);
  });

  it('takes the latest start when it only gets cleaner, and now when nothing changes or time is up', () => {
    const falling = hourly([9, 8, 7, 6, 5, 4, 3, 2]);
    expect(bestWindow(falling, { ...question, latestStart: AT + 90 * MINUTE }).start).toBe(AT + 90 * MINUTE);
    expect(bestWindow(falling, { ...question, latestStart: AT - HOUR }).start).toBe(AT);
    expect(bestWindow(hourly([5, 5, 5]), question).start).toBe(AT);
  });

  it('is never beaten by any start tried minute by minute', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 12, maxLength: 12 }),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 0, max: 400 }),
        fc.integer({ min: 0, max: 59 }),
        (values, minutes, slack, late) => {
          const timeline = hourly(values);
          const at = AT + late * MINUTE;
          const duration = minutes * MINUTE;
          const best = bestWindow(timeline, { at, latestStart: at + slack * MINUTE, duration });
          expect(best.mean).toBeCloseTo(timeline.mean(best.start, duration), 9);
          for (let minute = 0; minute <= slack; minute++) {
            expect(timeline.mean(at + minute * MINUTE, duration)).toBeGreaterThanOrEqual(best.mean - 1e-6);
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});
