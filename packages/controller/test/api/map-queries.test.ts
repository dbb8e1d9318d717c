import { HOUR, type MapStore } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { noOutlook } from '../../src/outlook/outlook.ts';
import { testApi } from './client.ts';
import { fleetOf, HOUR_START, mapOf, NOW, reading, zone } from './fleet.ts';

const zones = z.array(z.looseObject({ id: z.string() }));
const codes = (list: unknown): string[] => zones.parse(list).map(({ id }) => id);

describe('carbonMap', () => {
  it('gives every zone with intensity, provenance, rank, trend and forecast', async () => {
    const api = await testApi();
    const { data, errors } =
      await api.ask(`{ carbonMap { id name rank trend forecast(hours: 2) { at gramsPerKwh }
      intensity { gramsPerKwh signal basis source estimated validFrom validTo ageSeconds data } } }`);
    expect(errors).toBeUndefined();
    expect(codes(data?.['carbonMap'])).toEqual(['DE', 'FR', 'PL', 'US-A']);
    expect(zones.parse(data?.['carbonMap'])[0]).toEqual({
      id: 'DE',
      name: 'Name of DE',
      rank: 2,
      trend: 'falling',
      // Half past twelve and two hours on touches three hourly points.
      forecast: [
        { at: '2026-06-01T12:00:00.000Z', gramsPerKwh: 300 },
        { at: '2026-06-01T13:00:00.000Z', gramsPerKwh: 200 },
        { at: '2026-06-01T14:00:00.000Z', gramsPerKwh: 100 },
      ],
      intensity: {
        gramsPerKwh: 300,
        signal: 'average',
        basis: 'lifecycle',
        source: 'replay',
        estimated: false,
        validFrom: '2026-06-01T12:00:00.000Z',
        validTo: '2026-06-01T13:00:00.000Z',
        ageSeconds: 1_800,
        data: 'live',
      },
    });
  });

  it('gives a zone without data as such', async () => {
    const api = await testApi();
    const { data } = await api.ask(
      '{ carbonMap(locations: ["us-a"]) { id rank trend intensity { gramsPerKwh } forecast { at } } }',
    );
    expect(data).toEqual({
      carbonMap: [{ id: 'US-A', rank: null, trend: null, intensity: null, forecast: [] }],
    });
  });

  it('takes regions, groups, zones and globs, each zone once in the order asked for', async () => {
    const api = await testApi();
    const ask = async (locations: string[]): Promise<unknown> => {
      const { data } = await api.ask('query($l: [String!]) { carbonMap(locations: $l) { id } }', {
        l: locations,
      });
      return codes(data?.['carbonMap']);
    };
    expect(await ask(['PL', 'EU'])).toEqual(['PL', 'DE', 'FR']);
    expect(await ask(['aws/eu-central-1', 'DE'])).toEqual(['DE']);
    expect(await ask(['US-*'])).toEqual(['US-A']);
    expect(await ask(['US-B'])).toEqual(['US-B']);
  });

  it('names an unknown or ambiguous location with candidates', async () => {
    const api = await testApi();
    const unknown = await api.ask('{ carbonMap(locations: ["DEE"]) { id } }');
    expect(unknown.errors?.[0]).toMatchObject({
      message: 'DEE is not known; did you mean DE?',
      extensions: { code: 'UNKNOWN_LOCATION', candidates: ['DE'] },
    });
    const ambiguous = await api.ask('{ carbonMap(locations: ["eastus"]) { id } }');
    expect(ambiguous.errors?.[0]?.extensions).toMatchObject({
      code: 'AMBIGUOUS_LOCATION',
      candidates: ['azure/eastus', 'other/eastus'],
    });
    expect(api.logged).toEqual([]);
  });

  it('is empty before the first version', async () => {
    const api = await testApi(fleetOf({ map: () => null }));
    expect((await api.ask('{ carbonMap { id } status { mapVersion data } }')).data).toEqual({
      carbonMap: [],
      status: { mapVersion: null, data: 'stale' },
    });
  });

  it('asks the history for the past', async () => {
    const history: MapStore['history'] = async (code, _pair, from, to) =>
      [
        reading(code, 111, { validFrom: HOUR_START - 2 * HOUR, validTo: HOUR_START - HOUR }),
        reading(code, 222, { validFrom: HOUR_START - HOUR, validTo: HOUR_START }),
      ].filter((past) => past.validFrom >= from && past.validFrom < to);
    const api = await testApi(fleetOf({ store: { kind: 'memory', connected: () => true, history } }));
    const at = async (instant: number): Promise<unknown> =>
      (
        await api.ask(
          'query($at: Instant) { carbonMap(locations: ["DE"], at: $at) { intensity { gramsPerKwh } } }',
          {
            at: new Date(instant).toISOString(),
          },
        )
      ).data?.['carbonMap'];
    expect(await at(HOUR_START - HOUR)).toEqual([{ intensity: { gramsPerKwh: 222 } }]);
    expect(await at(HOUR_START - HOUR - 1)).toEqual([{ intensity: { gramsPerKwh: 111 } }]);
    expect(await at(HOUR_START - 2 * HOUR - 1)).toEqual([{ intensity: null }]);
  });

  it('asks the forecast for the future and ranks by it', async () => {
    const api = await testApi();
    const { data } = await api.ask(
      '{ carbonMap(at: "2026-06-01T14:10:00Z") { id rank intensity { gramsPerKwh estimated data } } }',
    );
    expect(data?.['carbonMap']).toEqual([
      { id: 'DE', rank: 2, intensity: { gramsPerKwh: 100, estimated: true, data: 'live' } },
      { id: 'FR', rank: 1, intensity: { gramsPerKwh: 40, estimated: true, data: 'live' } },
      { id: 'PL', rank: 3, intensity: { gramsPerKwh: 900, estimated: true, data: 'live' } },
      { id: 'US-A', rank: null, intensity: null },
    ]);
  });

  it.each([
    ['{ carbonMap(at: "noon") { id } }', /"noon" is not an instant: write RFC 3339/],
    ['{ carbonMap(locations: []) { id } }', /locations is empty/],
    ['{ carbonMap(locations: [" "]) { id } }', /locations holds an empty name/],
    ['{ carbonMap { forecast(hours: 0) { at } } }', /hours must be at least 1/],
    ['{ carbonMap { forecast(hours: 1000) { at } } }', /hours must be at most 96/],
  ])('refuses %s', async (query, message) => {
    const api = await testApi();
    const { errors } = await api.ask(query);
    expect(errors?.[0]?.message).toMatch(message);
    expect(api.logged).toEqual([]);
  });
});

