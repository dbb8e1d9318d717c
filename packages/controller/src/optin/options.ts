import { HOUR, MINUTE, type Millis } from '@windvane/carbon-map';
import type { Objective } from '../engine/problem.ts';

/** How one unit shall be placed, after merging and defaults. Percentages are parts of 1. */
export interface UnitOptions {
  readonly placement: 'follow-the-wind' | 'observe' | 'off';
  /** Null while nobody said whether the unit may be moved away from its users. */
  readonly latencyClass: 'flexible' | 'realtime' | null;
  /** A cluster must be inside one location of every list. No list allows all. */
  readonly locations: readonly (readonly string[])[];
  readonly objective: Objective;
  readonly maxShare: number;
  readonly minReplicas: number;
  readonly maxStep: number;
  readonly maxSurge: number;
  readonly minGain: number;
  readonly moveCost: Millis;
  readonly cooldown: Millis;
  readonly maxMovesPerDay: number;
  /** Of Jobs: latest start after creation. */
  readonly startBy: Millis;
  /** Of Jobs: expected run time. */
  readonly duration: Millis;
  /** Clusters that may run double during a move of a Placement; 0 accepts a gap. */
  readonly surgeClusters: number;
  readonly onStaleData: 'keep' | 'baseline' | 'restore';
  readonly adopt: 'allowed' | 'never';
  /** Mean over the unit's workloads that say it; null is shown as assumed. */
  readonly wattsPerReplica: number | null;
}

/** Watts of one replica when nobody said. */
export const ASSUMED_WATTS = 100;

export const defaultOptions: UnitOptions = {
  placement: 'observe',
  latencyClass: null,
  locations: [],
  objective: 'carbon',
  maxShare: 1,
  minReplicas: 1,
  maxStep: 0.25,
  maxSurge: 0.25,
  minGain: 0.05,
  moveCost: 10 * MINUTE,
  cooldown: HOUR,
  maxMovesPerDay: 3,
  startBy: 0,
  duration: HOUR,
  surgeClusters: 1,
  onStaleData: 'keep',
  adopt: 'allowed',
  wattsPerReplica: null,
};
