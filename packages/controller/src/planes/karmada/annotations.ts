import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { KubeObject } from '../../kube/resource.ts';
import { recordReader, STEP, type StepDivision } from '../shared/annotations.ts';

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

const counts = z.record(z.string(), z.number());

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

/** Null also for a step that somebody damaged: it is then taken for ended. */
export const stepRecord: (policy: KubeObject) => StepRecord | null = recordReader(STEP, stepSchema);

/** Identifies one step of one move: pins carry it. */
export function stepId(step: StepRecord): string {
  return createHash('sha256')
    .update(JSON.stringify([step.move, step.number, step.startedAt]))
    .digest('hex')
    .slice(0, 8);
}
