import { zoneList } from '../location/zone-list.ts';
import type { Reading, ZoneCode } from '../model/reading.ts';
import { HOUR, type Instant, startOfHour } from '../model/time.ts';
import { type CarbonProvider, ProviderError } from './provider.ts';

/** The yearly average of a zone in gCO2eq/kWh (average, lifecycle); null for a zone without one. */
export function yearlyAverageGrams(zone: ZoneCode): number | null {
  return zoneList().zones.get(zone)?.yearlyGramsPerKwh ?? null;
}

/**
 * Yearly averages per zone: no key, no network, every zone of the list. Average signal, life-cycle basis, as Electricity
 * Maps states for its yearly tables (https://www.electricitymaps.com/data/methodology). Each reading is `estimated`
 * and valid for the hour that was asked for; it never counts as fresh.
 */
export function createBaselineProvider(): CarbonProvider {
  const name = 'baseline';

  async function latest(zone: ZoneCode, at: Instant): Promise<Reading> {
    const gramsPerKwh = yearlyAverageGrams(zone);
    if (gramsPerKwh === null) {
      throw new ProviderError(
        'unknown-zone',
        name,
        `no yearly average for zone ${zone}; give the zone another provider`,
      );
    }
    const validFrom = startOfHour(at);
    return {
      zone,
      gramsPerKwh,
      signal: 'average',
      basis: 'lifecycle',
      source: name,
      estimated: true,
      validFrom,
      validTo: validFrom + HOUR,
      fetchedAt: at,
    };
  }

  return {
    name,
    pair: { signal: 'average', basis: 'lifecycle' },
    countsAsFresh: false,
    covers: (zone) => yearlyAverageGrams(zone) !== null,
    latest,
    // A flat line says nothing about when a grid is clean.
    forecast: async () => null,
    history: async () => [],
  };
}
