import { createLocationResolver, HOUR, type ZoneState } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import type { PastForecast } from '../../../src/engine/problem.ts';
import { noOutlook, type Outlook } from '../../../src/outlook/outlook.ts';
import { intensityOf, type MapContext } from '../../../src/planes/shared/intensity.ts';
import { mapOf } from '../karmada/support/maps.ts';

const NOW = Date.UTC(2026, 2, 1, 12);
const place = { location: 'de', zone: 'DE', avoid: false, maxShare: 1, pue: 1.5, excluded: null };
const past: readonly PastForecast[] = [{ hours: 25, steps: 6, changes: new Float32Array(150) }];
const pointsOf = (...grams: readonly number[]) =>
  grams.map((gramsPerKwh, hour) => ({ at: NOW + (hour - 1) * HOUR, gramsPerKwh, expectedError: 10 }));

function context(more: Partial<MapContext> = {}, state: Partial<ZoneState> = {}): MapContext {
  const map = mapOf(NOW, { DE: 200 });
  const DE = { ...map.zones['DE'], ...state } as ZoneState;
  return {
    map: { ...map, zones: { DE } },
    locations: createLocationResolver(),
    baselineGrams: () => 380,
    outlook: noOutlook,
    ...more,
  };
}

const expecting: Outlook = {
  ...noOutlook,
  expectation: () => ({ points: pointsOf(1, 2, 3), resolution: HOUR, pastForecasts: past }),
};
const published = {
  zone: 'DE',
  signal: 'average',
  basis: 'lifecycle',
  source: 'grid',
  issuedAt: NOW,
  resolution: HOUR,
  points: pointsOf(100, 200, 300),
} as const;

describe('the intensity of a cluster', () => {
  it('goes by the forecast of the map without any outlook, PUE included, past hours left out', () => {
    const { forecast, ...present } = intensityOf(place, 'keep', context({}, { forecast: published }));
    expect(present).toEqual({ gramsPerKwh: 300 });
    expect(forecast).toEqual([
      { at: NOW, gramsPerKwh: 300, expectedError: 15 },
      { at: NOW + HOUR, gramsPerKwh: 450, expectedError: 15 },
    ]);
  });

  it('goes by the outlook where there is one, and hands on how it was revised, as it is for all', () => {
    const option = intensityOf(place, 'keep', context({ outlook: expecting }, { forecast: published }));
    expect(option.forecast.map((point) => point.gramsPerKwh)).toEqual([3, 4.5]);
    expect(option.pastForecasts).toBe(past);
  });

  it('expects nothing of a zone whose readings are stale', () => {
    const stale = context({ outlook: expecting }, { data: 'stale', forecast: published });
    expect(intensityOf(place, 'keep', stale)).toEqual({ gramsPerKwh: null, forecast: [] });
    expect(intensityOf(place, 'baseline', stale)).toEqual({ gramsPerKwh: 570, forecast: [] });
  });

  it('tells what is known under a pair that was left, PUE included', () => {
    const { map, ...rest } = context();
    const reading = map.zones['DE']?.reading;
    if (reading === null || reading === undefined) throw new Error('the map has no reading');
    const direct = { signal: 'average', basis: 'direct' } as const;
    const oldPair = (readings: Record<string, typeof reading>) => ({
      ...map,
      pairSince: NOW + 1,
      oldPair: { pair: direct, readings },
    });
    const known = { ...rest, map: oldPair({ DE: { ...reading, ...direct, gramsPerKwh: 150 } }) };
    expect(intensityOf(place, 'keep', known).oldPair).toEqual({ gramsPerKwh: 225, outdated: false });
    const unknown = { ...rest, map: oldPair({}) };
    expect(intensityOf(place, 'keep', unknown).oldPair).toEqual({ gramsPerKwh: null, outdated: false });
  });
});
