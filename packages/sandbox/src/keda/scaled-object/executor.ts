import type { ScaledObjectSpec } from '../types.ts';

/**
 * What the operator does after a poll, between 0 and 1: KEDA's `RequestScale`, as a pure function. From 1 up
 * the autoscaler decides.
 */
export interface Verdict {
  /** Replicas to set; undefined leaves them alone. */
  readonly replicas?: number;
  readonly ready: 'True' | 'False' | 'Unknown';
  /** The reason of a Ready condition that is not True. */
  readonly reason?: 'TriggerError' | 'PartialTriggerError';
  readonly active: boolean;
  /** The last active time moves to now. */
  readonly touched: boolean;
}

const SECOND = 1000;
const DEFAULT_COOLDOWN_SECONDS = 300;

export interface Situation {
  readonly spec: ScaledObjectSpec;
  readonly replicas: number;
  /** Any trigger is active; with a formula, its value is above the activation target. */
  readonly active: boolean;
  /** Any trigger failed. */
  readonly error: boolean;
  /** Milliseconds since the epoch; undefined when it never was active. */
  readonly lastActiveTime: number | undefined;
  readonly createdAt: number;
  readonly now: number;
}

export function requestScale(situation: Situation): Verdict {
  const { spec, replicas, active, error } = situation;
  const min = spec.minReplicaCount ?? 0;
  const idle = spec.idleReplicaCount;
  if (active) {
    const ready = error
      ? ({ ready: 'Unknown', reason: 'PartialTriggerError' } as const)
      : ({ ready: 'True' } as const);
    const asleep = replicas === 0 || (idle !== undefined && replicas < min);
    return { ...ready, active: true, touched: true, ...(asleep ? { replicas: Math.max(1, min) } : {}) };
  }
  if (error) return { ready: 'False', reason: 'TriggerError', active: false, touched: false };
  const still = { ready: 'True', active: false, touched: false } as const;
  const rest = idle ?? (min === 0 ? 0 : undefined);
  if (rest !== undefined && replicas > rest) {
    return isCool(situation) ? { ...still, replicas: rest } : { ...still, active: true };
  }
  if (rest === undefined && replicas < min) return { ...still, replicas: min };
  return still;
}

/** Whether the cooldown is over; before the first activity it counts from creation, with another length. */
function isCool({ spec, lastActiveTime, createdAt, now }: Situation): boolean {
  if (lastActiveTime === undefined) return now >= createdAt + (spec.initialCooldownPeriod ?? 0) * SECOND;
  return now > lastActiveTime + (spec.cooldownPeriod ?? DEFAULT_COOLDOWN_SECONDS) * SECOND;
}
