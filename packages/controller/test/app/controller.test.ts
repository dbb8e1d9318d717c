import { setImmediate as turn } from 'node:timers/promises';
import {
  type CarbonMap,
  type CarbonProvider,
  createBaselineProvider,
  createLocationResolver,
  createMemoryStore,
  createStaticPrices,
  createVirtualClock,
  HOUR,
  type HourlyPrices,
  type MapStore,
  type PriceSource,
  type VirtualClock,
} from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { type Controller, createController } from '../../src/app/controller.ts';
import type { Prices } from '../../src/app/prices.ts';
import type { ClusterView, Plane } from '../../src/planes/plane.ts';
import { cluster } from '../api/fleet.ts';

const START = Date.UTC(2026, 5, 1);

interface FakePlane extends Plane {
  readonly seen: CarbonMap[];
  readonly log: string[];
}

function fakePlane(clusters: () => readonly ClusterView[] = () => [cluster('blue')]): FakePlane {
  const seen: CarbonMap[] = [];
  const log: string[] = [];
  return {
    seen,
    log,
    kind: 'karmada',
    hub: 'karmada',
    start: async () => void log.push('start'),
    stop: async () => void log.push('stop'),
    connected: () => true,
    problem: () => null,
    frozen: () => null,
    clusters,
    placements: () => [],
    mapChanged: (map) => void seen.push(map),
    idle: () => true,
  };
}

interface Setup {
  readonly controller: Controller;
  readonly clock: VirtualClock;
  readonly store: MapStore;
  readonly errors: unknown[];
}

function setup(
  planes: readonly Plane[],
  more: {
    provider?: CarbonProvider;
    store?: MapStore;
    zones?: readonly string[];
    prices?: Prices;
  } = {},
): Setup {
  const clock = createVirtualClock(START);
  const store = more.store ?? createMemoryStore({ clock });
  const errors: unknown[] = [];
  const controller = createController({
    clock,
    mode: 'observe',
    store,
    resolver: createLocationResolver(),
    providers: [more.provider ?? createBaselineProvider()],
    zones: more.zones ?? [],
    refreshEvery: HOUR,
    planes,
    prices: more.prices ?? null,
    holder: 'test',
    log: { info: () => {}, warn: () => {}, error: (details) => errors.push(details['err']) },
  });
  return { controller, clock, store, errors };
}

/** Everything that needs no time to pass has happened after this. */
const flush = async (): Promise<void> => {
  for (let turns = 0; turns < 20; turns += 1) await turn();
};

