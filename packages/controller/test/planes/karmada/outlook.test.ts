import { type CarbonMap, HOUR, type Instant, MINUTE } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KnownPrices, noOutlook, type Outlook, type PriceTable } from '../../../src/outlook/outlook.ts';
import { deployment, FOLLOW, policy } from './support/manifests.ts';
import { mapOf } from './support/maps.ts';
import { testServers } from './support/servers.ts';
import { startWorld, type World } from './support/world.ts';

const PARIS_CLEAN = { DE: 400, FR: 50, 'US-MIDA-PJM': 350 };
const EVEN = 'frankfurt 4, paris 4, virginia 4';
const ALL_AT_ONCE = {
  ...FOLLOW,
  'windvane.dev/max-step': '100',
  'windvane.dev/max-surge': '100',
  'windvane.dev/min-replicas': '0',
};

/** A map whose pair has just changed; the readings began before that, unless they are newer. */
function changed(at: Instant, old: Readonly<Record<string, number>>, newer = false): CarbonMap {
  const direct = { signal: 'average', basis: 'direct' } as const;
  const earlier = mapOf(at - HOUR, old);
  const readings: Record<string, NonNullable<CarbonMap['zones'][string]['reading']>> = {};
  for (const [zone, { reading }] of Object.entries(earlier.zones)) {
    if (reading !== null) readings[zone] = { ...reading, ...direct };
  }
  const map = mapOf(at, PARIS_CLEAN);
  return { ...map, pairSince: newer ? at - MINUTE : at + MINUTE, oldPair: { pair: direct, readings } };
}

/** Prices as the outlook tells them; a list is hourly from now on, an empty one a price that is missing. */
function priced(prices: {
  readonly kWh?: Readonly<Record<string, readonly number[]>>;
  readonly replica?: Readonly<Record<string, readonly number[]>>;
  readonly carbonPricePerKg?: number;
}): Outlook {
  const of = (table: Readonly<Record<string, readonly number[]>> = {}, key: string): KnownPrices => {
    const list = table[key];
    return list === undefined ? { state: 'uncovered' } : { state: 'asked', source: 'market', prices: list };
  };
  const table: PriceTable = {
    currency: 'EUR',
    carbonPricePerKg: prices.carbonPricePerKg ?? null,
    electricity: (zone) => of(prices.kWh, zone),
    replicaHour: (cluster) => of(prices.replica, cluster),
  };
  return { ...noOutlook, prices: table };
}

const CHEAP_GERMANY = { DE: [0.05], FR: [0.2], 'US-MIDA-PJM': [0.1] };

