import {
  type CarbonProvider,
  type Forecast,
  HOUR,
  type Instant,
  ProviderError,
  type ProviderErrorKind,
  type Reading,
  type SignalPair,
  startOfHour,
  type ZoneCode,
} from '../../src/index.ts';
import { AVERAGE_LIFECYCLE } from './fixtures.ts';

/** What a fake answers for a zone: grams, a failure, or a whole reading. */
type Answer = number | ProviderErrorKind | Partial<Reading>;

/** A provider that answers from a table which the test may change at any time. */
export interface FakeProvider extends CarbonProvider {
  readonly answers: Map<ZoneCode, Answer>;
  readonly forecasts: Map<ZoneCode, Forecast>;
  /** Zones asked for a reading so far, in order. */
  readonly asked: ZoneCode[];
  readonly forecastsAsked: ZoneCode[];
}

export function fakeProvider(
  name: string,
  answers: Readonly<Record<ZoneCode, Answer>>,
  more: { pair?: SignalPair; countsAsFresh?: boolean } = {},
): FakeProvider {
  const pair = more.pair ?? AVERAGE_LIFECYCLE;
  const table = new Map(Object.entries(answers));
  const forecasts = new Map<ZoneCode, Forecast>();
  const asked: ZoneCode[] = [];
  const forecastsAsked: ZoneCode[] = [];

  function reading(zone: ZoneCode, at: Instant, changes: Partial<Reading>): Reading {
    const validFrom = startOfHour(at);
    return {
      zone,
      gramsPerKwh: 100,
      ...pair,
      source: name,
      estimated: false,
      validFrom,
      validTo: validFrom + HOUR,
      fetchedAt: at,
      ...changes,
    };
  }

  return {
    name,
    pair,
    countsAsFresh: more.countsAsFresh ?? true,
    answers: table,
    forecasts,
    asked,
    forecastsAsked,
    covers: (zone) => table.has(zone),
    async latest(zone, at) {
      asked.push(zone);
      const answer = table.get(zone) ?? 'unknown-zone';
      if (typeof answer === 'string') throw new ProviderError(answer, name, `no ${zone}`);
      return reading(zone, at, typeof answer === 'number' ? { gramsPerKwh: answer } : answer);
    },
    async forecast(zone) {
      forecastsAsked.push(zone);
      return forecasts.get(zone) ?? null;
    },
    history: async () => [],
  };
}
