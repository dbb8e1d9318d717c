import type { Instant } from '@windvane/carbon-map';
import type { Decision } from '../../../engine/decision.ts';
import type { StepDivision } from '../../shared/annotations.ts';
import type { StepRecord } from '../annotations.ts';
import type { MemberCluster } from '../member.ts';
import { canonicalWeights, foundIn, type PolicyView, policyShape } from '../policy.ts';
import type { Unit } from '../unit.ts';
import { availableWithin, sumOf } from './evidence.ts';
import { touchedClusters } from './pins.ts';

interface StepInputs {
  readonly unit: Unit;
  readonly policy: PolicyView;
  readonly candidates: readonly MemberCluster[];
  readonly decision: Decision;
  /** The step before it in the same move; null for the first. */
  readonly before: StepRecord | null;
  readonly number: number;
  readonly maxSurge: number;
  readonly now: Instant;
}

const held = (division: Readonly<Record<string, number>>, cluster: string): number => division[cluster] ?? 0;

/** In the weights between, who holds replicas already comes before who is entered, and nobody gets two before all have one. */
const HELD = 3;
const ENTERED = 2;

/**
 * A cluster that is left loses its Work, pin or not, the moment its weight is gone; one that is entered has none
 * before it has a weight. Where clusters are entered there are weights between: pins hold the replicas, so that only
 * who is named matters, and should people scale down meanwhile, who comes first. Without any, where none is left and a
 * workload has too few replicas for all of them.
 */
export function bridgeOf(divisions: readonly StepDivision[]): Record<string, number> | null {
  const some = (test: (division: StepDivision, cluster: string) => boolean): boolean =>
    divisions.some((division) => touched.some((cluster) => test(division, cluster)));
  const touched = touchedClusters(divisions);
  const left = some(({ from, to }, cluster) => held(from, cluster) > 0 && held(to, cluster) === 0);
  const entered = some(({ from, to }, cluster) => held(from, cluster) === 0 && held(to, cluster) > 0);
  if (!entered) return null;
  if (!left && divisions.some(({ to }) => sumOf(to) < touched.length)) return null;
  const holds = (cluster: string): boolean => divisions.some(({ from }) => held(from, cluster) > 0);
  return Object.fromEntries(touched.map((cluster) => [cluster, holds(cluster) ? HELD : ENTERED]));
}

/** Replicas per cluster before and after, by workload. */
export function divisionsOf(decision: Pick<Decision, 'divisions'>): StepRecord['divisions'] {
  return Object.fromEntries(
    decision.divisions.map(({ key, current, next }) => [key, { from: current, to: next }]),
  );
}

/** Plans a step: everything that whoever finishes it, or takes it back, has to know. */
export function makeStep(inputs: StepInputs): StepRecord {
  const { unit, policy, candidates, decision, before, number, maxSurge } = inputs;
  const now = new Date(inputs.now).toISOString();
  const divisions = divisionsOf(decision);
  const all = Object.values(divisions);
  const stands = all.some(({ from }) => Object.values(from).some((count) => count > 0));
  const surge = maxSurge > 0 && stands;
  const found = foundIn(policy.object);
  const even = Object.fromEntries(candidates.map(({ name }) => [name, 1]));
  return {
    move: before?.move ?? decision.id,
    moveStartedAt: before?.moveStartedAt ?? now,
    startedAt: now,
    number,
    generation: policy.object.metadata.generation ?? 0,
    target: decision.target,
    weights: decision.weights,
    divisions,
    surge,
    bridge: surge ? bridgeOf(all) : null,
    before: found.present ? found.value : canonicalWeights(even),
    absent: !found.present,
    shape: policyShape(policy.object),
    templates: Object.fromEntries(
      unit.members.map(({ workload }) => [workload.key, workload.object.metadata.generation ?? 0]),
    ),
    available: Object.fromEntries(
      unit.members.map(({ workload, binding }) => [
        workload.key,
        binding === null ? 0 : availableWithin(binding),
      ]),
    ),
    back: null,
  };
}