for (const server of testServers('Karmada plane, outlook')) {
  describe(`looking ahead on ${server.name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld(server);
    });
    afterAll(() => world.stop());

    /** A workload that follows, in a namespace of its own. */
    async function follow(annotations: Readonly<Record<string, string>> = {}): Promise<string> {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web'));
      await world.create(
        deployment(ns, 'web', { replicas: 12, annotations: { ...ALL_AT_ONCE, ...annotations } }),
      );
      await world.advance(MINUTE);
      return ns;
    }

    it('begins no move that a change of pair alone may have made, and says so', async () => {
      await world.show(changed(world.clock.now(), { DE: 100, FR: 120, 'US-MIDA-PJM': 110 }));
      const ns = await follow();
      expect(world.split(ns, 'web')).toBe(EVEN);
      expect(world.view(ns, 'web')?.decision?.text).toContain('not under the signal that the map left');

      await world.show(changed(world.clock.now(), { DE: 100, FR: 120, 'US-MIDA-PJM': 110 }, true));
      expect(world.split(ns, 'web')).toBe('paris 12');
    });

    it('makes one that gains under the pair that was left as well', async () => {
      await world.show(changed(world.clock.now(), { DE: 300, FR: 100, 'US-MIDA-PJM': 300 }));
      const ns = await follow();
      expect(world.split(ns, 'web')).toBe('paris 12');
    });

    it('goes where electricity is cheap under cost, and where both together are under blended', async () => {
      world.outlook = priced({ kWh: CHEAP_GERMANY, carbonPricePerKg: 0.01 });
      await world.wind(PARIS_CLEAN);
      const cost = await follow({ 'windvane.dev/objective': 'cost' });
      expect(world.split(cost, 'web')).toBe('frankfurt 12');
      // Per kWh, Germany and France: 0.054 and 0.2005 at 0.01 per kg of carbon, 0.45 and 0.25 at 1 per kg.
      const little = await follow({ 'windvane.dev/objective': 'blended' });
      expect(world.split(little, 'web')).toBe('frankfurt 12');
      world.outlook = priced({ kWh: CHEAP_GERMANY, carbonPricePerKg: 1 });
      await world.wind(PARIS_CLEAN);
      const much = await follow({ 'windvane.dev/objective': 'blended' });
      expect(world.split(much, 'web')).toBe('paris 12');
    });

    it("takes a cluster's own price for all that a replica costs there", async () => {
      world.outlook = priced({ kWh: CHEAP_GERMANY, replica: { frankfurt: [0.03], virginia: [0.005] } });
      await world.wind(PARIS_CLEAN);
      const ns = await follow({ 'windvane.dev/objective': 'cost' });
      // Paris: 100 W at 0.2 per kWh are 0.02 an hour.
      expect(world.split(ns, 'web')).toBe('virginia 12');
      const thrifty = await follow({
        'windvane.dev/objective': 'cost',
        'windvane.dev/watts-per-replica': '10',
      });
      expect(world.split(thrifty, 'web')).toBe('paris 12');
    });

    it.each([
      ['no prices at all', {}, noOutlook, "the hub's configuration has none"],
      [
        'a cluster that nothing prices',
        {},
        priced({ kWh: { DE: [0.1], FR: [0.1] } }),
        'neither one of virginia nor one of electricity in US-MIDA-PJM',
      ],
      [
        'an hour without a price',
        {},
        priced({ kWh: { ...CHEAP_GERMANY, FR: [] } }),
        'market has none of electricity in FR',
      ],
      [
        "an hour without a cluster's own price",
        {},
        priced({ kWh: CHEAP_GERMANY, replica: { paris: [] } }),
        'market has none of paris for this hour',
      ],
      [
        'no price of carbon',
        { 'windvane.dev/objective': 'blended' },
        priced({ kWh: CHEAP_GERMANY }),
        'prices.carbonPricePerKg',
      ],
    ])('PriceMissing: %s', async (_name, more, outlook, words) => {
      world.outlook = outlook;
      await world.wind(PARIS_CLEAN);
      const ns = await follow({ 'windvane.dev/objective': 'cost', ...more });
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Blocked', reason: 'PriceMissing' });
      expect(JSON.stringify(world.view(ns, 'web')?.conditions)).toContain(words);
      expect(world.split(ns, 'web')).toBe(EVEN);
    });

    it('needs no price where the workload never goes', async () => {
      world.outlook = priced({ kWh: { DE: [0.3], FR: [0.1] } });
      await world.wind(PARIS_CLEAN);
      const ns = await follow({ 'windvane.dev/objective': 'cost', 'windvane.dev/locations': 'EU' });
      expect(world.view(ns, 'web')?.reason).toBeNull();
      expect(world.split(ns, 'web')).toBe('paris 12');
    });

    it('decides by what is expected beyond the map', async () => {
      const at = world.clock.now();
      // France is cleanest now, and dirty from the next hour on.
      const points = Array.from({ length: 25 }, (_, hour) => ({
        at: Math.floor(at / HOUR) * HOUR + hour * HOUR,
        gramsPerKwh: hour === 0 ? 340 : 900,
        expectedError: 0,
      }));
      world.outlook = {
        ...noOutlook,
        expectation: (zone) => (zone === 'FR' ? { points, resolution: HOUR, pastForecasts: [] } : null),
      };
      await world.wind({ ...PARIS_CLEAN, DE: 600, FR: 340 });
      const ns = await follow();
      // Who is there may leave in an hour; nobody goes there.
      expect(world.split(ns, 'web')).toBe('paris 4, virginia 8');
    });
  });
}
