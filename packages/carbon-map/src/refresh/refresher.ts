import type { LocationResolver } from '../location/location.ts';
import type { CarbonMap, ZoneState } from '../model/carbon-map.ts';
import { pairName, type Reading, type SignalPair, samePair, type ZoneCode } from '../model/reading.ts';
import { type Clock, HOUR, type Instant, MINUTE, type Millis, SECOND } from '../model/time.ts';
import type { CarbonProvider } from '../provider/provider.ts';
import { FencedWriteError, type MapStore, type WriterLease } from '../store/store.ts';
import { createBackfill } from './backfill.ts';
import { createForecastKeeper } from './forecasts.ts';
import { createHealthLog, type ProviderHealth, type ProviderProblem } from './health.ts';
import { mapLimited } from './limited.ts';
import { choosePair } from './pair-rule.ts';
import { askZone, type PairAnswers } from './round.ts';
import { type Selected, selectReading } from './select.ts';

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
  /** Life of the writer lease between renewals (12 seconds): another process takes over that long after a death. */
  readonly leaseTtl?: Millis;
  /** Told of faults that no provider is to blame for, such as a store that does not answer. */
  readonly onError?: (error: unknown) => void;
}

/** Keeps the map of a store fresh, as long as this process is its writer. */
export interface Refresher {
  /** One round: asks, writes, and returns the newest version; without the writer lease only reads. */
  refreshOnce(): Promise<CarbonMap>;
  /** Refreshes at once and then at the interval. */
  start(): void;
  /** Ends the loop, waits for the round in flight and gives the lease back. */
  stop(): Promise<void>;
  /** The newest version seen by this process; null before the first. */
  current(): CarbonMap | null;
  isWriter(): boolean;
  providers(): readonly ProviderHealth[];
  problems(): readonly ProviderProblem[];
}

export function createRefresher(options: RefresherOptions): Refresher {
  const { store, clock, holder } = options;
  const interval = options.interval ?? 5 * MINUTE;
  const allowedAge = options.allowedAge ?? 2 * HOUR;
  const leaseTtl = options.leaseTtl ?? 12 * SECOND;
  const concurrency = options.concurrency ?? 8;
  const health = createHealthLog();
  const forecasts = createForecastKeeper({
    store,
    horizon: options.horizon ?? 48 * HOUR,
    every: options.forecastEvery ?? 30 * MINUTE,
    health,
  });
  const backfill = createBackfill(store, health);
  /** Last reading of a provider that counts as fresh, by zone and pair. */
  const lastGood = new Map<string, Reading>();
  const onError = options.onError ?? (() => {});
  const timers = new Set<() => void>();
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

  async function round(): Promise<CarbonMap> {
    const abort = aborter.signal;
    const held = await renewLease();
    const before = await readNewest();
    if (held === null) return before;
    const at = clock.now();
    const zones = [...new Set(options.zones())];
    const context = { at, allowedAge, abort, health };
    const asked = await mapLimited(zones, concurrency, async (zone) => {
      const chain = options.chain(zone);
      await backfill.fill(zone, chain, at, abort);
      return { zone, answers: await askZone(zone, chain, context) };
    });
    const picked = asked.map(({ zone, answers }) => ({
      zone,
      answers,
      byPair: pickPerPair(zone, answers, before, at),
    }));
    const live = picked.flatMap(({ byPair }) => byPair.filter(({ selected }) => selected?.data === 'live'));
    const pair = choosePair(live.map((entry) => entry.pair));
    const states = await mapLimited(picked, concurrency, async ({ zone, byPair }) => {
      const entry = byPair.find((candidate) => samePair(candidate.pair, pair));
      return zoneState(zone, entry, pair, at, abort);
    });
    const changed = before.version > 0 && !samePair(before.pair, pair);
    const map: CarbonMap = {
      version: nextVersion(before.version, at),
      at,
      pair,
      pairSince: changed ? at : before.pairSince,
      zones: Object.fromEntries(states.map((state) => [state.zone, state])),
    };
    return write(
      map,
      held,
      live.map(({ selected }) => selected?.reading).filter((reading) => reading !== undefined),
    );
  }

  async function write(map: CarbonMap, held: WriterLease, readings: readonly Reading[]): Promise<CarbonMap> {
    try {
      await store.write(map, held);
      await store.appendHistory(readings);
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
  ): readonly (PairAnswers & { selected: Selected | null })[] {
    return answers.map((answer) => {
      const key = `${zone} ${pairName(answer.pair)}`;
      const kept = lastGood.get(key) ?? keptInMap(zone, answer, before, at);
      const selected = selectReading(answer.readings, kept, answer.chain, at, allowedAge);
      if (selected?.data === 'live') lastGood.set(key, selected.reading);
      return { ...answer, selected };
    });
  }

  async function zoneState(
    zone: ZoneCode,
    entry: (PairAnswers & { selected: Selected | null }) | undefined,
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

  async function refreshOnce(): Promise<CarbonMap> {
    running ??= round().finally(() => {
      running = null;
    });
    return running;
  }

  /** Runs `task` now and again `every` after each end; a throw is told and does not end the loop. */
  function loop(every: Millis, task: () => Promise<unknown>): void {
    const signal = aborter.signal;
    const again = async (): Promise<void> => {
      try {
        await task();
      } catch (error) {
        if (!signal.aborted) onError(error);
      }
      if (signal.aborted) return;
      const cancel = clock.after(every, () => {
        timers.delete(cancel);
        void again();
      });
      timers.add(cancel);
    };
    void again();
  }

  return {
    refreshOnce,
    start() {
      loop(interval, refreshOnce);
      // The lease outlives a refresh only by being renewed beside it.
      loop(leaseTtl / 3, renewLease);
    },
    async stop() {
      aborter.abort();
      for (const cancel of timers) cancel();
      timers.clear();
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
