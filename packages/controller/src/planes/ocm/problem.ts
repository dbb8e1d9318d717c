import type { Instant } from '@windvane/carbon-map';
import type { ClusterOption, PlacementProblem } from '../../engine/problem.ts';
import { ASSUMED_WATTS, type UnitOptions } from '../../optin/options.ts';
import { historyOf } from '../shared/history.ts';
import { dataOf, forecastResolution, type MapContext } from '../shared/intensity.ts';
import type { ManagedCluster } from './fleet.ts';
import type { StepRecord } from './move/step-record.ts';
import type { PlacementView, Unit } from './unit.ts';

export interface ProblemInputs {
  readonly unit: Unit & { readonly placement: PlacementView };
  readonly options: UnitOptions;
  readonly clusters: readonly ManagedCluster[];
  readonly candidates: readonly ClusterOption[];
  /** `numberOfClusters`. */
  readonly count: number;
  /** A step that is done, whose move goes on; null when none is. */
  readonly continuing: StepRecord | null;
  readonly now: Instant;
  readonly context: MapContext;
}

/**
 * The question for the engine: a Placement for k clusters is a workload of k replicas of which no cluster holds more
 * than one. A cluster may be left whole, and as many change at once as may run double.
 */
export function problemOf(inputs: ProblemInputs): PlacementProblem {
  const { unit, options, clusters, candidates, count, continuing, now, context } = inputs;
  const { map } = context;
  return {
    unit: unit.label,
    at: now,
    objective: options.objective,
    mapVersion: map.version,
    pair: map.pair,
    data: dataOf(clusters, context),
    forecastResolution: forecastResolution(clusters, context),
    clusters: candidates,
    workloads: [
      {
        key: unit.placement.key,
        replicas: count,
        uid: '',
        current: Object.fromEntries(unit.decided.map((name) => [name, 1])),
      },
    ],
    limits: {
      minReplicas: 0,
      maxStep: Math.min(1, Math.max(1, options.surgeClusters) / count),
      minGain: options.minGain,
      moveCost: options.moveCost,
      cooldown: options.cooldown,
      maxMovesPerDay: options.maxMovesPerDay,
    },
    history: historyOf(
      unit.members.map(({ remembered }) => remembered),
      continuing?.target ?? null,
      now,
    ),
    carbonPricePerKg: context.outlook.prices?.carbonPricePerKg ?? 0,
    wattsPerReplica: options.wattsPerReplica ?? ASSUMED_WATTS,
  };
}
