import { expect, it } from 'vitest';
import {
  type CarbonProvider,
  DAY,
  HOUR,
  type Instant,
  MAX_GRAMS_PER_KWH,
  ProviderError,
  type Reading,
  startOfHour,
  type ZoneCode,
} from '../../src/index.ts';

/** A provider that has data for `zone` at `at`, and none for `unknown`. */
export interface ProviderCase {
  readonly provider: CarbonProvider;
  readonly zone: ZoneCode;
  readonly at: Instant;
  readonly unknown: ZoneCode;
  readonly close?: () => Promise<void>;
}

/** What every {@link CarbonProvider} does. `make` gives a new one that nothing has been asked of. */
export function providerConformance(make: () => Promise<ProviderCase>): void {
  async function within(run: (given: ProviderCase) => Promise<void>): Promise<void> {
    const given = await make();
    try {
      await run(given);
    } finally {
      await given.close?.();
    }
  }

  function expectSound(reading: Reading, { provider, zone }: ProviderCase): void {
    expect(reading).toMatchObject({ zone, source: provider.name, ...provider.pair });
    expect(reading.gramsPerKwh).toBeGreaterThan(0);
    expect(reading.gramsPerKwh).toBeLessThanOrEqual(MAX_GRAMS_PER_KWH);
    expect(reading.validFrom).toBeLessThan(reading.validTo);
  }

  it('covers its zone and answers with a sound reading that began by now', () =>
    within(async (given) => {
      const { provider, zone, at } = given;
      expect(provider.covers(zone)).toBe(true);
      const reading = await provider.latest(zone, at);
      expectSound(reading, given);
      expect(reading.validFrom).toBeLessThanOrEqual(at);
    }));

  it('knows nothing of a zone that it does not have, and says so with a ProviderError', () =>
    within(async ({ provider, unknown, at }) => {
      const error = await provider.latest(unknown, at).then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(ProviderError);
      expect(error).toMatchObject({ kind: 'unknown-zone', provider: provider.name });
    }));

  it('forecasts nothing, or sound points from this hour on without gaps, issued by now', () =>
    within(async ({ provider, zone, at }) => {
      const forecast = await provider.forecast(zone, at, DAY);
      if (forecast === null) return;
      expect(forecast).toMatchObject({ zone, source: provider.name, ...provider.pair });
      expect(forecast.issuedAt).toBeLessThanOrEqual(at);
      expect(forecast.points.length).toBeGreaterThan(0);
      expect(forecast.points[0]?.at).toBeGreaterThanOrEqual(startOfHour(at));
      expect(forecast.points.at(-1)?.at).toBeLessThan(at + DAY);
      for (const [i, point] of forecast.points.entries()) {
        expect(point.gramsPerKwh).toBeGreaterThan(0);
        expect(point.at).toBe((forecast.points[0]?.at ?? 0) + i * forecast.resolution);
      }
    }));

  it('gives history within the time asked for, ascending, one reading per hour', () =>
    within(async (given) => {
      const { provider, zone, at } = given;
      const history = await provider.history(zone, at - 6 * HOUR, at);
      const times = history.map(({ validFrom }) => validFrom);
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
      for (const reading of history) {
        expectSound(reading, given);
        expect(reading.validFrom).toBeGreaterThanOrEqual(at - 6 * HOUR);
        expect(reading.validFrom).toBeLessThan(at);
      }
    }));

  it('answers the same question the same way', () =>
    within(async ({ provider, zone, at }) => {
      expect(await provider.latest(zone, at)).toEqual(await provider.latest(zone, at));
    }));
}
