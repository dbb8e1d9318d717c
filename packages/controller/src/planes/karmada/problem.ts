import { type Instant, MINUTE } from '@windvane/carbon-map';
import type { PlacementProblem } from '../../engine/problem.ts';
import { ASSUMED_WATTS, type UnitOptions } from '../../optin/options.ts';
import { historyOf } from '../shared/history.ts';
import { dataOf, forecastResolution } from '../shared/intensity.ts';
import { sharedOptions } from '../shared/option-class.ts';
import type { StepRecord } from './annotations.ts';
import { type CandidateContext, clusterOption } from './candidates.ts';
import type { MemberCluster } from './member.ts';
import type { Unit } from './unit.ts';

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
  const clusters = candidates.map((member) => clusterOption(member, unit, options, context));
  return {
    unit: unit.label,
    // Units that are planned within one minute share what is worked out for them all.
    at: Math.floor(now / MINUTE) * MINUTE,
    objective: options.objective,
    mapVersion: map.version,
    pair: map.pair,
    data: dataOf(candidates, context),
    forecastResolution: forecastResolution(candidates, context),
    clusters: sharedOptions(map, clusters),
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
    history: historyOf(
      unit.members.map((each) => each.remembered),
      continuing?.target ?? null,
      now,
    ),
    carbonPricePerKg: context.outlook.prices?.carbonPricePerKg ?? 0,
    wattsPerReplica: options.wattsPerReplica ?? ASSUMED_WATTS,
  };
}
