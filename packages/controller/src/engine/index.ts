/**
 * The engine: pure functions from what is known to what should be done. No clock, no file, no network; importing it
 * loads nothing else. `@windvane/controller/engine`.
 *
 * - {@link decide}: where the replicas of a unit should run, and its next step.
 * - {@link decideJob}: cluster and start of a run-once workload; with one cluster, its start.
 * - {@link fairShares}, {@link stepVerdicts}: many units that want the same cluster.
 * - {@link bestWindow}: the best start of a run on one {@link Timeline}.
 * - {@link allowanceAt}: whether delay-tolerant work may run now, by a target or by the cleanest share of a day.
 */

export type { Allowance, AllowanceRule } from './allowance.ts';
export { allowanceAt } from './allowance.ts';
export type { CostTerms } from './cost.ts';
export { decide } from './decide.ts';
export type { BindingConstraint, ClusterEvidence, Decision, HeldBy } from './decision.ts';
export type { FleetLoad, RoomClaim, StepClaim, StepVerdict } from './fleet.ts';
export { fairShares, stepVerdicts } from './fleet.ts';
export type { HourlyMeans } from './hourly-means.ts';
export { hourlyMeans } from './hourly-means.ts';
export type { JobEvidence } from './job-evidence.ts';
export type { JobDecision, JobProblem } from './jobs.ts';
export { decideJob } from './jobs.ts';
export type { ClusterOption, HourlyPrice, Objective, PlacementProblem } from './problem.ts';
export type { Timeline, TimelineStep, ZoneKnowledge } from './timeline.ts';
export { createTimeline, zoneTimeline } from './timeline.ts';
export type { RunWindow, WindowQuestion } from './windows.ts';
export { bestWindow } from './windows.ts';
