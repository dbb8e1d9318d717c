import { HOUR, type Instant, MINUTE } from '@windvane/carbon-map';
import type { Decision } from '../../engine/decision.ts';
import { type StepClaim, stepVerdicts } from '../../engine/fleet.ts';
import type { MoveRecord } from '../../status/carbon-placement.ts';
import type { StepDivision } from './annotations.ts';
import { type Gains, gainsOf } from './gains.ts';

/** Limits over all units of a hub. */
export interface FleetLimits {
  /** Replicas moved per hour: the larger of this count and the share (0..1) of those managed. */
  readonly replicasPerHour: number;
  readonly shareOfReplicasPerHour: number;
  /** Steps that may feed one cluster at a time. */
  readonly stepsPerReceivingCluster: number;
}

export const defaultFleetLimits: FleetLimits = {
  replicasPerHour: 10,
  shareOfReplicasPerHour: 0.25,
  stepsPerReceivingCluster: 5,
};

/** The part of a decision that is counted. */
export type Divided = Pick<Decision, 'divisions'>;

/** What the limits are judged by. */
export interface FleetState {
  /** Replicas of all units. */
  readonly managedReplicas: number;
  /** Divisions of the steps under way, by unit and workload. */
  readonly steps: ReadonlyMap<string, Readonly<Record<string, StepDivision>>>;
}

/** Watches that not everything moves at once. */
export interface FleetGuard {
  /**
   * Why the step must wait, for people; null when it need not. A unit that waits keeps its place in the queue while it
   * is asked for again within six minutes.
   */
  check(unit: string, decision: Divided, fleet: FleetState, now: Instant): string | null;
  /** Counts a step that is about to be written, before others are judged. A further attempt takes its place. */
  reserve(unit: string, decision: Divided, now: Instant): void;
  /** The step is written. */
  written(unit: string): void;
  /** The step was refused: it counts no longer. */
  release(unit: string): void;
  /** Steps about to be written, by unit: their room is taken. */
  planned(): ReadonlyMap<string, Gains>;
  /** Takes up what was moved before this process began. */
  resume(moves: Iterable<Moved>): void;
}

export interface Moved {
  readonly at: Instant;
  readonly replicas: number;
}

/** Units that wait are looked at every five minutes. */
const PLACE_LASTS = 6 * MINUTE;

function movedBy(decision: Divided): number {
  return decision.divisions.reduce(
    (sum, { current, next }) =>
      sum +
      Object.entries(next).reduce(
        (gained, [name, count]) => gained + Math.max(0, count - (current[name] ?? 0)),
        0,
      ),
    0,
  );
}

/** What a stored status says was moved in the last hour: the whole of each move counts from its end. */
export function movedLately(moves: readonly MoveRecord[], now: Instant): Moved[] {
  return moves
    .map(({ from, to, finishedAt }) => ({
      at: finishedAt === null ? now : Date.parse(finishedAt),
      replicas: Object.entries(to).reduce(
        (sum, [name, count]) => sum + Math.max(0, count - (from[name] ?? 0)),
        0,
      ),
    }))
    .filter(({ at, replicas }) => at > now - HOUR && replicas > 0);
}

function divisionsOf(decision: Divided): StepDivision[] {
  return decision.divisions.map(({ current, next }) => ({ from: current, to: next }));
}

function receiversOf(divisions: Iterable<StepDivision>): Set<string> {
  const receivers = new Set<string>();
  for (const { from, to } of divisions) {
    for (const [cluster, count] of Object.entries(to))
      if (count > (from[cluster] ?? 0)) receivers.add(cluster);
  }
  return receivers;
}

