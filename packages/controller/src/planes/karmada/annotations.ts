import { createHash } from 'node:crypto';
import type { Instant } from '@windvane/carbon-map';
import { z } from 'zod';
import type { KubeObject } from '../../kube/resource.ts';
import { PREFIX } from '../../optin/keys.ts';
import type { FoundValue } from '../../status/carbon-placement.ts';

/** On the policy: the weights as they were found, and what was done to take them over. */
export const FOUND: string = `${PREFIX}found`;
/** On the policy: the step under way. */
export const STEP: string = `${PREFIX}step`;
/** On the policy: clusters whose replicas did not become available, and until when each is left alone. */
export const SHUNNED: string = `${PREFIX}shunned`;

export interface FoundRecord extends FoundValue {
  /** Hash of the opt-in under which Windvane last wrote. */
  readonly optIn: string;
  /** One forced apply was made (or begun) under that opt-in; there will be no second. */
  readonly forced: boolean;
}

/** A step: the intent is stored before the first write, so that a restart can tell what was under way. */
export interface StepRecord {
  /** Decision that the move began with. */
  readonly move: string;
  readonly moveStartedAt: string;
  readonly startedAt: string;
  /** Counted within the move, from 1. */
  readonly number: number;
  /** `metadata.generation` of the policy before the weights are written: equal afterwards means not yet written. */
  readonly generation: number;
  /** Shares that the move aims at. */
  readonly target: Readonly<Record<string, number>>;
  readonly weights: Readonly<Record<string, number>>;
  /** Replicas per cluster before and after, by workload. */
  readonly divisions: Readonly<Record<string, StepDivision>>;
  /** Pins hold what stands until the gainers are available; without, replicas move in place. */
  readonly surge: boolean;
  /** Weights between, under which every cluster that holds some before or after keeps its Work; null when needless. */
  readonly bridge: Readonly<Record<string, number>> | null;
  /** The list to go back to, word for word. */
  readonly before: unknown;
  /** No list stood there: `before` is the even split that this means. */
  readonly absent: boolean;
  /** Identifies the policy's spec without its weights: a change of it ends the step. */
  readonly shape: string;
  /** `metadata.generation` of every template: a change ends the step. */
  readonly templates: Readonly<Record<string, number>>;
  /** Available replicas of every workload that the step must not go below. */
  readonly available: Readonly<Record<string, number>>;
  /** The step is being taken back. */
  readonly back: StepBack | null;
}

interface StepBack {
  readonly result: 'ended' | 'rolled-back';
  /** For people. */
  readonly message: string;
  readonly at: string;
}

/** Clusters that are left alone, each until this instant (RFC 3339). */
export type Shunned = Readonly<Record<string, string>>;

export interface StepDivision {
  readonly from: Readonly<Record<string, number>>;
  readonly to: Readonly<Record<string, number>>;
}

const counts = z.record(z.string(), z.number());

const foundSchema: z.ZodType<FoundRecord> = z
  .object({
    present: z.boolean(),
    value: z.unknown().optional(),
    optIn: z.string(),
    forced: z.boolean(),
  })
  .transform((found) => ({ ...found, value: found.value ?? null }));

const stepSchema: z.ZodType<StepRecord> = z.object({
  move: z.string(),
  moveStartedAt: z.string(),
  startedAt: z.string(),
  number: z.number().int().min(1),
  generation: z.number(),
  target: counts,
  weights: counts,
  divisions: z.record(z.string(), z.object({ from: counts, to: counts })),
  surge: z.boolean(),
  bridge: counts.nullable(),
  before: z.unknown(),
  absent: z.boolean(),
  shape: z.string(),
  templates: counts,
  available: counts,
  back: z
    .object({ result: z.enum(['ended', 'rolled-back']), message: z.string(), at: z.string() })
    .nullable(),
});

const shunnedSchema: z.ZodType<Shunned> = z.record(z.string(), z.string());

function read<T>(object: KubeObject, key: string, schema: z.ZodType<T>): T | null {
  const text = object.metadata.annotations?.[key];
  if (text === undefined) return null;
  try {
    return schema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}

export function foundRecord(policy: KubeObject): FoundRecord | null {
  return read(policy, FOUND, foundSchema);
}

/** Null also for a step that somebody damaged: it is then taken for ended. */
export function stepRecord(policy: KubeObject): StepRecord | null {
  return read(policy, STEP, stepSchema);
}

/** Clusters that are still left alone. */
export function shunnedClusters(policy: KubeObject, now: Instant): Shunned {
  const all = read(policy, SHUNNED, shunnedSchema) ?? {};
  return Object.fromEntries(Object.entries(all).filter(([, until]) => Date.parse(until) > now));
}

/** Identifies one step of one move: pins carry it. */
export function stepId(step: StepRecord): string {
  return createHash('sha256')
    .update(JSON.stringify([step.move, step.number, step.startedAt]))
    .digest('hex')
    .slice(0, 8);
}
