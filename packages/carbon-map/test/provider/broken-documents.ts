import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  type CarbonProvider,
  createVirtualClock,
  DAY,
  HOUR,
  MINUTE,
  ProviderError,
  startOfHour,
  type VirtualClock,
} from '../../src/index.ts';
import { NOON } from '../support/fixtures.ts';
import { type Handler, raw, startHttpServer } from '../support/http-server.ts';

/** Whole documents of a source, to be broken in any place. */
export interface DocumentCase {
  create(url: string, clock: VirtualClock): CarbonProvider;
  readonly zone: string;
  /** Documented answers; every intensity in them is `LEAST_SENT` or more, in the source's unit. */
  readonly documents: { readonly latest: unknown; readonly forecast?: unknown; readonly history?: unknown };
  readonly zeroIsReal: boolean;
  /** What the source's unit is in g/kWh (1). */
  readonly gramsPerUnit?: number;
  route?(handler: Handler): Handler;
}

/** The cleanest intensity that stands in an unbroken document. */
export const LEAST_SENT = 100;

const NOW = NOON + 20 * MINUTE;
const HORIZON = 2 * DAY;

/** Nothing that could pass for a smaller intensity: the law is that breaking a document makes no grid cleaner. */
const JUNK: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, -1, -0.5, 1e6, 1e300, '', 'x', 'NaN', '-7', {}, [], true, [null], 'ABSENT'),
  fc.constantFrom<unknown>('23:59:59', '99.00:00:00', 9e15, -1e300, 8.64e15),
  fc.integer({ min: -1_000_000, max: -1 }),
  fc.integer({ min: 2_500_000, max: 2 ** 40 }),
  fc.integer({ min: -96, max: 96 }).map((quarters) => new Date(NOON + quarters * 15 * MINUTE).toISOString()),
  fc.integer({ min: -96, max: 96 }).map((quarters) => (NOON + quarters * 15 * MINUTE) / 1_000),
);

/** Breaks one place of a document: the `seed` decides which. */
function broken(document: unknown, seed: number, junk: unknown): unknown {
  const copy = structuredClone({ document });
  const places: { holder: object; key: string }[] = [];
  const walk = (holder: object): void => {
    for (const [key, value] of Object.entries(holder)) {
      places.push({ holder, key });
      if (typeof value === 'object' && value !== null) walk(value);
    }
  };
  walk(copy);
  const place = places[seed % places.length];
  if (place === undefined) return copy.document;
  if (junk === 'ABSENT') Reflect.deleteProperty(place.holder, place.key);
  else Reflect.set(place.holder, place.key, junk);
  return copy.document;
}

