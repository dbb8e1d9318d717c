import {
  type CarbonMap,
  type CarbonProvider,
  type Clock,
  createMemoryStore,
  createRefresher,
  type Instant,
  type LocationResolver,
  type Millis,
  ProviderError,
  type ProviderProblem,
  pairName,
  type RateLimit,
  type Reading,
  samePair,
  type ZoneCode,
} from '@windvane/carbon-map';
import type { Sources } from '../app/chains.ts';
import { formatDuration } from '../config/duration.ts';
import { NOT_ASKED } from './problems.ts';

/** A source that stands before the one that serves a zone, and why it does not serve it. */
interface PassedOver {
  readonly provider: string;
  readonly why: string;
}

/** What serves one zone. */
export interface ZoneFinding {
  readonly zone: ZoneCode;
  readonly name: string;
  readonly data: 'live' | 'baseline' | 'stale' | 'none';
  readonly gramsPerKwh: number | null;
  /** `average/lifecycle`; null without a reading. */
  readonly pair: string | null;
  readonly source: string | null;
  /** Since the start of its validity. */
  readonly ageSeconds: number | null;
  readonly passedOver: readonly PassedOver[];
}

export interface ZonesFinding {
  readonly map: CarbonMap;
  readonly zones: readonly ZoneFinding[];
  /** Zones with a fresh reading by pair, yearly averages apart. */
  readonly freshByPair: Readonly<Record<string, number>>;
  readonly problems: readonly ProviderProblem[];
  /** Number of zones that a source gave a reading for. */
  readonly answered: ReadonlyMap<string, number>;
}

export interface ExamineOptions {
  readonly sources: Sources;
  readonly zones: readonly ZoneCode[];
  readonly resolver: LocationResolver;
  readonly clock: Clock;
  readonly allowedAge: Millis;
}

/**
 * One round of the very refresher that the controller runs, for present readings only: forecasts and history are not
 * asked for, so that an examination costs little of a quota.
 */
export async function examineZones(options: ExamineOptions): Promise<ZonesFinding> {
  const { sources, clock, allowedAge, resolver } = options;
  const readings = new Map<string, Reading>();
  const recorded = new Map<CarbonProvider, CarbonProvider>();
  const recorder = (provider: CarbonProvider): CarbonProvider => {
    const known = recorded.get(provider) ?? recording(provider, readings, sources.rateLimit(provider));
    recorded.set(provider, known);
    return known;
  };
  const store = createMemoryStore({ clock });
  const refresher = createRefresher({
    zones: () => options.zones,
    chain: (zone) => sources.chain(zone).map(recorder),
    store,
    clock,
    locations: resolver,
    holder: 'windvane doctor',
    allowedAge,
  });
  try {
    const map = await refresher.refreshOnce();
    const problems = refresher.problems().filter(({ asked }) => asked === 'reading');
    for (const { provider, zone } of problems) readings.delete(keyOf(provider, zone));
    const asked = { map, problems, readings, allowedAge };
    const zones = options.zones.map((zone) => findingOf(zone, sources.chain(zone), asked));
    const answered = new Map<string, number>();
    for (const { source } of readings.values()) answered.set(source, (answered.get(source) ?? 0) + 1);
    const freshByPair = countFresh(options.zones, sources, asked);
    return { map, zones, freshByPair, problems, answered };
  } finally {
    await refresher.stop();
    await store.close();
  }
}

interface Asked {
  readonly map: CarbonMap;
  readonly problems: readonly ProviderProblem[];
  /** By provider and zone. */
  readonly readings: ReadonlyMap<string, Reading>;
  readonly allowedAge: Millis;
}

const keyOf = (provider: string, zone: ZoneCode): string => `${provider} ${zone}`;

/** The limit is counted here, because what is not asked for (forecasts, history) shall take nothing from it. */
function recording(
  provider: CarbonProvider,
  readings: Map<string, Reading>,
  limit: RateLimit | null,
): CarbonProvider {
  const allowed = limit === null ? Number.POSITIVE_INFINITY : (limit.burst ?? limit.requests);
  let sent = 0;
  return {
    ...provider,
    async latest(zone, at, abort) {
      if (sent >= allowed) {
        const requests = `${allowed} ${allowed === 1 ? 'request' : 'requests'}`;
        throw new ProviderError(
          'no-data',
          provider.name,
          `${NOT_ASKED}: its rate allows ${requests} at once`,
        );
      }
      sent += 1;
      const reading = await provider.latest(zone, at, abort);
      readings.set(keyOf(provider.name, zone), reading);
      return reading;
    },
    forecast: async () => null,
    history: async () => [],
  };
}

function findingOf(zone: ZoneCode, chain: readonly CarbonProvider[], asked: Asked): ZoneFinding {
  const { map } = asked;
  const state = map.zones[zone];
  const reading = state?.reading ?? null;
  const serving = reading === null ? -1 : chain.findIndex(({ name }) => name === reading.source);
  const before = serving === -1 ? chain : chain.slice(0, serving);
  return {
    zone,
    name: state?.name ?? zone,
    data: state?.data ?? 'none',
    gramsPerKwh: reading?.gramsPerKwh ?? null,
    pair: reading === null ? null : pairName(reading),
    source: reading?.source ?? null,
    ageSeconds: reading === null ? null : Math.max(0, Math.round((map.at - reading.validFrom) / 1_000)),
    passedOver: before.map((provider) => ({ provider: provider.name, why: whyNot(provider, zone, asked) })),
  };
}

function whyNot(provider: CarbonProvider, zone: ZoneCode, asked: Asked): string {
  if (!provider.covers(zone)) return 'does not cover the zone';
  const problem = asked.problems.find((each) => each.provider === provider.name && each.zone === zone);
  if (problem !== undefined) return problem.message.replace(/^[a-z-]+: /, '');
  const reading = asked.readings.get(keyOf(provider.name, zone));
  if (reading === undefined) return 'was not asked';
  if (!samePair(reading, asked.map.pair)) {
    return `answers in ${pairName(reading)}; zones are compared in ${pairName(asked.map.pair)}`;
  }
  return `its newest reading ended ${ageText(asked.map.at - reading.validTo)} ago`;
}

function countFresh(zones: readonly ZoneCode[], sources: Sources, asked: Asked): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const zone of zones) {
    const pairs = new Set<string>();
    for (const provider of sources.chain(zone)) {
      const reading = asked.readings.get(keyOf(provider.name, zone));
      if (reading === undefined || !provider.countsAsFresh) continue;
      if (isFresh(reading, asked.map.at, asked.allowedAge)) pairs.add(pairName(reading));
    }
    for (const pair of pairs) counts[pair] = (counts[pair] ?? 0) + 1;
  }
  return counts;
}

function isFresh(reading: Reading, at: Instant, allowedAge: Millis): boolean {
  return reading.validTo + allowedAge > at;
}

const MINUTES_SHOWN: Millis = 60_000;

/** In whole minutes, or hours. */
export function ageText(age: Millis): string {
  return formatDuration(Math.round(Math.max(0, age) / MINUTES_SHOWN) * MINUTES_SHOWN);
}
