import { createStaticPrices, createVirtualClock, HOUR, MINUTE, type PriceSource } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import type { Prices } from '../../src/app/prices.ts';
import { createPriceBook } from '../../src/outlook/price-book.ts';

const START = Date.UTC(2026, 2, 1, 12);

/** A source of day-ahead prices that can be taken away, and counts how often it is asked. */
function market(prices: readonly (number | null)[]) {
  const seen = { asked: 0, broken: false, prices };
  const source: PriceSource<'kWh'> = {
    name: 'market',
    unit: 'kWh',
    currency: 'EUR',
    covers: (zone) => zone === 'DE',
    async hourly(_zone, from) {
      seen.asked += 1;
      if (seen.broken) throw new Error('the market is away');
      return { currency: 'EUR', source: 'market', from, prices: seen.prices };
    },
  };
  return { source, seen };
}

function bookOf(electricity: readonly PriceSource<'kWh'>[], clusters: Readonly<Record<string, number>> = {}) {
  const clock = createVirtualClock(START);
  const failures: string[] = [];
  const prices: Prices = {
    currency: 'EUR',
    carbonPricePerKg: 0.08,
    electricity,
    clusters: [createStaticPrices({ unit: 'replica-hour', currency: 'EUR', prices: clusters })],
  };
  const book = createPriceBook({ prices, clock, failed: (of) => failures.push(of) });
  return { book, clock, failures };
}

describe('the price book', () => {
  it('answers from the present hour on, up to the first hour without a price', async () => {
    const { source } = market([0.1, -0.02, 0.3, null, 0.5]);
    const { book, clock } = bookOf([source]);
    expect(book.electricity('DE', START)).toEqual({ state: 'unasked' });
    await book.prepare(['DE'], []);
    expect(book.electricity('DE', START)).toEqual({
      state: 'asked',
      source: 'market',
      prices: [0.1, -0.02, 0.3],
    });
    clock.advance(HOUR + 20 * MINUTE);
    expect(book.electricity('DE', clock.now())).toMatchObject({ prices: [-0.02, 0.3] });
    expect(book.electricity('DE', START + 3 * HOUR)).toMatchObject({ state: 'asked', prices: [] });
  });

  it('tells what no source is responsible for from what a source does not have', async () => {
    const { book } = bookOf([market([null]).source], { blue: 0 });
    await book.prepare(['DE', 'FR'], ['blue', 'red']);
    expect(book.electricity('FR', START)).toEqual({ state: 'uncovered' });
    expect(book.electricity('DE', START)).toMatchObject({ state: 'asked', prices: [] });
    expect(book.replicaHour('red', START)).toEqual({ state: 'uncovered' });
    // A price of 0 is a price.
    expect(book.replicaHour('blue', START)).toMatchObject({ state: 'asked', source: 'static' });
    expect(book.replicaHour('blue', START)).toMatchObject({ prices: Array(48).fill(0) });
  });

  it('lets nobody wait for what it knows already, and takes up what came meanwhile', async () => {
    const { source, seen } = market([0.1, 0.2]);
    const { book, clock } = bookOf([source]);
    await book.prepare(['DE'], []);
    await book.prepare(['DE'], []);
    expect(seen.asked).toBe(1);
    seen.prices = [0.7, 0.8];
    clock.advance(15 * MINUTE);
    await book.prepare(['DE'], []);
    expect(seen.asked).toBe(2);
    await Promise.resolve();
    expect(book.idle()).toBe(true);
    expect(book.electricity('DE', clock.now())).toMatchObject({ prices: [0.7, 0.8] });
  });

  it('keeps what it knows while a source is away, and asks again', async () => {
    const { source, seen } = market([0.1, 0.2, 0.3]);
    const { book, clock, failures } = bookOf([source]);
    await book.prepare(['DE'], []);
    seen.broken = true;
    clock.advance(HOUR);
    await book.prepare(['DE'], []);
    await Promise.resolve();
    expect(failures).toEqual(['DE']);
    expect(book.electricity('DE', clock.now())).toMatchObject({ prices: [0.2, 0.3] });
    clock.advance(2 * HOUR);
    expect(book.electricity('DE', clock.now())).toMatchObject({ prices: [] });
    seen.broken = false;
    await book.prepare(['DE'], []);
    await Promise.resolve();
    expect(book.electricity('DE', clock.now())).toMatchObject({ prices: [0.1, 0.2, 0.3] });
  });

  it('finds what a source comes to cover, and goes on when it cannot look', async () => {
    const { source } = market([0.1]);
    const covered = new Set<string>();
    let broken = false;
    const list: PriceSource<'kWh'> = {
      ...source,
      covers: (zone) => covered.has(zone),
      async load() {
        if (broken) throw new Error('half a file');
        covered.add('FR');
      },
    };
    const { book, clock, failures } = bookOf([list]);
    await book.prepare(['FR'], []);
    expect(book.electricity('FR', START)).toMatchObject({ prices: [0.1] });
    broken = true;
    clock.advance(10 * MINUTE);
    await book.prepare(['FR'], []);
    expect(failures).toEqual(['market']);
    expect(book.electricity('FR', clock.now())).toMatchObject({ prices: [0.1] });
  });

  it('forgets what is no longer in use', async () => {
    const { source, seen } = market([0.1]);
    const { book } = bookOf([source]);
    await book.prepare(['DE'], []);
    await book.prepare([], []);
    expect(book.electricity('DE', START)).toEqual({ state: 'unasked' });
    expect(seen.asked).toBe(1);
  });
});
