import type { StepDivision } from '../shared/annotations.ts';
import { type Gains, gainsOf } from '../shared/gains.ts';
import { stepRecord } from './annotations.ts';
import type { FleetIndex } from './fleet-index.ts';

/** Divisions of the steps on the policies, by unit and workload. */
export function stepsOf(
  index: Pick<FleetIndex, 'policies'>,
): Map<string, Readonly<Record<string, StepDivision>>> {
  const steps = new Map<string, Readonly<Record<string, StepDivision>>>();
  for (const [key, policy] of index.policies) {
    const step = stepRecord(policy.object);
    if (step !== null) steps.set(key, step.divisions);
  }
  return steps;
}

/** Replicas that the steps on the policies bring to each cluster, by unit. */
export function stepsUnderWay(index: Pick<FleetIndex, 'policies'>): Map<string, Gains> {
  return new Map([...stepsOf(index)].map(([key, divisions]) => [key, gainsOf(divisions)]));
}
