import type { StepRecord } from '../annotations.ts';
import type { BindingView } from '../binding.ts';
import { listsWeights, type PolicyView } from '../policy.ts';
import { readPolicySpec } from '../read/policy-spec.ts';
import type { Unit } from '../unit.ts';

/** How far a step has come. */
export type StepProgress =
  /** The intent is stored, the weights are not written. */
  | { readonly kind: 'unwritten' }
  | { readonly kind: 'waiting'; readonly message: string }
  | { readonly kind: 'done' }
  /** Something else changed in the middle of it; it is over. */
  | { readonly kind: 'ended'; readonly message: string };

const sumOf = (division: Readonly<Record<string, number>>): number =>
  Object.values(division).reduce((sum, replicas) => sum + replicas, 0);

/** Karmada has copied the policy's present placement into the binding and divided by it. */
function isScheduled(binding: BindingView, policy: PolicyView): boolean {
  const copied = readPolicySpec({ placement: binding.placement })?.placement;
  const list = copied?.replicaScheduling?.weightPreference?.staticWeightList ?? [];
  return binding.settled && JSON.stringify(list) === JSON.stringify(policy.weights ?? []);
}

/**
 * Judges a step from what Karmada reports: first that every binding was divided by the new weights, then that the
 * clusters which gained have all their replicas available.
 */
export function stepProgress(step: StepRecord, policy: PolicyView, unit: Unit): StepProgress {
  if (!listsWeights(policy, step.weights)) {
    if (policy.object.metadata.generation === step.generation) return { kind: 'unwritten' };
    return { kind: 'ended', message: `the weights of ${policy.label} were changed in the middle of a step` };
  }
  for (const { workload, binding } of unit.members) {
    const division = step.divisions[workload.key];
    if (binding === null || division === undefined) {
      return { kind: 'ended', message: `${workload.label} joined or left in the middle of a step` };
    }
    if (binding.replicas !== sumOf(division.to)) {
      return {
        kind: 'ended',
        message: `${workload.label} was scaled to ${binding.replicas} in the middle of a step`,
      };
    }
    if (!isScheduled(binding, policy)) {
      return { kind: 'waiting', message: `Karmada has not yet divided ${workload.label} by the new weights` };
    }
    const short = Object.entries(division.to).find(
      ([cluster, replicas]) =>
        replicas > (division.from[cluster] ?? 0) && (binding.available[cluster] ?? 0) < replicas,
    );
    if (short !== undefined) {
      const [cluster, replicas] = short;
      const available = binding.available[cluster] ?? 0;
      return {
        kind: 'waiting',
        message: `${available} of ${replicas} replicas of ${workload.label} are available in ${cluster}`,
      };
    }
  }
  return { kind: 'done' };
}
