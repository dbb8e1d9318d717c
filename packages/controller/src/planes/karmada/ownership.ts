import type { FoundRecord } from '../shared/annotations.ts';
import type { StepRecord } from './annotations.ts';
import { standing } from './move/evidence.ts';
import { otherOwners, ownsWeights, type PolicyView, policyShape } from './policy.ts';

/**
 * Whether somebody took the weights back after Windvane wrote them under this opt-in: then it must not take them
 * again. A step whose weights are not yet written (the generation is still the planned one) is no such case.
 */
export function revertedBy(
  policy: PolicyView,
  found: FoundRecord | null,
  step: StepRecord | null,
  optInHash: string,
): string | null {
  if (found === null || found.optIn !== optInHash || ownsWeights(policy.object)) return null;
  if (step !== null && step.generation === policy.object.metadata.generation) return null;
  // Pins come first: until the weights are written, a change of another field takes nothing from us.
  const edited = step?.surge === true && policyShape(policy.object) !== step.shape;
  if (edited && standing(step, policy) === 'before') return null;
  const owners = otherOwners(policy.object);
  return owners.length === 0 ? 'somebody' : owners.join(', ');
}

export function revertedMessage(policy: PolicyView, by: string): string {
  return `${by} took back the weights of ${policy.label}; Windvane only observes it until a windvane.dev annotation changes. Leave weightPreference out of the manifest to let Windvane write it`;
}
