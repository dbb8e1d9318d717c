import { HOUR } from '@windvane/carbon-map';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { account, accountedUntil, gramsPerHour, savedBy } from '../../src/status/accounting.ts';

const grams = (values: Record<string, number | null>) => (cluster: string) => values[cluster] ?? null;

describe('gramsPerHour', () => {
  it('is replicas times kilowatts times intensity', () => {
    const gramsPerKwh = grams({ a: 400, b: 100 });
    expect(gramsPerHour({ replicas: { a: 2, b: 6 }, gramsPerKwh }, 250)).toBe(0.25 * (2 * 400 + 6 * 100));
  });

  it('takes the mean of the others for a cluster without data', () => {
    const gramsPerKwh = grams({ a: 400, b: null });
    expect(gramsPerHour({ replicas: { a: 1, b: 3 }, gramsPerKwh }, 1000)).toBe(1600);
  });

  it('is null when nothing is known, and 0 when nothing runs', () => {
    expect(gramsPerHour({ replicas: { a: 1 }, gramsPerKwh: () => null }, 100)).toBeNull();
    expect(gramsPerHour({ replicas: {}, gramsPerKwh: () => null }, 100)).toBe(0);
  });
});

describe('account', () => {
  it('adds up at the rates that held', () => {
    const first = account(null, { actual: 100, asFound: 200 }, 0);
    const second = account(first, { actual: 50, asFound: 300 }, 2 * HOUR);
    expect(second).toMatchObject({ actualGrams: 200, foundGrams: 400, actualGramsPerHour: 50 });
    const third = accountedUntil(second, 3 * HOUR);
    expect(third).toMatchObject({ actualGrams: 250, foundGrams: 700 });
    expect(savedBy(third)).toEqual({ grams: 450, percent: 64.3 });
  });

  it('is left as it is while the rates are the same, or not known', () => {
    const first = account(null, { actual: 100, asFound: 200 }, 0);
    expect(account(first, { actual: 100, asFound: 200 }, HOUR)).toBe(first);
    expect(account(first, null, HOUR)).toBe(first);
  });

  it('says nothing before anything was emitted', () => {
    expect(savedBy(null)).toBeNull();
    expect(savedBy(account(null, { actual: 1, asFound: 2 }, 0))).toBeNull();
  });

  it('never counts backwards when the clock does', () => {
    const first = account(null, { actual: 100, asFound: 200 }, 5 * HOUR);
    expect(accountedUntil(first, 0)).toMatchObject({ actualGrams: 0, foundGrams: 0 });
  });

  it('does not depend on how often it was looked at', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 10 }), (hours) => {
        const rate = { actual: 60, asFound: 90 };
        let entry = account(null, rate, 0);
        let at = 0;
        for (const step of hours) {
          at += step * HOUR;
          entry = account(entry, rate, at);
        }
        expect(savedBy(accountedUntil(entry, at))).toEqual({ grams: 30 * (at / HOUR), percent: 33.3 });
      }),
    );
  });
});
