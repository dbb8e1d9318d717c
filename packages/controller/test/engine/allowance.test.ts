import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AllowanceRule, allowanceAt } from '../../src/engine/allowance.ts';
import { createTimeline } from '../../src/engine/timeline.ts';
import { AT, HOUR } from './problems.ts';

/** Hourly values; `AT` is the hour at `now`. */
const timeline = (values: readonly number[], now = 0) =>
  createTimeline(
    values.map((value, hour) => ({ at: AT + (hour - now) * HOUR, value })),
    AT + (values.length - now) * HOUR,
  );
const threshold = (rest: Partial<Extract<AllowanceRule, { kind: 'threshold' }>> = {}): AllowanceRule => ({
  kind: 'threshold',
  target: 150,
  window: 0,
  hysteresis: 0.05,
  ...rest,
});
const cleanest = (share: number, hysteresis = 0): AllowanceRule => ({
  kind: 'percentile',
  share,
  window: 0,
  hysteresis,
});

describe('a target', () => {
  it('allows below it and forbids at it', () => {
    expect(allowanceAt(threshold(), timeline([149]), AT)).toMatchObject({
      allowed: true,
      gramsPerKwh: 149,
      bound: 150,
      held: false,
      text: 'Runs: 149 g/kWh now is below the target of 150.',
    });
    expect(allowanceAt(threshold(), timeline([150]), AT)).toMatchObject({
      allowed: false,
      text: 'Waits: 150 g/kWh now is not below the target of 150.',
    });
  });

  it('looks at the mean of its window, so that nothing starts right before a dirty hour', () => {
    const dirtySoon = timeline([100, 400]);
    expect(allowanceAt(threshold(), dirtySoon, AT).allowed).toBe(true);
    const rule = threshold({ window: 2 * HOUR });
    expect(allowanceAt(rule, dirtySoon, AT)).toMatchObject({ allowed: false, gramsPerKwh: 250 });
    expect(allowanceAt(rule, dirtySoon, AT).text).toBe(
      'Waits: 250 g/kWh over the next 2 h is not below the target of 150.',
    );
  });

  it('never runs above it: within the hysteresis below it, what runs goes on and what waits waits', () => {
    expect(allowanceAt(threshold(), timeline([140, 145], 1), AT)).toMatchObject({
      allowed: true,
      held: true,
    });
    const fell = allowanceAt(threshold(), timeline([200, 145], 1), AT);
    expect(fell).toMatchObject({ allowed: false, held: true });
    expect(fell.text).toBe(
      'Waits on: 145 g/kWh now is below the target of 150, by less than the hysteresis.',
    );
    expect(allowanceAt(threshold(), timeline([200, 142], 1), AT)).toMatchObject({
      allowed: true,
      held: false,
    });
    expect(allowanceAt(threshold(), timeline([140, 151], 1), AT)).toMatchObject({
      allowed: false,
      held: false,
    });
    // Hour after hour within the band, back to the last one outside of it.
    expect(allowanceAt(threshold(), timeline([140, 145, 149, 143], 3), AT).allowed).toBe(true);
    expect(allowanceAt(threshold(), timeline([200, 145, 149, 143], 3), AT).allowed).toBe(false);
    expect(allowanceAt(threshold(), timeline([200, 145], 1), AT + HOUR / 2).allowed).toBe(false);
    // No hour tells: below is below.
    expect(allowanceAt(threshold(), timeline([145, 149], 1), AT)).toMatchObject({
      allowed: true,
      held: false,
    });
  });

  it('tells since when it waits, to the minute, and when it should open', () => {
    const waits = allowanceAt(threshold(), timeline([100, 200, 300, 145, 100], 2), AT);
    expect(waits).toMatchObject({ allowed: false, waitsSince: AT - HOUR, opensAt: AT + 2 * HOUR });
    // A mean over two hours reaches the target half an hour into the last clean hour.
    const window = threshold({ window: HOUR, hysteresis: 0 });
    const ramp = timeline([100, 100, 200, 200, 200], 3);
    expect(allowanceAt(window, ramp, AT)).toMatchObject({ allowed: false, waitsSince: AT - 1.5 * HOUR });
    expect(allowanceAt(threshold(), timeline([200, 145, 145], 2), AT)).toMatchObject({
      allowed: false,
      waitsSince: null,
      opensAt: null,
    });
    expect(allowanceAt(threshold(), timeline([100]), AT)).toMatchObject({ waitsSince: null, opensAt: null });
  });

  it('is not met by a mean that equals it but for rounding', () => {
    const flat = timeline([133.7, 266.1, 91.3, ...Array.from({ length: 500 }, () => 150)], 300);
    expect(allowanceAt(threshold({ window: HOUR }), flat, AT).allowed).toBe(false);
  });
});

