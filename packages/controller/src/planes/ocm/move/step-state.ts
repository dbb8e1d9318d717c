import { type StepEvidence, type StepState } from './evidence.ts';
import { inPlace } from './in-place.ts';
import { withSurge } from './surge.ts';

/** What a step needs next: from scores, number and decisions as they stand, in whatever order they came to be. */
export function stepState(evidence: StepEvidence): StepState {
  return evidence.step.surge ? withSurge(evidence) : inPlace(evidence);
}
