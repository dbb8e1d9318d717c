import {
  type CarbonMap,
  type CarbonProvider,
  createBaselineProvider,
  createLocationResolver,
  createMemoryStore,
  createRefresher,
  createVirtualClock,
  DAY,
  HOUR,
  type Instant,
  MINUTE,
  type Reading,
  SECOND,
  type VirtualClock,
} from '../../src/index.ts';
import { FAULT_FOR, FAULT_FROM, type Fault, faultyFetch, WATCH_FOR } from './faults.ts';
import { type Source, truth } from './sources.ts';

/** What became of the map of one source under one fault. */
export interface Outcome {
  readonly source: string;
  readonly fault: string;
  /** Sources that the zone was served from during the fault, in order of appearance. */
  readonly served: readonly string[];
  /** Seconds of the fault in which the zone was live, of all. */
  readonly live: number;
  /** Looks at the map that found a value which nobody sent for that time, or none where one is owed. */
  readonly impossible: number;
  /** Looks that found a wrong word about source, age or kind. */
  readonly mislabelled: number;
  /** Requests made during the fault. */
  readonly requests: number;
  /** Seconds from the end of the fault until a new reading of the source is served, for good; null if never. */
  readonly recovery: number | null;
}

const START: Instant = Date.parse('2026-03-04T00:00:00Z');
const TICK = 5 * SECOND;
const ALLOWED_AGE = 2 * HOUR;
const SECOND_SOURCE = 'second';

/** What the other source of the zone says: as good, on another level. */
const secondTruth = (at: Instant): number => truth(at) + 25;

/** Runs one source under one fault by a virtual clock. */
export async function runFault(source: Source, fault: Fault, withSecond: boolean): Promise<Outcome> {
  const clock = createVirtualClock(START);
  let present: Fault | null = null;
  let requests = 0;
  const subject = source.create(
    clock,
    faultyFetch(
      source,
      clock,
      () => present,
      () => requests++,
    ),
  );
  const baseline = createBaselineProvider();
  const chain = withSecond ? [subject, secondSource(subject), baseline] : [subject, baseline];
  const store = createMemoryStore({ clock });
  // The hub has been running for some days: it knows what this source usually says.
  await store.appendHistory(pastOf(source.zone, subject));
  const refresher = createRefresher({
    zones: () => [source.zone],
    chain: () => chain,
    store,
    clock,
    locations: createLocationResolver(),
    holder: 'faults',
    // In the middle of the jitter.
    random: () => 0.5,
  });
  const yearly = (await baseline.latest(source.zone, START)).gramsPerKwh;
  const tally = { live: 0, impossible: 0, mislabelled: 0 };
  const served: string[] = [];
  const look = (): void => {
    const map = refresher.current();
    const faults =
      map === null
        ? { impossible: true, mislabelled: false }
        : judge(map, source, subject, yearly, clock.now());
    tally.impossible += Number(faults.impossible);
    tally.mislabelled += Number(faults.mislabelled);
  };

  refresher.start();
  await advance(clock, FAULT_FROM, () => {});
  if (sourceOf(refresher.current(), source) !== subject.name) {
    throw new Error(`${source.name}: not served before the fault: ${JSON.stringify(refresher.problems())}`);
  }
  requests = 0;
  present = fault;
  await advance(clock, FAULT_FOR, () => {
    look();
    const now = sourceOf(refresher.current(), source) ?? 'nothing';
    if (!served.includes(now)) served.push(now);
    if (refresher.current()?.zones[source.zone]?.data === 'live') tally.live += TICK / SECOND;
  });
  const during = requests;
  present = null;
  const end = clock.now();
  let recovered: Instant | null = null;
  await advance(clock, WATCH_FOR, () => {
    look();
    const reading = refresher.current()?.zones[source.zone]?.reading;
    const back = reading?.source === subject.name && reading.fetchedAt >= end;
    if (!back) recovered = null;
    else recovered ??= clock.now();
  });
  await refresher.stop();
  return {
    source: source.name,
    fault: fault.name,
    served,
    ...tally,
    requests: during,
    recovery: recovered === null ? null : (recovered - end) / SECOND,
  };
}

