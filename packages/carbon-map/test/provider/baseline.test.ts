import { describe, expect, it } from 'vitest';
import { createBaselineProvider, HOUR, MINUTE } from '../../src/index.ts';
import { zoneList } from '../../src/location/zone-list.ts';
import { NOON } from '../support/fixtures.ts';
import { providerConformance } from './conformance.ts';

describe('baseline provider', () => {
  providerConformance(async () => ({
    provider: createBaselineProvider(),
    zone: 'DE',
    at: NOON + 20 * MINUTE,
    unknown: 'XX',
  }));

  it('answers for every listed zone that has a figure, and there are hundreds', async () => {
    const provider = createBaselineProvider();
    const covered = [...zoneList().zones.keys()].filter((zone) => provider.covers(zone));
    expect(covered.length).toBeGreaterThan(300);
    for (const zone of covered) {
      const { gramsPerKwh } = await provider.latest(zone, NOON);
      expect(gramsPerKwh).toBeGreaterThan(0);
      expect(gramsPerKwh).toBeLessThan(1_500);
    }
  });

  it('never counts as fresh, calls itself an estimate and holds for the hour that was asked for', async () => {
    const provider = createBaselineProvider();
    expect(provider.countsAsFresh).toBe(false);
    const reading = await provider.latest('FR', NOON + 59 * MINUTE);
    expect(reading).toMatchObject({ estimated: true, validFrom: NOON, validTo: NOON + HOUR });
  });

  it('has no opinion on the hours to come or gone', async () => {
    const provider = createBaselineProvider();
    expect(await provider.forecast('DE', NOON, HOUR)).toBeNull();
    expect(await provider.history('DE', 0, NOON)).toEqual([]);
  });
});
