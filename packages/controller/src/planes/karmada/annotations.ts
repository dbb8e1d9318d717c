import { z } from 'zod';
import type { KubeObject } from '../../kube/resource.ts';
import { PREFIX } from '../../optin/keys.ts';
import type { FoundValue } from '../../status/carbon-placement.ts';

/** On the policy: the weights as they were found, and what was done to take them over. */
export const FOUND: string = `${PREFIX}found`;
/** On the policy: the step under way. */
export const STEP: string = `${PREFIX}step`;

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
}

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
});

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
