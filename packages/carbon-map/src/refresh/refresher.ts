import type { LocationResolver } from '../location/location.ts';
import type { CarbonMap, ZoneState } from '../model/carbon-map.ts';
import { pairName, type Reading, type SignalPair, samePair, type ZoneCode } from '../model/reading.ts';
import { type Clock, HOUR, type Instant, MINUTE, type Millis, SECOND } from '../model/time.ts';
import type { CarbonProvider } from '../provider/provider.ts';
import { FencedWriteError, type MapStore, type WriterLease } from '../store/store.ts';
import { createBackfill } from './backfill.ts';
import { createForecastKeeper } from './forecasts.ts';
import { createGuards } from './guard.ts';
import { createHealthLog, type ProviderHealth, type ProviderProblem } from './health.ts';
import { mapLimited } from './limited.ts';
import { createLoops } from './loops.ts';
import { pairState } from './old-pair.ts';
import { choosePair } from './pair-rule.ts';
import { createProbation } from './probation.ts';
import { createQuarantine } from './quarantine.ts';
import { askZone, type PairAnswers } from './round.ts';
import { type Selected, selectReading } from './select.ts';
import type { RateLimit } from './token-bucket.ts';

export interface RefresherOptions {
  /** The zones to keep; asked anew at each refresh, because clusters come and go. */
  readonly zones: () => readonly ZoneCode[];
  /** The providers of a zone, best first. The same object for all zones that share a provider. */
  readonly chain: (zone: ZoneCode) => readonly CarbonProvider[];
  readonly store: MapStore;
  readonly clock: Clock;
  readonly locations: LocationResolver;
  /** Name of this process in the writer lease, unique among all that share the store. */
  readonly holder: string;
  /** Time between refreshes (5 minutes). */
  readonly interval?: Millis;
  /** How long after the end of its validity a reading still counts as live (2 hours). */
  readonly allowedAge?: Millis;
  /** How far ahead forecasts are asked for (48 hours), and how often (30 minutes). */
  readonly horizon?: Millis;
  readonly forecastEvery?: Millis;
  /** Zones asked at the same time (8). */
  readonly concurrency?: number;
  /**
   * Life of the writer lease (10 seconds). It is renewed, or tried for, at every quarter of it: another process takes over
   * within one and a quarter lives of a death.
   */
  readonly leaseTtl?: Millis;
  /** How long a better source must answer without a failure before a zone returns to it from a worse one (15 minutes). */
  readonly dwell?: Millis;
  /** Limit of the requests to a provider; none by default. What is over it is asked in later rounds, each zone in turn. */
  readonly rateLimit?: (provider: CarbonProvider) => RateLimit | null;
  /** 0..1, for jitter; Math.random unless a test decides. */
  readonly random?: () => number;
  /** Told of faults that no provider is to blame for, such as a store that does not answer. */
  readonly onError?: (error: unknown) => void;
}

/** Keeps the map of a store fresh, as long as this process is its writer. */
export interface Refresher {
  /** One round: asks, writes, and returns the newest version; without the writer lease only reads. */
  refreshOnce(): Promise<CarbonMap>;
  /** Refreshes at once and then at the interval; zones with a source that failed in passing are asked again sooner. */
  start(): void;
  /** Ends the loop, waits for the round in flight and gives the lease back. */
  stop(): Promise<void>;
  /** The newest version seen by this process; null before the first. */
  current(): CarbonMap | null;
  isWriter(): boolean;
  providers(): readonly ProviderHealth[];
  problems(): readonly ProviderProblem[];
}

/** First wait before failed zones are asked again, doubled each time up to the longest. */
const RETRY: Millis = 30 * SECOND;
const LONGEST_RETRY: Millis = 2 * MINUTE;

type Picked = PairAnswers & { readonly selected: Selected | null };

/** What one zone's chain answered, with the time. */
interface Asked {
  readonly at: Instant;
  readonly answers: readonly PairAnswers[];
}

