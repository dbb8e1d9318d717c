import { HOUR, MINUTE, SECOND } from '@windvane/carbon-map';
import { isKubeError } from '../../../../src/kube/errors.ts';
import type { KubeObject } from '../../../../src/kube/resource.ts';
import { PROPAGATION_POLICY } from '../../../../src/planes/karmada/resources.ts';
import { freeze, unfreeze } from '../../../../src/planes/shared/freeze.ts';
import { CARBON_PLACEMENT, NAMESPACE } from '../../../../src/planes/shared/resources.ts';
import { job } from './manifests.ts';
import type { TestServer } from './servers.ts';
import { startWorld, type World } from './world.ts';

/** What the grids do. Hours count from the beginning of the run. */
export interface Grids {
  readonly zones: readonly [string, ...string[]];
  /** What was measured, in gCO2eq per kWh. */
  grams(zone: string, hour: number): number;
  /** What is expected in `hour` for that and the following ones. */
  expected(zone: string, hour: number): readonly number[];
}

interface Drawn {
  readonly name: string;
  readonly at: number;
  readonly startBy: number;
  readonly duration: number;
  /** The zone that it would have run in, at once. */
  readonly home: string;
  /** It may run there alone: only its start is free. */
  readonly tied: boolean;
}

/** How some days of Jobs went. */
export interface JobDays {
  readonly jobs: number;
  /** Dispatched more than five seconds after the latest start, outages of the controller left out. */
  readonly late: readonly string[];
  /** Never dispatched, or not to exactly one member. */
  readonly astray: readonly string[];
  /** A policy or a member's copy that changed after the dispatch. */
  readonly touched: readonly string[];
  /** Started before its latest start while everything was frozen. */
  readonly early: readonly string[];
  /** Started after an outage before one that was overdue longer. */
  readonly outOfOrder: readonly string[];
  readonly frozenStarts: number;
  readonly overdueStarts: number;
  readonly kills: number;
  readonly restarts: number;
  /** Mean over the Jobs, weighted by their run time, in gCO2eq per kWh. */
  readonly grams: {
    readonly home: number;
    readonly atOnce: number;
    readonly windvane: number;
    readonly optimum: number;
  };
}

/** Numbers in [0, 1) that a seed gives again and again (mulberry32). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const START_BY: readonly [number, ...number[]] = [
  0,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  24 * HOUR,
  36 * HOUR,
];
const DURATION: readonly [number, ...number[]] = [HOUR, 2 * HOUR, 4 * HOUR, 6 * HOUR];

function draw(count: number, hours: number, grids: Grids, next: () => number): Drawn[] {
  const pick = <T>(from: readonly [T, ...T[]]): T => from[Math.floor(next() * from.length)] ?? from[0];
  return Array.from({ length: count }, (_, index) => {
    const at = Math.floor(next() * (hours - 1) * 6) * 10 * MINUTE;
    const most = hours * HOUR - at - 20 * MINUTE;
    return {
      name: `job-${String(index).padStart(4, '0')}`,
      at,
      startBy: Math.min(pick(START_BY), most),
      duration: pick(DURATION),
      home: pick(grids.zones),
      tied: next() < 0.5,
    };
  }).sort((a, b) => a.at - b.at);
}

function meanGrams(grids: Grids, zone: string, start: number, duration: number): number {
  let sum = 0;
  for (let from = start; from < start + duration; ) {
    const hour = Math.floor(from / HOUR);
    const until = Math.min(start + duration, (hour + 1) * HOUR);
    sum += (until - from) * grids.grams(zone, hour);
    from = until;
  }
  return sum / duration;
}

/** The best that one who knew the future could have done: its start begins or ends with an hour, or lies at an end. */
function bestGrams(grids: Grids, { at, startBy, duration }: Drawn, zones: readonly string[]): number {
  const starts = [at, at + startBy];
  for (let full = 0; full <= at + startBy + duration; full += HOUR) starts.push(full, full - duration);
  const allowed = starts.filter((start) => start >= at && start <= at + startBy);
  return Math.min(
    ...zones.flatMap((zone) => allowed.map((start) => meanGrams(grids, zone, start, duration))),
  );
}

/** The controller (null) or one cluster is not there. */
interface Away {
  readonly zone: string | null;
  readonly from: number;
  readonly until: number;
}

/** A kept connection may be closed just as it is used again: on a busy machine that comes to pass. */
async function persistently(task: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await task();
      return;
    } catch (error) {
      if (attempt > 1 && isKubeError(error, 'already-exists')) return;
      if (attempt > 5 || !isKubeError(error, 'unreachable')) throw error;
    }
  }
}

const NS = 'jobs';
const HOURS_FROZEN = 8;
const HOURS_OUT = 5;