describe('location', () => {
  it('resolves a region to its zone', async () => {
    const api = await testApi();
    const { data } = await api.ask(
      '{ location(name: "aws/eu-central-1") { name source candidates zone { id intensity { gramsPerKwh } } } }',
    );
    expect(data?.['location']).toEqual({
      name: 'aws/eu-central-1',
      source: 'group aws/eu-central-1',
      candidates: ['DE'],
      zone: { id: 'DE', intensity: { gramsPerKwh: 300 } },
    });
  });

  it('gives a group its zones', async () => {
    const api = await testApi();
    const { data } = await api.ask('{ location(name: "EU") { zone { id } zones { id } candidates } }');
    expect(data?.['location']).toEqual({
      zone: null,
      zones: [{ id: 'DE' }, { id: 'FR' }, { id: 'ES' }],
      candidates: ['DE', 'FR', 'ES'],
    });
  });

  it('fails for an unknown name with the code', async () => {
    const api = await testApi();
    const { errors, data } = await api.ask('{ location(name: "atlantis") { name } }');
    expect(data ?? null).toBeNull();
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UNKNOWN_LOCATION', candidates: ['DE'] });
  });
});

describe('cleanest', () => {
  it('orders by the mean over the window and leaves out zones without data', async () => {
    const api = await testApi();
    expect(codes((await api.ask('{ cleanest { id } }')).data?.['cleanest'])).toEqual(['FR', 'DE', 'PL']);
    expect(codes((await api.ask('{ cleanest(first: 1) { id } }')).data?.['cleanest'])).toEqual(['FR']);
    expect(codes((await api.ask('{ cleanest(in: "EU", window: "2h") { id } }')).data?.['cleanest'])).toEqual([
      'FR',
      'DE',
    ]);
  });

  it('judges the window, not the moment', async () => {
    const map = mapOf(zone('DE', 500, [500, 10, 10, 10]), zone('FR', 100, [100, 100, 100, 100]));
    const api = await testApi(fleetOf({ map: () => map }));
    expect(codes((await api.ask('{ cleanest(window: "0") { id } }')).data?.['cleanest'])).toEqual([
      'FR',
      'DE',
    ]);
    // From half past twelve: 30 min at 500, then 10: (250 + 10 * 2.5) / 3 = 91.7 over three hours.
    expect(codes((await api.ask('{ cleanest(window: "3h") { id } }')).data?.['cleanest'])).toEqual([
      'DE',
      'FR',
    ]);
    expect(codes((await api.ask('{ cleanest(window: "2h") { id } }')).data?.['cleanest'])).toEqual([
      'FR',
      'DE',
    ]);
  });

  it('lets the present stand for what no forecast covers', async () => {
    const map = mapOf(zone('DE', 90), zone('FR', 100, [100, 40]));
    const api = await testApi(fleetOf({ map: () => map, now: () => NOW }));
    // FR over 3 h: 30 min at 100, 1 h at 40, 90 min at the present 100 = 80.
    expect(codes((await api.ask('{ cleanest(window: "3h") { id } }')).data?.['cleanest'])).toEqual([
      'FR',
      'DE',
    ]);
  });

  it('ranks by what electricity costs, and by that with its carbon; what has no price is left out', async () => {
    const ask = async (objective: string, window: string, carbonPricePerKg: number) => {
      const prices: Readonly<Record<string, readonly number[]>> = { DE: [0.1, 0.4], FR: [0.2], PL: [] };
      const outlook = () => ({
        ...noOutlook,
        prices: {
          currency: 'EUR',
          carbonPricePerKg,
          replicaHour: () => ({ state: 'uncovered' }) as const,
          electricity: (code: string) =>
            code in prices
              ? ({ state: 'asked', source: 'market', prices: prices[code] ?? [] } as const)
              : ({ state: 'unasked' } as const),
        },
      });
      const api = await testApi(fleetOf({ outlook }));
      const { data } = await api.ask(`{ cleanest(objective: ${objective}, window: "${window}") { id } }`);
      return codes(data?.['cleanest']);
    };
    expect(await ask('cost', '0m', 0)).toEqual(['DE', 'FR']);
    // Half an hour at 0.1 and an hour at 0.4.
    expect(await ask('cost', '90m', 0)).toEqual(['FR', 'DE']);
    expect(await ask('blended', '0m', 0.1)).toEqual(['DE', 'FR']);
    expect(await ask('blended', '0m', 1)).toEqual(['FR', 'DE']);
  });

  it.each([
    ['{ cleanest(objective: cost) { id } }', /objective cost needs prices/],
    ['{ cleanest(first: 0) { id } }', /first must be at least 1/],
    ['{ cleanest(window: "5d") { id } }', /window must be at most 96h/],
    ['{ cleanest(window: "an hour") { id } }', /"an hour" is not a duration/],
  ])('refuses %s', async (query, message) => {
    const api = await testApi();
    expect((await api.ask(query)).errors?.[0]?.message).toMatch(message);
  });
});
