import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createBaselineProvider,
  createLocationResolver,
  createMemoryStore,
  createRefresher,
  createReplayProvider,
  createVirtualClock,
  DAY,
  type Forecast,
  HOUR,
  MINUTE,
  type Reading,
} from '../../src/index.ts';
import { contradicts, usualRange } from '../../src/refresh/plausible.ts';
import { fakeProvider } from '../support/fake-provider.ts';
import { forecast, NOON, reading } from '../support/fixtures.ts';

/** Three days before noon, `grams` and a fifth more by turns. */
function past(zone: string, grams: number, source: string): readonly Reading[] {
  return Array.from({ length: 72 }, (_, i) =>
    reading(zone, grams * (i % 2 === 0 ? 1 : 1.2), { validFrom: NOON - (72 - i) * HOUR, source }),
  );
}

async function setUp(zones: Readonly<Record<string, number>>, fallback?: string) {
  const clock = createVirtualClock(NOON);
  const store = createMemoryStore({ clock });
  const grid = fakeProvider('grid', zones);
  const other = fakeProvider(fallback ?? 'other', fallback === undefined ? {} : zones);
  for (const [zone, grams] of Object.entries(zones)) await store.appendHistory(past(zone, grams, 'grid'));
  const refresher = createRefresher({
    zones: () => Object.keys(zones),
    chain: () => [grid, other, createBaselineProvider()],
    store,
    clock,
    locations: createLocationResolver(),
    holder: 'a',
  });
  const quarantine = () => refresher.providers().find(({ name }) => name === 'grid')?.quarantine;
  const after = async (minutes: number) => {
    clock.advance(minutes * MINUTE);
    return refresher.refreshOnce();
  };
  return { grid, refresher, after, quarantine, store };
}

describe('a source that contradicts its own history', () => {
  it.each([
    ['kilograms for grams', 0.4],
    ['a percentile', 38],
    ['pounds per MWh', 882],
    ['nearly nothing', 1],
  ])('is not believed: %s', async (_name, grams) => {
    const { grid, after, quarantine, refresher } = await setUp({ DE: 400 }, 'second');
    grid.answers.set('DE', grams);
    const map = await after(0);
    expect(map.zones['DE']?.reading).toMatchObject({ source: 'second', gramsPerKwh: 400 });
    expect(quarantine()).toEqual({ since: NOON, zones: ['DE'], all: false });
    expect(refresher.problems()).toMatchObject([
      {
        provider: 'grid',
        zone: 'DE',
        kind: 'bad-payload',
        message: expect.stringMatching(/contradicts its own last days \(400 to 480\); in quarantine/),
      },
    ]);
    expect(refresher.providers().find(({ name }) => name === 'grid')).toMatchObject({
      ok: false,
      rejected: 1,
    });
  });

  it('leaves its last believed reading in force, and nothing of it in the history', async () => {
    const { grid, after, store } = await setUp({ DE: 400 });
    await after(0);
    grid.answers.set('DE', 5);
    expect((await after(10)).zones['DE']).toMatchObject({ data: 'live', reading: { gramsPerKwh: 400 } });
    expect((await after(4 * 60)).zones['DE']).toMatchObject({ data: 'baseline' });
    const kept = await store.history('DE', grid.pair, NOON, NOON + DAY);
    expect(kept.map(({ gramsPerKwh }) => gramsPerKwh)).toEqual([400]);
  });

  it('is released when it has agreed again for a quarter of an hour', async () => {
    const { grid, after, quarantine } = await setUp({ DE: 400 }, 'second');
    grid.answers.set('DE', 5);
    await after(0);
    grid.answers.set('DE', 410);
    expect((await after(5)).zones['DE']?.reading?.source).toBe('second');
    expect((await after(10)).zones['DE']?.reading?.source).toBe('second');
    expect(quarantine()).not.toBeNull();
    await after(10);
    expect(quarantine()).toBeNull();
    expect((await after(0)).zones['DE']?.reading?.source).toBe('grid');
  });

  it('starts over when it contradicts once more', async () => {
    const { grid, after, quarantine } = await setUp({ DE: 400 });
    for (const grams of [5, 400, 5, 400]) {
      grid.answers.set('DE', grams);
      await after(10);
      expect(quarantine()).not.toBeNull();
    }
    await after(10);
    await after(10);
    expect(quarantine()).toBeNull();
  });

  it('is believed nowhere when it contradicts in half of its zones', async () => {
    const { grid, after, quarantine } = await setUp({ DE: 400, FR: 50, ES: 150, PL: 700 });
    grid.answers.set('DE', 0.4);
    grid.answers.set('PL', 0.7);
    await after(0);
    const map = await after(5);
    expect(quarantine()).toEqual({ since: NOON, zones: ['DE', 'PL'], all: true });
    expect(map.zones['DE']?.data).toBe('baseline');
  });

  it('is believed elsewhere when it contradicts in one of many', async () => {
    const { grid, after } = await setUp({ DE: 400, FR: 50, ES: 150, PL: 700 });
    grid.answers.set('DE', 0.4);
    await after(0);
    const map = await after(5);
    expect(map.zones['DE']?.data).toBe('baseline');
    expect(map.zones['FR']).toMatchObject({ data: 'live', reading: { source: 'grid' } });
  });
});