/**
 * Plays hours of arriving Jobs on a hub: twice frozen for a while, once without any controller, its controller killed
 * now and then at a random write, Karmada's own restarted, clusters away for hours.
 */
export async function playJobs(
  server: TestServer,
  { grids, jobs: count, hours, seed }: { grids: Grids; jobs: number; hours: number; seed: number },
): Promise<JobDays> {
  const next = random(seed);
  const drawn = draw(count, hours, grids, next);
  const created: { name: string; at: number }[] = [];
  const world: World = await startWorld(server, {
    members: grids.zones.map((zone) => ({
      name: zone.toLowerCase(),
      annotations: { 'windvane.dev/location': zone },
    })),
    heard({ kind, verb, name }) {
      if (kind === 'PropagationPolicy' && verb === 'create')
        created.push({ name, at: world.clock.now() - zero });
    },
  });
  const zero = world.clock.now();
  const early: string[] = [];
  const outOfOrder: string[] = [];
  const touched = new Set<string>();
  const versions = new Map<string, string>();
  let [kills, restarts, frozenStarts, overdueStarts] = [0, 0, 0, 0];
  try {
    await world.user.create(NAMESPACE, { metadata: { name: NS } });
    const latest = new Map(drawn.map((each) => [each.name, each.at + each.startBy]));
    const nameOf = (policy: string): string =>
      policy.replace('windvane-dispatch-', '').replace(/-job-[0-9a-f]{8}$/, '');
    const span = (share: number, length: number) => {
      const from = Math.floor(hours * share) * HOUR;
      return { from, until: from + Math.min(length, hours / 6) * HOUR };
    };
    const frozen = [span(0.2, HOURS_FROZEN), span(0.7, HOURS_FROZEN)];
    const outage = span(0.45, HOURS_OUT);
    const inside = ({ from, until }: { from: number; until: number }, at: number): boolean =>
      at >= from && at < until;

    /** Policies and copies of what was dispatched, as they were first seen. */
    async function look(): Promise<void> {
      const { items } = await world.user.list(PROPAGATION_POLICY, { namespace: NS });
      for (const policy of items) {
        const name = nameOf(policy.metadata.name);
        const copies = world.karmada.members.names.flatMap((cluster) => {
          const copy = world.karmada.members.get(cluster, 'Job', NS, name);
          return copy === undefined ? [] : [`${cluster} ${copy.metadata.uid}`];
        });
        const seen = JSON.stringify([policy.spec, policy.metadata.generation, copies]);
        const before = versions.get(name) ?? seen;
        if (before !== seen) touched.add(`${name}: ${before} became ${seen}`);
        versions.set(name, seen);
      }
    }

    async function show(hour: number): Promise<void> {
      const now = Object.fromEntries(grids.zones.map((zone) => [zone, grids.grams(zone, hour)]));
      await world.forecast(
        now,
        Object.fromEntries(grids.zones.map((zone) => [zone, grids.expected(zone, hour)])),
      );
    }

    /** Starts a controller again when the last one was killed. */
    async function revive(): Promise<void> {
      if (!world.recording.killed()) return;
      kills += 1;
      await world.restart();
    }

    const turns = new Set([
      ...drawn.map(({ at }) => at),
      ...drawn.map(({ at, startBy }) => Math.max(at, at + startBy - MINUTE)),
    ]);
    for (let at = 0; at <= hours * HOUR; at += 20 * MINUTE) turns.add(at);
    const waiting = [...drawn];
    let down = false;
    let cold: string | null = null;
    const away: Away[] = [];
    for (const turn of [...turns].sort((a, b) => a - b)) {
      world.clock.advanceTo(zero + turn);
      await world.settle();
      await revive();
      const before = created.length;
      const isOut = inside(outage, turn);
      if (isOut !== down) {
        down = isOut;
        if (isOut) await world.plane.stop();
        else {
          await world.restart();
          await world.settle();
          const after = created.slice(before).map(({ name }) => latest.get(nameOf(name)) ?? 0);
          const overdue = after.filter((each) => each < turn);
          overdueStarts += overdue.length;
          if (
            JSON.stringify(after.slice(0, overdue.length)) !==
            JSON.stringify(overdue.toSorted((a, b) => a - b))
          )
            outOfOrder.push(JSON.stringify(after));
        }
      }
      if (turn % HOUR === 0) {
        const shut = frozen.some((each) => inside(each, turn));
        if (shut) await persistently(() => freeze(world.user, 'a test'));
        else await persistently(() => unfreeze(world.user));
        if (next() < 0.15) {
          world.karmada.restartControllerManager();
          world.karmada.restartScheduler();
          restarts += 1;
        }
        if (cold !== null) world.karmada.setReady(cold, true);
        cold =
          next() < 0.3 ? (grids.zones[Math.floor(next() * grids.zones.length)] ?? '').toLowerCase() : null;
        if (cold !== null) {
          world.karmada.setReady(cold, false);
          away.push({ zone: cold, from: turn, until: turn + HOUR });
        }
        if (!down && next() < 0.25) {
          const boundary = 1 + Math.floor(next() * 8);
          let writes = 0;
          world.recording.killAt(() => {
            writes += 1;
            return writes === boundary;
          });
        }
        await show(turn / HOUR);
        await revive();
        await look();
      }
      while ((waiting[0]?.at ?? Number.POSITIVE_INFINITY) <= turn) {
        const { name, startBy, duration, home, tied } = waiting.shift()!;
        await persistently(() =>
          world.create(
            job(NS, name, {
              annotations: {
                'windvane.dev/start-by': `${startBy / SECOND}s`,
                'windvane.dev/duration': `${duration / SECOND}s`,
                ...(tied ? { 'windvane.dev/locations': home } : {}),
              },
            }),
          ),
        );
      }
      await world.settle();
      await revive();
      if (!down && frozen.some((each) => inside(each, turn))) {
        for (const { name, at } of created.slice(before)) {
          frozenStarts += 1;
          if ((latest.get(nameOf(name)) ?? 0) > at + 2 * MINUTE) early.push(nameOf(name));
        }
      }
    }
    await look();
    return {
      ...(await judge(world, zero, drawn, grids, [{ zone: null, ...outage }, ...away])),
      touched: [...touched],
      early,
      outOfOrder,
      frozenStarts,
      overdueStarts,
      kills,
      restarts,
    };
  } finally {
    await world.stop();
  }
}

