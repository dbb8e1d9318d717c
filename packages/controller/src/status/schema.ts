import { z } from 'zod';
import type {
  Accounting,
  CarbonPlacementStatus,
  DispatchRecord,
  EffectiveMode,
  MoveRecord,
} from './carbon-placement.ts';

const counts = z.record(z.string(), z.number());
const move = z.object({
  decision: z.string(),
  startedAt: z.string(),
  finishedAt: z.string().nullable(),
  result: z.enum(['completed', 'rolled-back', 'ended']).nullable(),
  from: counts,
  to: counts,
});
const accounting = z.object({
  at: z.string(),
  actualGrams: z.number(),
  foundGrams: z.number(),
  actualGramsPerHour: z.number(),
  foundGramsPerHour: z.number(),
});
const hold = z.object({
  reason: z.enum(['Restored', 'RevertedByOther']),
  annotationsHash: z.string(),
  at: z.string(),
});
const decision = z.object({
  id: z.string(),
  at: z.string(),
  target: counts,
  gain: z.number(),
  moveCost: z.string(),
  confidence: z.number(),
  runnerUp: z.string().nullable(),
  text: z.string(),
});
const condition = z.object({
  type: z.enum(['Ready', 'Progressing', 'Misconfigured', 'Blocked']),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z.string(),
  message: z.string(),
  lastTransitionTime: z.string(),
});
const dispatch = z.object({
  job: z.string(),
  latestStart: z.string(),
  plannedStart: z.string().nullable(),
  policy: z.string().nullable(),
  cluster: z.string().nullable(),
  dispatchedAt: z.string().nullable(),
  lateSeconds: z.number(),
});
const found = z
  .object({ present: z.boolean(), value: z.unknown().optional() })
  .transform(({ present, value }) => ({ present, value: value ?? null }));

const remembered = z.object({
  decision: decision.nullish().catch(null),
  moves: z.array(move).nullish().catch([]),
  found: found.nullish().catch(null),
  hold: hold.nullish().catch(null),
  conditions: z.array(condition).nullish().catch([]),
  accounting: accounting.nullish().catch(null),
  moveStarts: z.array(z.string()).nullish().catch([]),
  dispatch: dispatch.nullish().catch(null),
  mode: z.enum(['act', 'observe', 'off']).nullish().catch(null),
  split: z
    .array(z.object({ cluster: z.string(), reason: z.string() }))
    .nullish()
    .catch([]),
});

/** What the next status takes from the stored one. */
export interface Remembered
  extends Pick<CarbonPlacementStatus, 'decision' | 'found' | 'hold' | 'conditions'> {
  readonly moves: readonly MoveRecord[];
  readonly accounting: Accounting | null;
  readonly moveStarts: readonly string[];
  readonly dispatch: DispatchRecord | null;
  readonly mode: EffectiveMode | null;
  /** Why each cluster got what it got, as last decided. */
  readonly splitReasons: Readonly<Record<string, string>>;
}

/** Reads a stored status. Parts that are absent or damaged (somebody edited them) are taken for not there. */
export function rememberedFrom(status: unknown): Remembered {
  const parsed = remembered.safeParse(status ?? {});
  const value = parsed.success ? parsed.data : {};
  return {
    decision: value.decision ?? null,
    moves: value.moves ?? [],
    found: value.found ?? null,
    hold: value.hold ?? null,
    conditions: value.conditions ?? [],
    accounting: value.accounting ?? null,
    moveStarts: value.moveStarts ?? [],
    dispatch: value.dispatch ?? null,
    mode: value.mode ?? null,
    splitReasons: Object.fromEntries((value.split ?? []).map(({ cluster, reason }) => [cluster, reason])),
  };
}