export function createFleetGuard(limits: FleetLimits): FleetGuard {
  const moved: Moved[] = [];
  const waiting = new Map<string, { readonly askedAt: Instant; readonly claim: StepClaim }>();
  const reserved = new Map<
    string,
    Moved & { readonly receivers: ReadonlySet<string>; readonly gains: Gains }
  >();

  /**
   * How many steps feed each cluster, without that of `unit`. Whoever waits for its next step has done the last one,
   * though that still stands on its policy: counted, it would keep out those whose turn it waits for.
   */
  function feeding(unit: string, fleet: FleetState): Map<string, number> {
    const fed = new Map<string, number>();
    for (const key of new Set([...fleet.steps.keys(), ...reserved.keys()])) {
      if (key === unit || waiting.has(key)) continue;
      const step = fleet.steps.get(key);
      const planned = reserved.get(key)?.receivers ?? new Set<string>();
      const receivers = step === undefined ? planned : receiversOf(Object.values(step));
      for (const cluster of receivers) fed.set(cluster, (fed.get(cluster) ?? 0) + 1);
    }
    return fed;
  }

  /** Queues a unit, or keeps its place; those that did not ask again are gone. */
  function line(unit: string, replicas: number, receivers: readonly string[], now: Instant): void {
    const since = waiting.get(unit)?.claim.since ?? now;
    waiting.set(unit, { askedAt: now, claim: { unit, replicas, receivers, since } });
    for (const [key, { askedAt }] of waiting) if (askedAt < now - PLACE_LASTS) waiting.delete(key);
  }

  return {
    check(unit, decision, fleet, now) {
      while (moved[0] !== undefined && moved[0].at <= now - HOUR) moved.shift();
      const share = Math.floor(limits.shareOfReplicasPerHour * fleet.managedReplicas);
      const replicasPerHour = Math.max(limits.replicasPerHour, share);
      const planned = [...reserved].filter(([key]) => key !== unit).map(([, each]) => each);
      const movedLastHour = [...moved, ...planned].reduce((sum, { replicas }) => sum + replicas, 0);
      const replicas = movedBy(decision);
      const receivers = [...receiversOf(divisionsOf(decision))];
      line(unit, replicas, receivers, now);
      const { stepsPerReceivingCluster } = limits;
      const load = {
        movedLastHour,
        replicasPerHour,
        feeding: feeding(unit, fleet),
        stepsPerReceivingCluster,
      };
      const verdict = stepVerdicts(
        [...waiting.values()].map(({ claim }) => claim),
        load,
      ).get(unit);
      if (verdict === undefined || verdict === null) {
        waiting.delete(unit);
        return null;
      }
      if (verdict.limit === 'steps-per-cluster') {
        const steps = load.feeding.get(verdict.cluster) ?? 0;
        return steps < stepsPerReceivingCluster
          ? `It waits: units that waited longer feed ${verdict.cluster} first.`
          : `It waits: ${steps} steps feed ${verdict.cluster} already.`;
      }
      return movedLastHour > 0 && movedLastHour + replicas > replicasPerHour
        ? // Without what varies from minute to minute: every wait would be written down anew.
          `It waits: the fleet allows ${replicasPerHour} replicas an hour, and others move now.`
        : `It waits: of ${replicasPerHour} replicas that the fleet allows an hour, units that waited longer take theirs first.`;
    },
    reserve(unit, decision, now) {
      const receivers = receiversOf(divisionsOf(decision));
      const divisions = decision.divisions.map(
        ({ key, current, next }) => [key, { from: current, to: next }] as const,
      );
      const gains = gainsOf(Object.fromEntries(divisions));
      reserved.set(unit, { at: now, replicas: movedBy(decision), receivers, gains });
    },
    written(unit) {
      const step = reserved.get(unit);
      if (step !== undefined) moved.push({ at: step.at, replicas: step.replicas });
      reserved.delete(unit);
    },
    release: (unit) => void reserved.delete(unit),
    planned: () => new Map([...reserved].map(([unit, { gains }]) => [unit, gains])),
    resume(moves) {
      moved.push(...moves);
      moved.sort((a, b) => a.at - b.at);
    },
  };
}