describe('controller', () => {
  it('keeps the zones of the clusters and those asked for, and tells every plane of a version once', async () => {
    const [one, two] = [
      fakePlane(),
      fakePlane(() => [cluster('red', { zone: 'FR' }), cluster('grey', { zone: null })]),
    ];
    const { controller } = setup([one, two], { zones: ['PL'] });
    await controller.start();
    expect(controller.fleet.map()).toBeNull();
    const map = await controller.refresh();
    expect(Object.keys(map.zones).toSorted()).toEqual(['DE', 'FR', 'PL']);
    expect(controller.fleet.map()).toBe(map);
    // The store's own notice of the same version comes as well and must not count again.
    await flush();
    expect([one.seen, two.seen]).toEqual([[map], [map]]);
    await controller.stop();
    expect(one.log).toEqual(['start', 'stop']);
  });

  it('takes over the version that another writer stored', async () => {
    const clock = createVirtualClock(START);
    const store = createMemoryStore({ clock });
    const plane = fakePlane();
    const { controller } = setup([plane], { store });
    await controller.start();
    const lease = await store.acquireWriter('somebody else', HOUR);
    const map: CarbonMap = {
      version: 5,
      at: START,
      pair: { signal: 'average', basis: 'lifecycle' },
      pairSince: null,
      zones: {},
    };
    if (lease !== null) await store.write(map, lease);
    await flush();
    expect(plane.seen.map(({ version }) => version)).toEqual([5]);
    await controller.stop();
  });

  it('refreshes by itself, at once and then at the interval, and not after its end', async () => {
    const plane = fakePlane();
    const { controller, clock } = setup([plane]);
    await controller.start();
    controller.keepRefreshing();
    await flush();
    expect(plane.seen).toHaveLength(1);
    clock.advance(HOUR);
    await flush();
    expect(plane.seen.length).toBeGreaterThanOrEqual(2);
    await controller.stop();
    const count = plane.seen.length;
    clock.advance(5 * HOUR);
    await flush();
    expect(plane.seen).toHaveLength(count);
  });

  it('does not let a cluster in a new zone wait for the next round', async () => {
    const clusters = [cluster('blue')];
    const plane = fakePlane(() => clusters);
    const { controller, clock } = setup([plane]);
    await controller.start();
    controller.keepRefreshing();
    await flush();
    clusters.push(cluster('red', { zone: 'ES' }));
    clock.advance(15_000);
    await flush();
    expect(Object.keys(controller.fleet.map()?.zones ?? {})).toContain('ES');
    await controller.stop();
  });

  it('is not idle while it reads a version', async () => {
    const clock = createVirtualClock(START);
    let notify: (version: number) => void = () => {};
    let answer: (map: CarbonMap | null) => void = () => {};
    const store: MapStore = {
      ...createMemoryStore({ clock }),
      read: () => new Promise((resolve) => (answer = resolve)),
      subscribe(listener) {
        notify = listener;
        return () => {};
      },
    };
    const { controller } = setup([fakePlane()], { store });
    await controller.start();
    expect(controller.idle()).toBe(true);
    notify(9);
    expect(controller.idle()).toBe(false);
    answer(null);
    await flush();
    expect(controller.idle()).toBe(true);
    await controller.stop();
  });

  it('tells that reading a notified version failed, and goes on', async () => {
    const clock = createVirtualClock(START);
    const memory = createMemoryStore({ clock });
    let notify: (version: number) => void = () => {};
    const store: MapStore = {
      ...memory,
      read: () => Promise.reject(new Error('gone')),
      subscribe(listener) {
        notify = listener;
        return () => {};
      },
    };
    const { controller, errors } = setup([fakePlane()], { store });
    await controller.start();
    notify(9);
    await flush();
    expect(errors).toEqual([new Error('gone')]);
    expect(controller.idle()).toBe(true);
    await controller.stop();
  });

  it('says that it is frozen when a plane is, also without a placement that says so', () => {
    let frozen: string | null = null;
    const plane: Plane = { ...fakePlane(), frozen: () => frozen };
    const { controller } = setup([plane]);
    expect(controller.fleet.frozen()).toBe(false);
    frozen = 'release day';
    expect(controller.fleet.frozen()).toBe(true);
  });
});

describe('what planes look ahead with', () => {
  it('is there when a plane hears of a version: prices and expectations for its clusters', async () => {
    const heard: Parameters<Plane['mapChanged']>[] = [];
    const plane: Plane = { ...fakePlane(), mapChanged: (...told) => void heard.push(told) };
    const { controller } = setup([plane], {
      prices: {
        currency: 'EUR',
        carbonPricePerKg: 0.08,
        electricity: [createStaticPrices({ unit: 'kWh', currency: 'EUR', prices: { DE: 0.2 } })],
        clusters: [],
      },
    });
    await controller.start();
    await controller.refresh();
    const outlook = heard[0]?.[1];
    expect(outlook?.prices?.electricity('DE', START)).toMatchObject({ state: 'asked', source: 'static' });
    expect(outlook?.prices?.carbonPricePerKg).toBe(0.08);
    // A yearly average, which is never revised.
    expect(outlook?.expectation('DE')).toMatchObject({ points: [] });
    expect(outlook?.expectation('FR')).toBeNull();
    expect(controller.idle()).toBe(true);
    await controller.stop();
  });

  it('is waited for, and the planes hear of the newest version alone', async () => {
    const plane = fakePlane();
    let answer: (prices: HourlyPrices) => void = () => {};
    const slow: PriceSource<'kWh'> = {
      name: 'slow',
      unit: 'kWh',
      currency: 'EUR',
      covers: () => true,
      hourly: () => new Promise((resolve) => (answer = resolve)),
    };
    const { controller, clock } = setup([plane], {
      prices: { currency: 'EUR', carbonPricePerKg: null, electricity: [slow], clusters: [] },
    });
    await controller.start();
    const first = controller.refresh();
    await flush();
    expect(plane.seen).toEqual([]);
    expect(controller.fleet.map()).not.toBeNull();
    clock.advance(HOUR);
    const second = controller.refresh();
    await flush();
    answer({ currency: 'EUR', source: 'slow', from: START, prices: [0.1, 0.2] });
    await Promise.all([first, second]);
    expect(plane.seen.map(({ version }) => version)).toEqual([(await second).version]);
    await controller.stop();
  });
});