describe('the cleanest share of the next day', () => {
  const day = [5, 3, 9, 1, ...Array.from({ length: 20 }, (_, hour) => 100 + hour)];

  it('allows as many hours as the share says', () => {
    const allowed = day.map((_, hour) => {
      // The same day again and again, seen from each of its hours.
      const values = [...day.slice(hour), ...day.slice(0, hour)];
      return allowanceAt(cleanest(0.125), timeline(values), AT).allowed;
    });
    expect(allowed.filter(Boolean)).toHaveLength(3);
    expect(allowed.slice(0, 5)).toEqual([true, true, false, true, false]);
  });

  it('allows at least one hour, and all of them when nothing is cleaner', () => {
    expect(allowanceAt(cleanest(0.001), timeline(day.toSorted((a, b) => a - b)), AT).allowed).toBe(true);
    expect(allowanceAt(cleanest(0.001), timeline([300]), AT).allowed).toBe(true);
  });

  it('lets what runs go on within the hysteresis, in parts of the day', () => {
    // Cleaner by the hour: each one is displaced by one more of the later ones.
    const fall = Array.from({ length: 40 }, (_, hour) => (hour < 2 ? 50 : hour < 12 ? 100 - hour : 200));
    const places = (now: number, hysteresis: number) =>
      allowanceAt(cleanest(0.25, hysteresis), timeline(fall, now), AT);
    expect(places(6, 0).allowed).toBe(true);
    expect(places(5, 0).allowed).toBe(false);
    // Hour 0 and 1 run, hours 2 to 4 are far from the cleanest quarter, hour 5 has six cleaner ones.
    expect(places(5, 0.05)).toMatchObject({ allowed: false, held: true });
    const rising = [
      50,
      ...Array.from({ length: 7 }, (_, hour) => 90 - hour),
      ...Array.from({ length: 20 }, () => 95),
    ];
    expect(allowanceAt(cleanest(0.25), timeline(rising, 1), AT).allowed).toBe(false);
    expect(allowanceAt(cleanest(0.25, 0.05), timeline(rising, 1), AT)).toMatchObject({
      allowed: true,
      held: true,
    });
  });

  it('explains itself', () => {
    expect(allowanceAt(cleanest(0.125), timeline(day), AT).text).toBe(
      'Runs: 5 g/kWh now is among the cleanest 13 % of the next 24 h (up to 5 g/kWh).',
    );
  });
});

describe('any rule', () => {
  it('does not depend on when it was asked before: only on the timeline and the hour', () => {
    const values = fc.array(fc.integer({ min: 100, max: 200 }), { minLength: 60, maxLength: 60 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 30 }), fc.boolean(), (all, hour, byShare) => {
        const rule = byShare ? cleanest(0.3, 0.05) : threshold();
        const whole = timeline(all);
        let running = false;
        for (let at = 0; at <= hour; at++) {
          const { allowed, held } = allowanceAt(rule, whole, AT + at * HOUR);
          // What hysteresis keeps is what was the case an hour before.
          expect(held ? allowed : running).toBe(running);
          running = allowed;
        }
      }),
    );
  });
});
