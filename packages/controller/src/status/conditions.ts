import type { BlockedReason, Condition, JobPhase, MisconfiguredReason } from './carbon-placement.ts';

/** A condition that is True, with its remedy in words. */
export interface Finding<R extends string> {
  readonly reason: R;
  readonly message: string;
}

export interface ConditionFacts {
  readonly misconfigured: Finding<MisconfiguredReason> | null;
  readonly blocked: Finding<BlockedReason> | null;
  /** What is being waited for before the first decision; null once there is one. */
  readonly pending: string | null;
  /** What the step under way waits for; null at rest. */
  readonly moving: string | null;
  /** What stands and why, for the Ready condition. */
  readonly text: string;
  /** Of a Job that is dispatched; absent for everything else. */
  readonly phase?: JobPhase;
}

/** Longest message that metav1.Condition allows. */
const MESSAGE_LENGTH = 32_768;

function truth(facts: ConditionFacts): Omit<Condition, 'lastTransitionTime' | 'observedGeneration'>[] {
  const { misconfigured, blocked, pending, moving, text, phase } = facts;
  const obstacle = misconfigured ?? blocked;
  const ready = obstacle === null && pending === null && phase !== 'Waiting';
  return [
    {
      type: 'Ready',
      status: ready ? 'True' : 'False',
      reason: obstacle?.reason ?? (pending === null ? (phase ?? 'Placed') : 'Pending'),
      message: obstacle?.message ?? pending ?? text,
    },
    {
      type: 'Progressing',
      status: moving === null ? 'False' : 'True',
      reason: moving === null ? 'AtRest' : 'StepUnderWay',
      message: moving ?? 'No step is under way',
    },
    {
      type: 'Misconfigured',
      status: misconfigured === null ? 'False' : 'True',
      reason: misconfigured?.reason ?? 'Understood',
      message: misconfigured?.message ?? 'Every annotation is understood',
    },
    {
      type: 'Blocked',
      status: blocked === null ? 'False' : 'True',
      reason: blocked?.reason ?? 'Clear',
      message: blocked?.message ?? 'Nothing stands in the way',
    },
  ];
}

/** The four conditions. A condition keeps its transition time while its status stays what it was. */
export function conditionsOf(
  facts: ConditionFacts,
  before: readonly Condition[],
  now: string,
  observedGeneration: number,
): Condition[] {
  return truth(facts).map((condition) => {
    const earlier = before.find((each) => each.type === condition.type);
    const kept = earlier !== undefined && earlier.status === condition.status;
    return {
      ...condition,
      message: condition.message.slice(0, MESSAGE_LENGTH),
      lastTransitionTime: kept ? earlier.lastTransitionTime : now,
      observedGeneration,
    };
  });
}