export function createRefresher(options: RefresherOptions): Refresher {
  const { store, clock, holder } = options;
  const interval = options.interval ?? 5 * MINUTE;
  const allowedAge = options.allowedAge ?? 2 * HOUR;
  const leaseTtl = options.leaseTtl ?? 10 * SECOND;
  const concurrency = options.concurrency ?? 8;
  const random = options.random ?? Math.random;
  const quarantine = createQuarantine(store);
  const health = createHealthLog((provider) => quarantine.of(provider));
  const probation = createProbation(options.dwell ?? 15 * MINUTE);
  const guard = createGuards({ clock, random, ...(options.rateLimit && { rateLimit: options.rateLimit }) });
  const forecasts = createForecastKeeper({
    store,
    horizon: options.horizon ?? 48 * HOUR,
    every: options.forecastEvery ?? 30 * MINUTE,
    health,
    quarantine,
  });
  const backfill = createBackfill(store, health);
  /** Last reading of a provider that counts as fresh, by zone and pair. */
  const lastGood = new Map<string, Reading>();
  /** Answers of the last round; a round of retries asks only the zones in which something failed in passing. */
  const lastAsked = new Map<ZoneCode, Asked>();
  const onError = options.onError ?? (() => {});
  const loops = createLoops(clock, onError);
  let retries = 0;
  /** Token of the lease under which notes of earlier writers were read. */
  let restoredFor: number | null = null;
  let aborter = new AbortController();
  let lease: WriterLease | null = null;
  let current: CarbonMap | null = null;
  let running: Promise<CarbonMap> | null = null;

  async function renewLease(): Promise<WriterLease | null> {
    try {
      lease = await store.acquireWriter(holder, leaseTtl);
    } catch (error) {
      // Without the store nobody can tell who writes, so nobody does.
      lease = null;
      onError(error);
    }
    return lease;
  }

  async function readNewest(): Promise<CarbonMap> {
    const stored = await store.read();
    if (stored !== null && (current === null || stored.version > current.version)) current = stored;
    current ??= emptyMap(clock.now());
    return current;
  }

  async function round(onlyFailed: boolean): Promise<CarbonMap> {
    const abort = aborter.signal;
    const held = await renewLease();
    const before = await readNewest();
    if (held === null) return before;
    if (restoredFor !== held.token) {
      await forecasts.restore().catch(onError);
      restoredFor = held.token;
    }
    const at = clock.now();
    const asked = await askAll(before, at, abort, onlyFailed);
    const picked = asked.map(({ zone, answers }) => ({
      zone,
      byPair: pickPerPair(zone, answers, before, at),
    }));
    const live = picked.flatMap(({ byPair }) => byPair.filter(({ selected }) => selected?.data === 'live'));
    const pair = choosePair(live.map((entry) => entry.pair));
    const inPair = (byPair: readonly Picked[], wanted: SignalPair): Picked | undefined =>
      byPair.find((candidate) => samePair(candidate.pair, wanted));
    const states = await mapLimited(picked, concurrency, ({ zone, byPair }) =>
      zoneState(zone, inPair(byPair, pair), pair, at, abort),
    );
    const served = states.flatMap(({ zone, data, reading }): [ZoneCode, Reading][] =>
      data === 'live' && reading !== null ? [[zone, reading]] : [],
    );
    const byZone = new Map(picked.map(({ zone, byPair }) => [zone, byPair]));
    const map: CarbonMap = {
      version: nextVersion(before.version, at),
      at,
      pair,
      ...pairState(before, pair, at, new Map(served), (zone, left) => {
        const selected = inPair(byZone.get(zone) ?? [], left)?.selected;
        return selected?.data === 'live' ? selected.reading : undefined;
      }),
      zones: Object.fromEntries(states.map((state) => [state.zone, state])),
    };
    return write(
      map,
      held,
      live.map(({ selected }) => selected?.reading).filter((reading) => reading !== undefined),
    );
  }

  /** Asks the zones' chains, those first that were answered longest ago: under a rate limit each has its turn. */
  async function askAll(
    before: CarbonMap,
    at: Instant,
    abort: AbortSignal,
    onlyFailed: boolean,
  ): Promise<readonly (Asked & { readonly zone: ZoneCode })[]> {
    const zones = [...new Set(options.zones())];
    const serving = (zone: ZoneCode, pair: SignalPair): string | undefined =>
      (lastGood.get(`${zone} ${pairName(pair)}`) ?? before.zones[zone]?.reading)?.source;
    const context = { at, allowedAge, abort, health, quarantine, probation, serving };
    const turn = (zone: ZoneCode): Instant => lastAsked.get(zone)?.at ?? -Infinity;
    const due = zones.filter((zone) => !onlyFailed || isTroubled(zone));
    due.sort((a, b) => (turn(a) < turn(b) ? -1 : Number(turn(a) > turn(b))));
    await mapLimited(due, concurrency, async (zone) => {
      const chain = options.chain(zone).map(guard);
      await backfill.fill(zone, chain, at, abort);
      const answers = await askZone(zone, chain, context);
      const complete = answers.every(({ passing }) => !passing);
      lastAsked.set(zone, { at: complete ? at : turn(zone), answers });
    });
    const there = new Set(zones);
    for (const zone of lastAsked.keys()) if (!there.has(zone)) lastAsked.delete(zone);
    return zones.flatMap((zone) => {
      const last = lastAsked.get(zone);
      return last === undefined ? [] : [{ ...last, zone }];
    });
  }

  /** Whether a source of the zone failed in a way that may be over soon, or the zone is new. */
  function isTroubled(zone: ZoneCode): boolean {
    return lastAsked.get(zone)?.answers.some(({ passing }) => passing) ?? true;
  }

  async function write(map: CarbonMap, held: WriterLease, readings: readonly Reading[]): Promise<CarbonMap> {
    try {
      await store.write(map, held);
      await store.appendHistory(readings);
      await forecasts.save(map.at);
      current = map;
      return map;
    } catch (error) {
      if (error instanceof FencedWriteError) lease = null;
      onError(error);
      return readNewest();
    }
  }

  function pickPerPair(
    zone: ZoneCode,
    answers: readonly PairAnswers[],
    before: CarbonMap,
    at: Instant,
  ): readonly Picked[] {
    return answers.map((answer) => {
      const { pair, chain, readings } = answer;
      const key = `${zone} ${pairName(pair)}`;
      const last = lastGood.get(key) ?? keptInMap(zone, answer, before, at);
      const kept = last === undefined || quarantine.contradicted(last) ? undefined : last;
      const held = (source: string): boolean => probation.holds(source, zone, pair, at);
      const selected = selectReading(readings, kept, chain, at, allowedAge, held);
      if (selected?.data === 'live') lastGood.set(key, selected.reading);
      return { ...answer, selected };
    });
  }

  async function zoneState(
    zone: ZoneCode,
    entry: Picked | undefined,
    pair: SignalPair,
    at: Instant,
    abort: AbortSignal,
  ): Promise<ZoneState> {
    const name = options.locations.zoneName(zone);
    if (entry === undefined || entry.selected === null) {
      return { zone, name, reading: null, data: null, forecast: null };
    }
    const { reading, data } = entry.selected;
    // Beside a yearly average an hourly forecast of another source would be compared on two levels.
    const forecast =
      data === 'baseline'
        ? null
        : await forecasts.get({ zone, pair, chain: entry.chain, reading, at, abort });
    return { zone, name, reading, data, forecast };
  }

  function refresh(onlyFailed: boolean): Promise<CarbonMap> {
    running ??= round(onlyFailed).finally(() => {
      running = null;
    });
    return running;
  }

  /** The rounds of a running refresher: returns the time until the next one. */
  function createRounds(): () => Promise<Millis> {
    let nextFull: Instant = -Infinity;
    return async () => {
      const full = clock.now() >= nextFull;
      if (full) nextFull = clock.now() + interval;
      await refresh(!full);
      const rest = Math.max(0, nextFull - clock.now());
      if (lease === null || ![...lastAsked.keys()].some(isTroubled)) {
        retries = 0;
        return rest;
      }
      const backoff = Math.min(RETRY * 2 ** retries++, LONGEST_RETRY);
      // Between 75 and 125 percent, as in the breakers.
      return Math.min(rest, backoff * (0.75 + random() / 2));
    };
  }

  return {
    refreshOnce: () => refresh(false),
    start() {
      loops.run(createRounds(), interval);
      // The lease outlives a refresh only by being renewed beside it. Who inherits it refreshes at once.
      loops.run(async () => {
        const before = lease;
        if ((await renewLease()) !== null && before === null) await refresh(false);
        return leaseTtl / 4;
      }, leaseTtl / 4);
    },
    async stop() {
      aborter.abort();
      loops.stop();
      await running?.catch(() => {});
      aborter = new AbortController();
      const held = lease;
      lease = null;
      if (held !== null) await store.releaseWriter(held).catch(onError);
    },
    current: () => current,
    isWriter: () => lease !== null,
    providers: () => health.providers(),
    problems: () => health.problems(),
  };
}

/** The reading that an earlier writer left in the map, when it is one that this chain could have given. */
function keptInMap(zone: ZoneCode, answer: PairAnswers, before: CarbonMap, at: Instant): Reading | undefined {
  const reading = before.zones[zone]?.reading;
  if (reading === undefined || reading === null || !samePair(reading, answer.pair)) return undefined;
  // A replay that starts again finds what its last run left: readings of what is the future now.
  if (reading.validFrom > at) return undefined;
  return answer.chain.find((provider) => provider.name === reading.source)?.countsAsFresh === true
    ? reading
    : undefined;
}

/**
 * Versions follow the clock (seconds of the epoch) where they can: a writer that finds an emptied store
 * then still writes a version above everything that readers have seen.
 */
function nextVersion(before: number, at: Instant): number {
  return Math.max(before + 1, Math.floor(at / SECOND));
}

function emptyMap(at: Instant): CarbonMap {
  return { version: 0, at, pair: choosePair([]), pairSince: null, zones: {} };
}
