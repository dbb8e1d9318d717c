import { parseQuantity } from '../../runtime/quantity.ts';
import type { Behavior, ScalingRules } from '../types.ts';
import { DEFAULT_TOLERANCE, type Tolerances } from './replicas.ts';

/** Memory of one autoscaler: what it recommended, and what it changed. */
export interface HpaMemory {
  recommendations: { readonly at: number; readonly replicas: number }[];
  /** Positive for added replicas. */
  changes: { readonly at: number; readonly by: number }[];
}

const SECOND = 1000;
/** The longest look back that the API allows, in seconds. */
const LONGEST = 3600;

const SCALE_UP: Required<Omit<ScalingRules, 'tolerance'>> = {
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
  selectPolicy: 'Max',
  stabilizationWindowSeconds: 0,
};
const SCALE_DOWN: Required<Omit<ScalingRules, 'tolerance'>> = {
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  selectPolicy: 'Max',
  stabilizationWindowSeconds: 300,
};

export function tolerancesOf(behavior: Behavior | undefined): Tolerances {
  const read = (rules: ScalingRules | undefined): number =>
    parseQuantity(rules?.tolerance) ?? DEFAULT_TOLERANCE;
  return { scaleUp: read(behavior?.scaleUp), scaleDown: read(behavior?.scaleDown) };
}

/**
 * What an autoscaler may do of what it wants to: the stabilization windows, the policies and the bounds.
 * Notes the recommendation and the change in `memory`.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#configurable-scaling-behavior
 */
export function restrain(
  memory: HpaMemory,
  {
    current,
    desired,
    min,
    max,
    behavior,
    now,
  }: {
    readonly current: number;
    readonly desired: number;
    readonly min: number;
    readonly max: number;
    readonly behavior: Behavior | undefined;
    readonly now: number;
  },
): number {
  const up = { ...SCALE_UP, ...behavior?.scaleUp };
  const down = { ...SCALE_DOWN, ...behavior?.scaleDown };
  if (memory.recommendations.length === 0 && down.stabilizationWindowSeconds > 0) {
    memory.recommendations.push({ at: now, replicas: current });
  }
  const stable = stabilize(memory, current, desired, now, up, down);
  memory.recommendations = [...memory.recommendations, { at: now, replicas: desired }].filter(
    ({ at }) => at > now - LONGEST * SECOND,
  );
  const allowed =
    stable > current ? upTo(memory, current, stable, now, up) : downTo(memory, current, stable, now, down);
  const bounded = Math.min(max, Math.max(min, allowed));
  if (bounded !== current) {
    memory.changes = [...memory.changes, { at: now, by: bounded - current }].filter(
      ({ at }) => at > now - LONGEST * SECOND,
    );
  }
  return bounded;
}

/** The least of what was wanted lately when growing, the most of it when shrinking. */
function stabilize(
  { recommendations }: HpaMemory,
  current: number,
  desired: number,
  now: number,
  up: { readonly stabilizationWindowSeconds: number },
  down: { readonly stabilizationWindowSeconds: number },
): number {
  let least = desired;
  let most = desired;
  for (const { at, replicas } of recommendations) {
    if (at > now - up.stabilizationWindowSeconds * SECOND) least = Math.min(least, replicas);
    if (at > now - down.stabilizationWindowSeconds * SECOND) most = Math.max(most, replicas);
  }
  return Math.min(Math.max(current, least), most);
}

/** Replicas changed within a period, of one direction. */
function changed({ changes }: HpaMemory, now: number, periodSeconds: number, sign: 1 | -1): number {
  return changes
    .filter(({ at, by }) => at > now - periodSeconds * SECOND && by * sign > 0)
    .reduce((sum, { by }) => sum + by * sign, 0);
}

type Rules = Required<Omit<ScalingRules, 'tolerance'>>;

function upTo(memory: HpaMemory, current: number, wanted: number, now: number, rules: Rules): number {
  if (rules.selectPolicy === 'Disabled') return current;
  const limits = rules.policies.map(({ type, value, periodSeconds }) => {
    const start = current - changed(memory, now, periodSeconds, 1) + changed(memory, now, periodSeconds, -1);
    return type === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100));
  });
  const limit = rules.selectPolicy === 'Min' ? Math.min(...limits) : Math.max(...limits);
  return Math.min(wanted, Math.max(limit, current));
}

function downTo(memory: HpaMemory, current: number, wanted: number, now: number, rules: Rules): number {
  if (wanted === current || rules.selectPolicy === 'Disabled') return current;
  const limits = rules.policies.map(({ type, value, periodSeconds }) => {
    const start = current - changed(memory, now, periodSeconds, 1) + changed(memory, now, periodSeconds, -1);
    return type === 'Pods' ? start - value : Math.floor(start * (1 - value / 100));
  });
  const limit = rules.selectPolicy === 'Min' ? Math.max(...limits) : Math.min(...limits);
  return Math.max(wanted, Math.min(limit, current));
}
