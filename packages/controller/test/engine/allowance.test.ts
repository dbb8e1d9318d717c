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

  it('lets what runs go on within the hysteresis, and what waits wait', () => {
    const rose = allowanceAt(threshold(), timeline([140, 155], 1), AT);
    expect(rose).toMatchObject({ allowed: true, held: true });
    expect(rose.text).toBe('Runs on: 155 g/kWh now is above the target of 150, by less than the hysteresis.');
    expect(allowanceAt(threshold(), timeline([200, 155], 1), AT)).toMatchObject({
      allowed: false,
      held: true,
    });
    expect(allowanceAt(threshold(), timeline([140, 158], 1), AT)).toMatchObject({
      allowed: false,
      held: false,
    });
    // Hour after hour within the band, back to the last clear one.
    expect(allowanceAt(threshold(), timeline([140, 153, 155, 156], 3), AT).allowed).toBe(true);
    expect(allowanceAt(threshold(), timeline([200, 153, 155, 156], 3), AT).allowed).toBe(false);
    expect(allowanceAt(threshold(), timeline([153, 155], 1), AT).allowed).toBe(false);
    expect(allowanceAt(threshold(), timeline([140, 155], 1), AT + HOUR / 2).allowed).toBe(true);
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

  it('lets what runs go on while the hours that displace it are hardly cleaner', () => {
    const later = Array.from({ length: 30 }, (_, hour) => (hour < 2 ? 100 : 98));
    const first = [50, ...later];
    expect(allowanceAt(cleanest(0.25), timeline(first, 1), AT).allowed).toBe(false);
    expect(allowanceAt(cleanest(0.25, 0.05), timeline(first, 1), AT)).toMatchObject({
      allowed: true,
      held: true,
    });
    expect(allowanceAt(cleanest(0.25, 0.05), timeline(later), AT)).toMatchObject({
      allowed: false,
      held: true,
    });
    expect(allowanceAt(cleanest(0.25, 0.01), timeline(first, 1), AT)).toMatchObject({
      allowed: false,
      held: false,
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
