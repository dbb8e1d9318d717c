import { createBaselineProvider, DAY, HOUR } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { createSyntheticDay } from '../../src/demo/synthetic-day.ts';
import { demoZones } from '../../src/demo/world.ts';

const START = Date.UTC(2026, 5, 1);
const zones = [...demoZones().values()];
const provider = createSyntheticDay();
const at = async (zone: string, hour: number): Promise<number> =>
  (await provider.latest(zone, START + hour * HOUR)).gramsPerKwh;

describe('synthetic day', () => {
  it.each(zones)('%s keeps its yearly average over a long time', async (zone) => {
    const yearly = (await createBaselineProvider().latest(zone, START)).gramsPerKwh;
    const readings = await provider.history(zone, START, START + 60 * DAY);
    const mean = readings.reduce((sum, { gramsPerKwh }) => sum + gramsPerKwh, 0) / readings.length;
    expect(readings).toHaveLength(60 * 24);
    expect(mean / yearly).toBeGreaterThan(0.97);
    expect(mean / yearly).toBeLessThan(1.03);
    for (const { gramsPerKwh } of readings) expect(gramsPerKwh).toBeGreaterThan(0);
  });

  it('is the same every time it is asked', async () => {
    const again = createSyntheticDay();
    for (const zone of zones) {
      expect(await again.forecast(zone, START, 48 * HOUR)).toEqual(
        await provider.forecast(zone, START, 48 * HOUR),
      );
    }
  });

  it('is cleaner at noon in the sun than in the evening, by the clock of the place', async () => {
    // Noon in Spain is 12 UTC, in California 20 UTC; sunset peaks follow about seven hours later.
    expect(await at('ES', 12)).toBeLessThan(await at('ES', 19));
    expect(await at('US-CAL-CISO', 20)).toBeLessThan(await at('US-CAL-CISO', 27));
  });

  it('says for a whole hour what it said at its start, and says that it made it up', async () => {
    const first = await provider.latest('DE', START);
    const later = await provider.latest('DE', START + HOUR - 1);
    expect(later).toEqual({ ...first, fetchedAt: START + HOUR - 1 });
    expect(first).toMatchObject({
      source: 'synthetic',
      estimated: true,
      validFrom: START,
      validTo: START + HOUR,
    });
  });

  it('forecasts near the truth at first and within 10 % later', async () => {
    const forecast = await provider.forecast('GB', START + 30 * 60_000, 48 * HOUR);
    expect(forecast).toMatchObject({ issuedAt: START, resolution: HOUR });
    for (const [index, point] of (forecast?.points ?? []).entries()) {
      const truth = await at('GB', index);
      expect(point.at).toBe(START + index * HOUR);
      expect(Math.abs(point.gramsPerKwh / truth - 1)).toBeLessThan(index === 0 ? 0.001 : 0.11);
    }
    expect(forecast?.points.length).toBe(49);
  });

  it('changes which grid is cleanest among those that differ', async () => {
    const cleanest = new Set<string>();
    for (let hour = 0; hour < 72; hour += 1) {
      const [california, spain] = [await at('US-CAL-CISO', hour), await at('ES', hour)];
      cleanest.add(california < spain ? 'US-CAL-CISO' : 'ES');
    }
    expect([...cleanest].toSorted()).toEqual(['ES', 'US-CAL-CISO']);
  });
});
