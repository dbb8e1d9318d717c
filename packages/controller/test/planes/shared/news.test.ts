import { type CarbonMap, HOUR, MINUTE, type ZoneState } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { noOutlook, type Outlook } from '../../../src/outlook/outlook.ts';
import type { ClusterView } from '../../../src/planes/plane.ts';
import { createNews, LOOK_EVERY } from '../../../src/planes/shared/news.ts';

const NOON = Date.parse('2026-03-01T12:00:00Z');
const frankfurt: ClusterView = {
  name: 'frankfurt',
  hub: 'hub',
  plane: 'karmada',
  location: 'eu-central-1',
  zone: 'DE',
  ready: true,
  headroom: null,
  excluded: null,
};
const germany: ZoneState = {
  zone: 'DE',
  name: 'Germany',
  data: 'live',
  reading: {
    zone: 'DE',
    gramsPerKwh: 300,
    signal: 'average',
    basis: 'lifecycle',
    source: 'test',
    estimated: false,
    validFrom: NOON,
    validTo: NOON + HOUR,
    fetchedAt: NOON,
  },
  forecast: null,
};
let version = 0;
function mapAt(at: number, state: ZoneState = germany, more: Partial<CarbonMap> = {}): CarbonMap {
  version += 1;
  return {
    version,
    at,
    pair: { signal: 'average', basis: 'lifecycle' },
    pairSince: null,
    zones: { DE: state, FR: { ...germany, zone: 'FR', name: `of version ${version}` } },
    ...more,
  };
}
const reading = (more: Partial<NonNullable<ZoneState['reading']>>): ZoneState => ({
  ...germany,
  reading: germany.reading === null ? null : { ...germany.reading, ...more },
});
const point = (gramsPerKwh: number) => ({ at: NOON, gramsPerKwh, expectedError: null });
const expecting = (gramsPerKwh: number): Outlook => ({
  expectation: () => ({ points: [point(gramsPerKwh)], resolution: HOUR, pastForecasts: [] }),
  prices: null,
});
const costing = (price: number): Outlook => ({
  expectation: () => null,
  prices: {
    currency: 'EUR',
    carbonPricePerKg: null,
    electricity: () => ({ state: 'asked', source: 'test', prices: [price] }),
    replicaHour: () => ({ state: 'uncovered' }),
  },
});

/** Whether a second version, some minutes later, is a reason to look at every unit. */
function second(minutes: number, state: ZoneState, outlook = noOutlook, first = noOutlook): boolean {
  const news = createNews();
  expect(news.isReason(mapAt(NOON), first, [frankfurt], NOON)).toBe(true);
  const later = NOON + minutes * MINUTE;
  return news.isReason(mapAt(later, state), outlook, [frankfurt], later);
}

describe('whether a version of the map is a reason to look at every unit', () => {
  it('is not when it says what the last one said of the zones in use, whoever was asked when', () => {
    expect(second(5, reading({ fetchedAt: NOON + 5 * MINUTE }))).toBe(false);
    expect(second(5, germany, expecting(200), expecting(200))).toBe(false);
    expect(second(5, germany, costing(0.2), costing(0.2))).toBe(false);
  });

  it.each<[string, ZoneState, Outlook?, Outlook?]>([
    ['intensity', reading({ gramsPerKwh: 301 })],
    ['validity', reading({ validFrom: NOON + 5 * MINUTE })],
    ['source', reading({ source: 'other' })],
    ['estimate', reading({ estimated: true })],
    ['no reading', { ...germany, reading: null, data: null }],
    ['stale data', { ...germany, data: 'stale' }],
    [
      'forecast',
      {
        ...germany,
        forecast: {
          zone: 'DE',
          signal: 'average',
          basis: 'lifecycle',
          source: 'test',
          issuedAt: NOON,
          resolution: HOUR,
          points: [point(1)],
        },
      },
    ],
    ['expectation', germany, expecting(201), expecting(200)],
    ['price', germany, costing(0.3), costing(0.2)],
  ])('is when one thing is another: %s', (_, state, outlook, first) => {
    expect(second(5, state, outlook, first)).toBe(true);
  });

  it('is when the pair is another, or clusters stand elsewhere', () => {
    const news = createNews();
    news.isReason(mapAt(NOON), noOutlook, [frankfurt], NOON);
    const marginal = mapAt(NOON, germany, { pair: { signal: 'marginal', basis: 'direct' } });
    expect(news.isReason(marginal, noOutlook, [frankfurt], NOON)).toBe(true);
    const moved = { ...marginal, version: marginal.version + 1 };
    expect(news.isReason(moved, noOutlook, [{ ...frankfurt, zone: 'FR' }], NOON)).toBe(true);
  });

  it('is with every new hour, and a quarter of an hour after the last look', () => {
    expect(second(60, germany)).toBe(true);
    expect(second(LOOK_EVERY / MINUTE - 1, germany)).toBe(false);
    expect(second(LOOK_EVERY / MINUTE, germany)).toBe(true);
  });

  it('is when the same version is told a second time: a replica has come to lead', () => {
    const news = createNews();
    const map = mapAt(NOON);
    news.isReason(map, noOutlook, [frankfurt], NOON);
    expect(news.isReason(map, noOutlook, [frankfurt], NOON)).toBe(true);
  });
});
