import { describe, expect, it } from 'vitest';
import {
  type CarbonProvider,
  createLocationResolver,
  createRefresher,
  createVirtualClock,
  DAY,
  HOUR,
  type MapStore,
  MINUTE,
  SECOND,
  type VirtualClock,
} from '../../src/index.ts';
import { type FakeProvider, fakeProvider } from '../support/fake-provider.ts';
import { NOON } from '../support/fixtures.ts';
import { settle, world } from '../support/refresher-world.ts';

const locations = createLocationResolver();

describe('several processes', () => {
  it('have one writer; the other one reads', async () => {
    const { refresher } = world();
    const grid = fakeProvider('grid', { DE: 400 });
    const writer = refresher([grid]);
    const reader = refresher([grid], { holder: 'b' });
    const written = await writer.refreshOnce();
    const asked = grid.asked.length;
    expect(await reader.refreshOnce()).toEqual(written);
    expect(grid.asked).toHaveLength(asked);
    expect([writer.isWriter(), reader.isWriter()]).toEqual([true, false]);
  });

  it('show an empty map before anybody wrote', async () => {
    const { refresher, store } = world();
    await store.acquireWriter('somebody', HOUR);
    expect(await refresher([]).refreshOnce()).toMatchObject({ version: 0, zones: {} });
  });

  it('take over when the writer is gone, and go on from its map', async () => {
    const { refresher, clock } = world();
    const grid = fakeProvider('grid', { DE: 400 });
    const first = await refresher([grid]).refreshOnce();
    grid.answers.set('DE', 'unavailable');
    const heir = refresher([grid], { holder: 'b' });
    clock.advance(12 * SECOND);
    const map = await heir.refreshOnce();
    expect(map.version).toBeGreaterThan(first.version);
    expect(map.zones['DE']?.reading).toMatchObject({ gramsPerKwh: 400 });
    expect(heir.isWriter()).toBe(true);
  });

  it('are fenced off when they come back late', async () => {
    const { refresher, clock, store, errors } = world();
    const grid = fakeProvider('grid', { DE: 400 });
    let stall: Promise<void> | null = null;
    const slow: FakeProvider = {
      ...grid,
      latest: async (zone, at) => {
        await stall;
        return grid.latest(zone, at);
      },
    };
    const late = refresher([slow]);
    await late.refreshOnce();
    const { promise, resolve } = Promise.withResolvers<void>();
    stall = promise;
    const round = late.refreshOnce();
    await settle();
    clock.advance(MINUTE);
    const newest = await refresher([grid], { holder: 'b' }).refreshOnce();
    resolve();
    expect(await round).toEqual(newest);
    expect(await store.read()).toEqual(newest);
    expect(late.isWriter()).toBe(false);
    expect(errors).toHaveLength(1);
  });

  it('never keep a reading of what is the future to them', async () => {
    const { clock, store } = world();
    const grid = fakeProvider('grid', { DE: 400 });
    const make = (at: VirtualClock, chain: readonly CarbonProvider[], holder: string) =>
      createRefresher({ zones: () => ['DE'], chain: () => chain, store, clock: at, locations, holder });
    await make(clock, [grid], 'a').refreshOnce();
    clock.advance(HOUR);
    // A replay that starts again a day earlier, on the store of the last run.
    const map = await make(
      createVirtualClock(NOON - DAY),
      [fakeProvider('grid', { DE: 'no-data' })],
      'b',
    ).refreshOnce();
    expect(map.zones['DE']?.reading).toBeNull();
  });
});

describe('a running refresher', () => {
  it('refreshes at once and at the interval, holds the lease meanwhile, and gives it back at the end', async () => {
    const { refresher, clock, store } = world();
    const grid = fakeProvider('grid', { DE: 400 });
    const made = refresher([grid], { zones: () => ['DE'], interval: 5 * MINUTE });
    made.start();
    await settle();
    expect(grid.asked).toHaveLength(1);
    for (let seconds = 0; seconds < 10 * 60; seconds += 4) {
      clock.advance(4 * SECOND);
      await settle();
      expect(await store.acquireWriter('b', SECOND)).toBeNull();
    }
    expect(grid.asked).toHaveLength(3);
    await made.stop();
    expect(await store.acquireWriter('b', SECOND)).not.toBeNull();
    clock.advance(HOUR);
    await settle();
    expect(grid.asked).toHaveLength(3);
  });

  it('goes on after a store that failed, and tells', async () => {
    const { refresher, clock, store, errors } = world();
    let broken = true;
    const flaky: MapStore = {
      ...store,
      acquireWriter: async (holder, ttl) => {
        if (broken) throw new Error('the store is away');
        return store.acquireWriter(holder, ttl);
      },
    };
    const made = refresher([fakeProvider('grid', { DE: 400 })], { store: flaky });
    made.start();
    await settle();
    expect(errors.length).toBeGreaterThan(0);
    expect(made.isWriter()).toBe(false);
    broken = false;
    clock.advance(5 * MINUTE);
    await settle();
    expect(made.isWriter()).toBe(true);
    expect((await store.read())?.zones['DE']?.reading?.gramsPerKwh).toBe(400);
    await made.stop();
  });
});