function pastOf(zone: string, { name, pair }: CarbonProvider): readonly Reading[] {
  return Array.from({ length: 72 }, (_, i) => {
    const validFrom = START - (72 - i) * HOUR;
    return {
      zone,
      gramsPerKwh: truth(validFrom),
      ...pair,
      source: name,
      estimated: false,
      validFrom,
      validTo: validFrom + HOUR,
      fetchedAt: validFrom,
    };
  });
}

function sourceOf(map: CarbonMap | null, source: Source): string | undefined {
  return map?.zones[source.zone]?.reading?.source;
}

/** Moves time on in small steps, each given the turns that its requests need. */
async function advance(clock: VirtualClock, by: number, each: () => void): Promise<void> {
  for (let passed = 0; passed < by; passed += TICK) {
    clock.advance(TICK);
    for (let turn = 0; turn < 8; turn++) await new Promise((resolve) => void setImmediate(resolve));
    each();
  }
}

/** Holds what the map says of the zone against what was really sent. */
function judge(
  map: CarbonMap,
  source: Source,
  subject: CarbonProvider,
  yearly: number,
  now: Instant,
): { impossible: boolean; mislabelled: boolean } {
  const state = map.zones[source.zone];
  const reading = state?.reading ?? null;
  if (state === undefined) return { impossible: true, mislabelled: false };
  // In a pair that has no yearly average, nothing is an honest answer.
  if (reading === null) return { impossible: false, mislabelled: state.data !== null };
  const sent: Readonly<Record<string, number>> = {
    [subject.name]: truth(reading.validFrom),
    [SECOND_SOURCE]: secondTruth(reading.validFrom),
    baseline: yearly,
  };
  const expected = sent[reading.source] ?? Number.NaN;
  const off = (grams: number): boolean => !(grams > 100 && grams < 600);
  const impossible =
    !(Math.abs(reading.gramsPerKwh - expected) < 1e-6) ||
    reading.validFrom > now ||
    (state.forecast?.points ?? []).some(({ gramsPerKwh }) => off(gramsPerKwh));
  // The map is of the last round, at most an interval ago.
  const fresh = reading.source !== 'baseline' && reading.validTo + ALLOWED_AGE > map.at;
  const kind = reading.source === 'baseline' ? 'baseline' : fresh ? 'live' : 'stale';
  const mislabelled = state.data !== kind || now - map.at > 6 * MINUTE || !fits(reading, map);
  return { impossible, mislabelled };
}

function fits(reading: Reading, map: CarbonMap): boolean {
  return (
    reading.signal === map.pair.signal &&
    reading.basis === map.pair.basis &&
    reading.fetchedAt <= map.at + MINUTE
  );
}

/** Another source of the same zone in the same pair, which never fails. */
function secondSource(like: CarbonProvider): CarbonProvider {
  const reading = (zone: string, validFrom: Instant, fetchedAt: Instant): Reading => ({
    zone,
    gramsPerKwh: secondTruth(validFrom),
    ...like.pair,
    source: SECOND_SOURCE,
    estimated: false,
    validFrom,
    validTo: validFrom + HOUR,
    fetchedAt,
  });
  const hour = (at: Instant): Instant => Math.floor(at / HOUR) * HOUR;
  return {
    name: SECOND_SOURCE,
    pair: like.pair,
    countsAsFresh: true,
    covers: (zone) => like.covers(zone),
    latest: async (zone, at) => reading(zone, hour(at), at),
    forecast: async () => null,
    history: async (zone, from, to) =>
      Array.from({ length: Math.max(0, Math.floor((to - Math.max(from, to - DAY)) / HOUR)) }, (_, i) =>
        reading(zone, hour(to) - (i + 1) * HOUR, to),
      ).toReversed(),
  };
}