/** No document, however broken, makes a number that is impossible, of the future, or cleaner than what was sent. */
export function brokenDocuments(given: DocumentCase): void {
  const least = given.zeroIsReal ? 0 : LEAST_SENT * (given.gramsPerUnit ?? 1) * (1 - 1e-12);
  const places = fc.array(fc.tuple(fc.nat({ max: 10_000 }), JUNK), { minLength: 1, maxLength: 3 });

  function expectPossible(gramsPerKwh: number): void {
    expect(Number.isFinite(gramsPerKwh)).toBe(true);
    expect(gramsPerKwh).toBeGreaterThanOrEqual(least);
    expect(gramsPerKwh).toBeLessThanOrEqual(2_500);
  }

  async function fuzz<T>(
    document: unknown,
    ask: (provider: CarbonProvider) => Promise<T>,
    judge: (answer: T) => void,
  ): Promise<void> {
    const server = await startHttpServer();
    let answers = 0;
    const provider = given.create(server.url, createVirtualClock(NOW));
    try {
      await fc.assert(
        fc.asyncProperty(places, async (breaks) => {
          const sent = breaks.reduce((doc, [seed, junk]) => broken(doc, seed, junk), document);
          const handler = raw(JSON.stringify(sent) ?? '');
          server.answer(given.route?.(handler) ?? handler);
          const answer = await ask(provider).catch((error: unknown) => {
            if (error instanceof ProviderError) return null;
            throw error;
          });
          if (answer === null) return;
          answers += 1;
          judge(answer);
        }),
        { numRuns: 200 },
      );
      // Else the law would hold for want of an answer.
      expect(answers).toBeGreaterThan(0);
    } finally {
      await server.close();
    }
  }

  /** The answer to a document, and to the same with every row twice; null for a refusal. */
  async function toldTwice<T>(
    document: unknown,
    ask: (provider: CarbonProvider) => Promise<T>,
  ): Promise<{ readonly once: T; readonly twice: T | null }> {
    const server = await startHttpServer();
    const provider = given.create(server.url, createVirtualClock(NOW));
    const answerTo = (sent: unknown): Promise<T> => {
      const handler = raw(JSON.stringify(sent));
      server.answer(given.route?.(handler) ?? handler);
      return ask(provider);
    };
    try {
      const once = await answerTo(document);
      const twice = await answerTo(doubled(document)).catch((error: unknown) => {
        if (error instanceof ProviderError) return null;
        throw error;
      });
      return { once, twice };
    } finally {
      await server.close();
    }
  }

  it('makes of what is told twice the same reading, or none', async () => {
    const { once, twice } = await toldTwice(given.documents.latest, (provider) =>
      provider.latest(given.zone, NOW),
    );
    expect([once, null]).toContainEqual(twice);
  });

  it.each(present(given.documents.forecast))(
    'makes of points told twice the same forecast, or none',
    async ({ document }) => {
      const { once, twice } = await toldTwice(document, (provider) =>
        provider.forecast(given.zone, NOW, HORIZON),
      );
      expect([once, null]).toContainEqual(twice);
    },
  );

  it.each(present(given.documents.history))(
    'makes of hours told twice the same past, or none',
    async ({ document }) => {
      const { once, twice } = await toldTwice(document, (provider) =>
        provider.history(given.zone, NOON - DAY, NOW),
      );
      expect([once, null]).toContainEqual(twice);
    },
  );

  it('makes no false reading of a broken document', () =>
    fuzz(
      given.documents.latest,
      (provider) => provider.latest(given.zone, NOW),
      (reading) => {
        expectPossible(reading.gramsPerKwh);
        expect(reading.zone).toBe(given.zone);
        expect(reading.validFrom).toBeLessThanOrEqual(NOW);
        expect(reading.validTo).toBeGreaterThan(reading.validFrom);
        expect(reading.validTo).toBeLessThanOrEqual(reading.validFrom + HOUR);
      },
    ));

  it.each(present(given.documents.forecast))('makes no false forecast of a broken document', ({ document }) =>
    fuzz(
      document,
      (provider) => provider.forecast(given.zone, NOW, HORIZON),
      (forecast) => {
        const points = forecast?.points ?? [];
        expect(forecast?.issuedAt ?? NOW).toBeLessThanOrEqual(NOW);
        expect(points.map(({ at }) => at)).toEqual(points.map((_, i) => (points[0]?.at ?? 0) + i * HOUR));
        expect(points[0]?.at ?? NOW).toBeGreaterThanOrEqual(startOfHour(NOW));
        for (const { gramsPerKwh } of points) expectPossible(gramsPerKwh);
      },
    ),
  );

  it.each(present(given.documents.history))('makes no false past of a broken document', ({ document }) =>
    fuzz(
      document,
      (provider) => provider.history(given.zone, NOON - DAY, NOW),
      (readings) => {
        for (const { gramsPerKwh, validFrom } of readings) {
          expectPossible(gramsPerKwh);
          expect(validFrom).toBeGreaterThanOrEqual(NOON - DAY);
          expect(validFrom).toBeLessThanOrEqual(NOW);
        }
      },
    ),
  );
}

/** The same document with every row in it twice, as a source with a fault in its joins sends it. */
function doubled(part: unknown): unknown {
  if (Array.isArray(part)) {
    const rows = part.map(doubled);
    // A pair of time and value is one row.
    const isRow = rows.length === 2 && rows.every((each) => typeof each !== 'object');
    return isRow ? rows : rows.flatMap((row) => [row, structuredClone(row)]);
  }
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, doubled(value)]));
}

/** A source that has no such document has no such test. */
function present(document: unknown): readonly { document: unknown }[] {
  return document === undefined ? [] : [{ document }];
}