describe('a forecast', () => {
  const ahead = (grams: number): Forecast => forecast('DE', [grams, grams, 400], NOON, { source: 'grid' });

  it('that contradicts what its source said before is not used', async () => {
    const { grid, after, refresher } = await setUp({ DE: 400 });
    grid.forecasts.set('DE', ahead(12));
    const map = await after(0);
    expect(map.zones['DE']).toMatchObject({ data: 'live', forecast: { source: 'windvane' } });
    expect(refresher.problems()).toMatchObject([
      { asked: 'forecast', kind: 'bad-payload', message: expect.stringContaining('holds 12 g/kWh') },
    ]);
  });

  it('of a source in quarantine is not used either', async () => {
    const { grid, after } = await setUp({ DE: 400 }, 'second');
    grid.answers.set('DE', 4);
    grid.forecasts.set('DE', ahead(410));
    expect((await after(0)).zones['DE']?.forecast?.source).not.toContain('grid');
    grid.answers.set('DE', 400);
    for (let i = 0; i < 7; i++) await after(5);
    expect((await after(0)).zones['DE']?.forecast?.source).toContain('grid');
  });
});

describe('the usual range', () => {
  it('is not told from too little', () => {
    expect(usualRange([])).toBeNull();
    expect(usualRange(past('DE', 400, 'grid').slice(0, 23))).toBeNull();
    // Many readings of a short time are little, too.
    expect(
      usualRange(
        Array.from({ length: 270 }, (_, i) => reading('DE', 400, { validFrom: NOON + i * 5 * MINUTE })),
      ),
    ).toBeNull();
  });

  it('leaves out the most extreme hundredth', () => {
    const readings = Array.from({ length: 200 }, (_, i) =>
      reading('DE', i === 7 ? 2_400 : i === 9 ? 1 : 300 + (i % 50), { validFrom: NOON + i * HOUR }),
    );
    expect(usualRange(readings)).toEqual({ least: 300, most: 349 });
  });

  it('contains no contradiction, and the further out the more of one', () => {
    const grams = fc.double({ min: 1, max: 1_000, noNaN: true });
    fc.assert(
      fc.property(grams, grams, fc.double({ min: 0, max: 2_500, noNaN: true }), (a, b, value) => {
        const range = { least: Math.min(a, b), most: Math.max(a, b) };
        const inside = value >= range.least && value <= range.most;
        const further = value > range.most ? value * 1.1 : value / 1.1;
        const contradiction = contradicts(range, value);
        expect(contradiction && inside).toBe(false);
        expect(contradiction && !contradicts(range, further)).toBe(false);
      }),
    );
  });
});

const traces = resolve(import.meta.dirname, '../../../../../shared/traces/intensity.csv');

describe.skipIf(!existsSync(traces))(
  `on a year of twelve zones${existsSync(traces) ? '' : ': no shared/traces here'}`,
  () => {
    it('no real hour contradicts the days before it, and a slip to pounds, kilograms or percent mostly does', async () => {
      const replay = createReplayProvider({ csv: { path: join(traces) } });
      const { zones, from, to } = await replay.load();
      const caught = { pounds: 0, kilograms: 0, percent: 0 };
      let tried = 0;
      for (const zone of zones) {
        const rows = await replay.history(zone, from, to);
        for (let i = 24; i < rows.length; i += 3) {
          const range = usualRange(rows.slice(Math.max(0, i - 14 * 24), i));
          const grams = rows[i]?.gramsPerKwh ?? Number.NaN;
          if (range === null) throw new Error('a day is enough');
          expect(contradicts(range, grams)).toBe(false);
          tried += 1;
          caught.pounds += Number(contradicts(range, grams * 2.2046));
          caught.kilograms += Number(contradicts(range, grams / 1000));
          caught.percent += Number(contradicts(range, 50));
        }
      }
      expect(caught.kilograms / tried).toBeGreaterThan(0.95);
      expect(caught.percent / tried).toBeGreaterThan(0.5);
      expect(caught.pounds / tried).toBeGreaterThan(0.5);
    });
  },
);
