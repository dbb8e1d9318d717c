import type { StepDivision } from '../shared/annotations.ts';
import { stepRecord } from './annotations.ts';
import type { PolicyView } from './policy.ts';

/** Divisions of the steps on policies, by unit and workload. */
export type StepsUnderWay = ReadonlyMap<string, Readonly<Record<string, StepDivision>>>;

export function stepsOn(policies: ReadonlyMap<string, PolicyView>): StepsUnderWay {
  const steps = new Map<string, Readonly<Record<string, StepDivision>>>();
  for (const [key, policy] of policies) {
    const step = stepRecord(policy.object);
    if (step !== null) steps.set(key, step.divisions);
  }
  return steps;
}
