import { expect, it } from 'vitest';
import { DAY, HOUR, type Instant, MINUTE, type PriceSource } from '../../src/index.ts';

/** A source that has prices of `key` for the day from `at` on, and none of `unknown`. */
export interface PriceCase {
  readonly source: PriceSource;
  readonly key: string;
  readonly unknown: string;
  /** At the full hour. */
  readonly at: Instant;
  readonly close?: () => Promise<void>;
}

/** What every {@link PriceSource} does. */
export function priceConformance(make: () => Promise<PriceCase>): void {
  async function within(run: (given: PriceCase) => Promise<void>): Promise<void> {
    const given = await make();
    try {
      await run(given);
    } finally {
      await given.close?.();
    }
  }

  it('covers its key and gives a finite price for every hour', () =>
    within(async ({ source, key, at }) => {
      const hourly = await source.hourly(key, at, at + DAY);
      expect(source.covers(key)).toBe(true);
      expect(hourly).toMatchObject({ currency: source.currency, source: source.name, from: at });
      expect(source.currency).toMatch(/^[A-Z]{3}$/);
      expect(hourly.prices).toHaveLength(24);
      for (const price of hourly.prices) expect(Number.isFinite(price)).toBe(true);
    }));

  it('begins with the hour that runs and ends before the hour that is not asked for', () =>
    within(async ({ source, key, at }) => {
      const hourly = await source.hourly(key, at + 59 * MINUTE, at + HOUR + MINUTE);
      expect(hourly.from).toBe(at);
      expect(hourly.prices).toHaveLength(2);
      expect((await source.hourly(key, at, at + HOUR)).prices).toHaveLength(1);
      expect((await source.hourly(key, at, at)).prices).toEqual([]);
      expect((await source.hourly(key, at + HOUR, at)).prices).toEqual([]);
    }));

  it('has no price of what it does not know: null or an error, never a number', () =>
    within(async ({ source, unknown, at }) => {
      const told = await source.hourly(unknown, at, at + 2 * HOUR).then(
        ({ prices }) => prices,
        (error: unknown) => (error instanceof Error ? [null, null] : error),
      );
      expect(told).toEqual([null, null]);
    }));

  it('says the same of an hour whatever span it is asked in', () =>
    within(async ({ source, key, at }) => {
      const whole = await source.hourly(key, at, at + 6 * HOUR);
      const part = await source.hourly(key, at + 2 * HOUR, at + 4 * HOUR);
      expect(part.prices).toEqual(whole.prices.slice(2, 4));
    }));
}
