import {
  combinedQuality,
  DAY,
  type DataQuality,
  HOUR,
  type Instant,
  type ZoneData,
} from '@windvane/carbon-map';
import type { ClusterOption, PlacementProblem, UnitHistory } from '../../engine/problem.ts';
import { ASSUMED_WATTS, type UnitOptions } from '../../optin/options.ts';
import type { StepRecord } from './annotations.ts';
import { type CandidateContext, clusterOption } from './candidates.ts';
import type { MemberCluster } from './member.ts';
import type { Unit } from './unit.ts';

/** How good the numbers are that a decision over these clusters rests on. */
export function dataOf(candidates: readonly MemberCluster[], context: CandidateContext): DataQuality {
  const states: ZoneData[] = [];
  for (const { place } of candidates) {
    const data = place.zone === null ? null : (context.map.zones[place.zone]?.data ?? null);
    if (data !== null) states.push(data);
  }
  return combinedQuality(states);
}

/** What the unit did lately: from the statuses of its workloads, the longest memory wins. */
function historyOf(unit: Unit, movingTo: UnitHistory['movingTo'], now: Instant): UnitHistory {
  let lastMoveAt: Instant | null = null;
  let movesLastDay = 0;
  for (const { remembered } of unit.members) {
    for (const move of remembered.moves) {
      if (move.finishedAt === null) continue;
      lastMoveAt = Math.max(lastMoveAt ?? 0, Date.parse(move.finishedAt));
    }
    const lately = remembered.moveStarts.filter((start) => Date.parse(start) > now - DAY);
    movesLastDay = Math.max(movesLastDay, lately.length);
  }
  return { lastMoveAt, movesLastDay, movingTo };
}

export interface ProblemInputs {
  readonly unit: Unit;
  readonly options: UnitOptions;
  readonly candidates: readonly MemberCluster[];
  /** A step that is done, whose move goes on; null when none is. */
  readonly continuing: StepRecord | null;
  readonly now: Instant;
  readonly context: CandidateContext;
}

/** The question for the engine. Every member of the unit is bound when this is called. */
export function problemOf(inputs: ProblemInputs): PlacementProblem {
  const { unit, options, candidates, continuing, now, context } = inputs;
  const { map } = context;
  const clusters: ClusterOption[] = candidates.map((member) => clusterOption(member, unit, options, context));
  const resolutions = candidates
    .map(({ place }) => (place.zone === null ? undefined : map.zones[place.zone]?.forecast?.resolution))
    .filter((resolution) => resolution !== undefined);
  return {
    unit: unit.label,
    at: now,
    objective: options.objective,
    mapVersion: map.version,
    pair: map.pair,
    data: dataOf(candidates, context),
    forecastResolution: resolutions.length === 0 ? HOUR : Math.min(...resolutions),
    clusters,
    workloads: unit.members.map(({ workload, binding }) => ({
      key: workload.key,
      replicas: binding?.replicas ?? workload.replicas,
      uid: binding?.resource.uid ?? '',
      current: binding?.assigned ?? {},
    })),
    limits: {
      minReplicas: options.minReplicas,
      // Pins let a step's replicas run double, so that the surge bounds the step as well.
      maxStep: options.maxSurge > 0 ? Math.min(options.maxStep, options.maxSurge) : options.maxStep,
      minGain: options.minGain,
      moveCost: options.moveCost,
      cooldown: options.cooldown,
      maxMovesPerDay: options.maxMovesPerDay,
    },
    history: historyOf(unit, continuing?.target ?? null, now),
    carbonPricePerKg: 0,
    wattsPerReplica: options.wattsPerReplica ?? ASSUMED_WATTS,
  };
}
