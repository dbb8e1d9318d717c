import { DAY, type Millis } from '@windvane/carbon-map';
import type { Objective } from '../engine/problem.ts';
import { decimal, duration, list, oneOf, percent, type ValueSchema, whole } from './values.ts';

/** Before every key of ours. */
export const PREFIX = 'windvane.dev/';

/** The ways in which a workload can follow the wind; a key may have no effect on some. */
export type Lever = 'karmada-weights' | 'keda-caps' | 'ocm' | 'job-dispatch';

/** What the `windvane.dev/...` annotations of one object say. Absent keys were not written there. */
export interface OptInValues {
  placement?: 'follow-the-wind' | 'observe' | 'off';
  'latency-class'?: 'flexible' | 'realtime';
  locations?: readonly string[];
  objective?: Objective;
  /** Part of 1. */
  'max-share'?: number;
  'min-replicas'?: number;
  /** Part of 1. */
  'max-step'?: number;
  /** Part of 1. */
  'max-surge'?: number;
  /** Part of 1. */
  'min-gain'?: number;
  'move-cost'?: Millis;
  cooldown?: Millis;
  'max-moves-per-day'?: number;
  'surge-clusters'?: number;
  'start-by'?: Millis;
  duration?: Millis;
  'on-stale-data'?: 'keep' | 'baseline' | 'restore';
  adopt?: 'allowed' | 'never';
  'watts-per-replica'?: number;
}

export type OptInKey = keyof OptInValues;

interface KeyRule<T> {
  readonly schema: ValueSchema<T>;
  readonly levers: readonly Lever[];
}

const replicas: readonly Lever[] = ['karmada-weights', 'keda-caps'];
const moves: readonly Lever[] = [...replicas, 'ocm'];
const all: readonly Lever[] = [...moves, 'job-dispatch'];

/** Every key with its values and where it has an effect: the table of the user's guide, and nothing else is a key. */
export const optInKeys: { readonly [K in OptInKey]: KeyRule<NonNullable<OptInValues[K]>> } = {
  placement: { schema: oneOf('follow-the-wind', 'observe', 'off'), levers: all },
  'latency-class': { schema: oneOf('flexible', 'realtime'), levers: all },
  locations: { schema: list, levers: all },
  objective: { schema: oneOf('carbon', 'cost', 'blended'), levers: all },
  'max-share': { schema: percent({ min: 1, max: 100 }), levers: replicas },
  'min-replicas': { schema: whole({ min: 0, max: 10_000 }), levers: replicas },
  'max-step': { schema: percent({ min: 1, max: 100 }), levers: replicas },
  'max-surge': { schema: percent({ min: 0, max: 100 }), levers: replicas },
  'min-gain': { schema: percent({ min: 0, max: 100 }), levers: moves },
  'move-cost': { schema: duration(7 * DAY), levers: moves },
  cooldown: { schema: duration(30 * DAY), levers: moves },
  'max-moves-per-day': { schema: whole({ min: 0, max: 96 }), levers: moves },
  'surge-clusters': { schema: whole({ min: 0, max: 10 }), levers: ['ocm'] },
  'start-by': { schema: duration(30 * DAY), levers: ['job-dispatch'] },
  duration: { schema: duration(30 * DAY), levers: ['job-dispatch'] },
  'on-stale-data': { schema: oneOf('keep', 'baseline', 'restore'), levers: all },
  adopt: { schema: oneOf('allowed', 'never'), levers: moves },
  'watts-per-replica': { schema: decimal({ min: 0.1, max: 100_000 }), levers: all },
};

/** Annotations that Windvane itself writes on policies; they are not part of an opt-in. */
const ownKeys: ReadonlySet<string> = new Set(['found', 'step', 'shunned', 'surge-ends']);

/** The annotations with our prefix that a user wrote, without the prefix. */
export function userAnnotations(
  annotations: Readonly<Record<string, string>> | undefined,
): Readonly<Record<string, string>> {
  const written: Record<string, string> = {};
  for (const [key, value] of Object.entries(annotations ?? {})) {
    const short = key.slice(PREFIX.length);
    if (key.startsWith(PREFIX) && !ownKeys.has(short)) written[short] = value;
  }
  return written;
}
