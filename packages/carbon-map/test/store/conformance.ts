import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  createVirtualClock,
  DAY,
  FencedWriteError,
  HOUR,
  type MapStore,
  type Reading,
  SECOND,
  type VirtualClock,
  type WriterLease,
} from '../../src/index.ts';
import {
  AVERAGE_LIFECYCLE,
  carbonMap,
  MARGINAL_DIRECT,
  NOON,
  reading,
  zoneState,
} from '../support/fixtures.ts';

/** One backing store, and views of it as different processes would have them. */
export interface StoreBackend {
  open(clock: VirtualClock): Promise<MapStore>;
  /** Makes the writer lease run out, by whatever clock the driver goes by. */
  expireLease(clock: VirtualClock, ttl: number): Promise<void>;
  close(): Promise<void>;
}

const TTL = 12 * SECOND;

/** What every {@link MapStore} does, whatever keeps it. `fresh` gives an empty backend. */
export function storeConformance(fresh: () => Promise<StoreBackend>): void {
  async function within(
    run: (store: MapStore, clock: VirtualClock, backend: StoreBackend) => Promise<void>,
  ): Promise<void> {
    const backend = await fresh();
    const clock = createVirtualClock(NOON);
    const store = await backend.open(clock);
    try {
      await run(store, clock, backend);
    } finally {
      await store.close();
      await backend.close();
    }
  }

  async function lease(store: MapStore, holder = 'a'): Promise<WriterLease> {
    const held = await store.acquireWriter(holder, TTL);
    if (held === null) throw new Error(`${holder} did not get the lease`);
    return held;
  }

  it('is connected and empty at first', () =>
    within(async (store) => {
      expect(store.connected()).toBe(true);
      expect(await store.read()).toBeNull();
      expect(await store.history('DE', AVERAGE_LIFECYCLE, 0, Infinity)).toEqual([]);
    }));

  it('reads back the whole version that was written', () =>
    within(async (store) => {
      const map = carbonMap(7, [
        zoneState('DE', { reading: reading('DE', 342.5), data: 'live' }),
        zoneState('FR'),
      ]);
      await store.write(map, await lease(store));
      expect(await store.read()).toEqual(map);
    }));

  it('refuses a version that is not newer, and keeps the old one', () =>
    within(async (store) => {
      const held = await lease(store);
      await store.write(carbonMap(9), held);
      await expect(store.write(carbonMap(9), held)).rejects.toBeInstanceOf(FencedWriteError);
      await expect(store.write(carbonMap(8), held)).rejects.toThrow(
        'version 8 is not newer than the stored 9',
      );
      expect((await store.read())?.version).toBe(9);
      await store.write(carbonMap(10), held);
      expect((await store.read())?.version).toBe(10);
    }));

  it('compares versions as numbers, not as text', () =>
    within(async (store) => {
      const held = await lease(store);
      await store.write(carbonMap(99), held);
      await store.write(carbonMap(100), held);
      expect((await store.read())?.version).toBe(100);
    }));

  it('gives the writer lease to one holder at a time and renews it under the same token', () =>
    within(async (store) => {
      const first = await lease(store, 'a');
      expect(await store.acquireWriter('b', TTL)).toBeNull();
      expect(await store.acquireWriter('a', TTL)).toEqual(first);
    }));

  it('gives a released lease to the next holder with a larger token', () =>
    within(async (store) => {
      const first = await lease(store, 'a');
      await store.releaseWriter(first);
      const second = await lease(store, 'b');
      expect(second.token).toBeGreaterThan(first.token);
    }));

  it('gives a lease that ran out to the next holder and fences off the first', () =>
    within(async (store, clock, backend) => {
      const first = await lease(store, 'a');
      await store.write(carbonMap(1), first);
      await backend.expireLease(clock, TTL);
      const second = await lease(store, 'b');
      await expect(store.write(carbonMap(2), first)).rejects.toThrow('no longer holds the writer lease');
      await store.write(carbonMap(3), second);
      expect((await store.read())?.version).toBe(3);
    }));

  it('ignores the release of a lease that somebody else holds by now', () =>
    within(async (store, clock, backend) => {
      const first = await lease(store, 'a');
      await backend.expireLease(clock, TTL);
      await lease(store, 'b');
      await store.releaseWriter(first);
      expect(await store.acquireWriter('c', TTL)).toBeNull();
    }));

  it('refuses a writer that never had a lease', () =>
    within(async (store) => {
      await expect(store.write(carbonMap(1), { holder: 'x', token: 1 })).rejects.toBeInstanceOf(
        FencedWriteError,
      );
      expect(await store.read()).toBeNull();
    }));

  it('keeps history by zone and pair, ascending, half-open at the end', () =>
    within(async (store) => {
      const at = (hours: number): number => NOON - hours * HOUR;
      const de = [3, 1, 2].map((h) => reading('DE', 100 + h, { validFrom: at(h), validTo: at(h) + HOUR }));
      const other = [
        reading('FR', 30, { validFrom: at(2), validTo: at(1) }),
        reading('DE', 900, { ...MARGINAL_DIRECT, validFrom: at(2), validTo: at(1) }),
      ];
      await store.appendHistory([...de, ...other]);
      const found = await store.history('DE', AVERAGE_LIFECYCLE, at(3), at(1));
      expect(found.map(({ gramsPerKwh }) => gramsPerKwh)).toEqual([103, 102]);
      expect(found[1]).toEqual(de[2]);
      expect(await store.history('DE', MARGINAL_DIRECT, 0, NOON)).toEqual([other[1]]);
    }));

  it('replaces an estimate by a measurement, and never the other way round', () =>
    within(async (store) => {
      const history = (): Promise<readonly Reading[]> =>
        store.history('DE', AVERAGE_LIFECYCLE, 0, NOON + HOUR);
      await store.appendHistory([reading('DE', 300, { estimated: true })]);
      await store.appendHistory([reading('DE', 310, { estimated: true })]);
      expect((await history()).map(({ gramsPerKwh }) => gramsPerKwh)).toEqual([310]);
      await store.appendHistory([reading('DE', 320)]);
      await store.appendHistory([reading('DE', 330, { estimated: true })]);
      expect(await history()).toEqual([reading('DE', 320)]);
      await store.appendHistory([reading('DE', 325)]);
      expect(await history()).toEqual([reading('DE', 325)]);
    }));

  it('forgets history older than 30 days and keeps all hours of those', () =>
    within(async (store, clock) => {
      const hours = Array.from({ length: 32 * 24 }, (_, i) => NOON - 31 * DAY + i * HOUR);
      await store.appendHistory(hours.map((validFrom) => reading('DE', 200, { validFrom })));
      const kept = await store.history('DE', AVERAGE_LIFECYCLE, 0, Infinity);
      expect(kept[0]?.validFrom).toBe(NOON - 30 * DAY);
      expect(kept).toHaveLength(31 * 24);
      clock.advance(DAY);
      await store.appendHistory([reading('DE', 200, { validFrom: NOON + DAY })]);
      expect((await store.history('DE', AVERAGE_LIFECYCLE, 0, Infinity))[0]?.validFrom).toBe(NOON - 29 * DAY);
    }));

  it('holds the same history in whatever order readings arrive', () =>
    within(async (store) => {
      let zone = 0;
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 20 }),
          async (ages) => {
            const name = `Z${zone++}`;
            await store.appendHistory(
              ages.map((age) => reading(name, age, { validFrom: NOON - age * HOUR })),
            );
            const found = await store.history(name, AVERAGE_LIFECYCLE, 0, NOON);
            expect(found.map(({ gramsPerKwh }) => gramsPerKwh)).toEqual(ages.toSorted((a, b) => b - a));
          },
        ),
        { numRuns: 25 },
      );
    }));

  it('tells subscribers of each version once, until they leave', () =>
    within(async (store) => {
      const seen: number[] = [];
      const { promise, resolve } = Promise.withResolvers<void>();
      const leave = store.subscribe((version) => {
        seen.push(version);
        if (version === 3) resolve();
      });
      const left: number[] = [];
      store.subscribe((version) => left.push(version))();
      const held = await lease(store);
      for (const version of [1, 2, 3]) await store.write(carbonMap(version), held);
      await promise;
      leave();
      // A notice may overtake another one: what counts is that the newest arrives and none comes twice or late.
      expect(seen).toEqual([...new Set(seen)].sort((a, b) => a - b));
      expect(left).toEqual([]);
    }));

  it('keeps notes of one writer for the next, the last of each name', () =>
    within(async (store, clock, backend) => {
      expect(await store.readNote('errors')).toBeNull();
      await store.writeNote('errors', 'one');
      await store.writeNote('errors', 'two');
      await store.writeNote('other', 'ü\n');
      const next = await backend.open(clock);
      expect(await next.readNote('errors')).toBe('two');
      expect(await next.readNote('other')).toBe('ü\n');
      await next.close();
    }));

  it('shows one process what another one wrote', () =>
    within(async (store, clock, backend) => {
      const other = await backend.open(clock);
      await store.write(carbonMap(4), await lease(store));
      expect((await other.read())?.version).toBe(4);
      await other.close();
    }));
}