async function judge(
  world: World,
  zero: number,
  drawn: readonly Drawn[],
  grids: Grids,
  away: readonly Away[],
): Promise<Pick<JobDays, 'jobs' | 'late' | 'astray' | 'grams'>> {
  const { items } = await world.user.list(CARBON_PLACEMENT, { namespace: NS });
  const placements = new Map(items.map((each) => [each.metadata.name, each]));
  const { items: policies } = await world.user.list(PROPAGATION_POLICY, { namespace: NS });
  const made = new Map(policies.map((each) => [each.metadata.ownerReferences?.[0]?.name, each]));
  const late: string[] = [];
  const astray: string[] = [];
  const sums = { home: 0, atOnce: 0, windvane: 0, optimum: 0 };
  let weights = 0;
  for (const each of drawn) {
    const { name, at, startBy, duration, home, tied } = each;
    const zones = tied ? [home] : grids.zones;
    const policy: KubeObject | undefined = made.get(name);
    const status: unknown = placements.get(`${name}-job`)?.status;
    const cluster = JSON.stringify(policy?.spec ?? {}).match(/"clusterNames":\["([^"]+)"\]/)?.[1];
    const there = world.karmada.members.names.filter((member) =>
      world.karmada.members.get(member, 'Job', NS, name),
    );
    if (
      policy === undefined ||
      there.length !== 1 ||
      there[0] !== cluster ||
      !JSON.stringify(status).includes('"Dispatched"')
    ) {
      astray.push(`${name}: in ${there.join(', ') || 'no member'}, policy for ${cluster ?? 'none'}`);
      continue;
    }
    const start = Date.parse(policy.metadata.creationTimestamp ?? '') - zero;
    // Nobody is there to start it, or the only cluster that it may run in is away.
    const excused = away.some(
      (gap) =>
        at + startBy >= gap.from - MINUTE &&
        at + startBy < gap.until &&
        (gap.zone === null || (tied && gap.zone === home.toLowerCase())),
    );
    if (start > at + startBy + 5 * SECOND && !excused)
      late.push(`${name}: ${(start - at - startBy) / SECOND} s`);
    const zone = grids.zones.find((candidate) => candidate.toLowerCase() === cluster) ?? '';
    weights += duration;
    sums.home += duration * meanGrams(grids, home, at, duration);
    sums.atOnce += duration * Math.min(...zones.map((any) => meanGrams(grids, any, at, duration)));
    sums.windvane += duration * meanGrams(grids, zone, start, duration);
    sums.optimum += duration * bestGrams(grids, each, zones);
  }
  const mean = (sum: number): number => Math.round((sum / weights) * 10) / 10;
  return {
    jobs: drawn.length,
    late,
    astray,
    grams: {
      home: mean(sums.home),
      atOnce: mean(sums.atOnce),
      windvane: mean(sums.windvane),
      optimum: mean(sums.optimum),
    },
  };
}
