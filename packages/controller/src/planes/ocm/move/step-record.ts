import { z } from 'zod';
import type { KubeObject } from '../../../kube/resource.ts';
import { PREFIX } from '../../../optin/keys.ts';
import { FOUND, type FoundRecord, recordReader, STEP, type StepDivision } from '../../shared/annotations.ts';

/** On the Placement: how often in a row somebody else ended a surge, and under which opt-in. */
export const SURGE_ENDS: string = `${PREFIX}surge-ends`;

/** `move` of a step by which a restore hands a Placement back: no controller touches it. */
export const HAND_BACK = 'hand-back';

/** How far `numberOfClusters` has come. Each is stored in the same write that changes the number. */
type Phase =
  /** The number is as found. */
  | 'found'
  /** One write of ours raised it. */
  | 'raised'
  /** It is as found again. */
  | 'lowered';

/** A step: some clusters take the places of as many others. The intent is stored before the first score is written. */
export interface StepRecord {
  /** Decision that the move began with. */
  readonly move: string;
  readonly moveStartedAt: string;
  readonly startedAt: string;
  /** Counted within the move, from 1. */
  readonly number: number;
  /** Shares that the move aims at. */
  readonly target: Readonly<Record<string, number>>;
  /** Clusters decided for before the step. */
  readonly from: readonly string[];
  /** Newcomers, each with the score that it had and that it goes back to when the step fails. */
  readonly enter: Readonly<Record<string, number>>;
  /** Leavers, each with the score that it gets. */
  readonly leave: Readonly<Record<string, number>>;
  /** One cluster more for each newcomer is asked for meanwhile. */
  readonly surge: boolean;
  /** `numberOfClusters` as found. */
  readonly count: number;
  readonly phase: Phase;
  /** Who put the number back; null while it was not, and when that was on the way back. */
  readonly lowered: 'windvane' | 'other' | null;
  /** When the number was raised, or the scores were exchanged (RFC 3339); null before. */
  readonly actedAt: string | null;
  /** The step is being taken back. */
  readonly back: {
    readonly result: 'ended' | 'rolled-back';
    /** For people. */
    readonly message: string;
    readonly at: string;
  } | null;
}

const counts = z.record(z.string(), z.number());

const stepSchema: z.ZodType<StepRecord> = z.object({
  move: z.string(),
  moveStartedAt: z.string(),
  startedAt: z.string(),
  number: z.number().int().min(1),
  target: counts,
  from: z.array(z.string()),
  enter: counts,
  leave: counts,
  surge: z.boolean(),
  count: z.number().int().min(1),
  phase: z.enum(['found', 'raised', 'lowered']),
  lowered: z.enum(['windvane', 'other']).nullable(),
  actedAt: z.string().nullable(),
  back: z
    .object({ result: z.enum(['ended', 'rolled-back']), message: z.string(), at: z.string() })
    .nullable(),
});

/** Null also for a step that somebody damaged: it is then taken for ended. */
export const stepRecord: (placement: KubeObject) => StepRecord | null = recordReader(STEP, stepSchema);

/** Clusters after the step. */
export function destination({ from, enter, leave }: StepRecord): string[] {
  return [...from.filter((name) => !Object.hasOwn(leave, name)), ...Object.keys(enter)].sort();
}

/** A step as replicas that change places: one copy in each cluster. */
export function divisionOf(step: StepRecord): Readonly<Record<string, StepDivision>> {
  const copies = (clusters: readonly string[]) => Object.fromEntries(clusters.map((name) => [name, 1]));
  return { placement: { from: copies(step.from), to: copies(destination(step)) } };
}

/** What was found on the Placement, with the clusters that OCM had decided for then. */
export interface PlacementFound extends FoundRecord {
  readonly clusters: readonly string[];
  /** `metadata.generation` before the prioritizer policy is written: equal afterwards means not yet written. */
  readonly generation: number;
}

const clustersSchema = z.object({
  clusters: z.array(z.string()).nullish(),
  generation: z.number().nullish(),
});

const takenOver = recordReader(FOUND, clustersSchema);

/** Clusters that OCM had decided for when the Placement was taken over; null when that is not known. */
export function foundClusters(placement: KubeObject): readonly string[] | null {
  return takenOver(placement)?.clusters ?? null;
}

/** `metadata.generation` on which the taking over was planned; null when it is not known. */
export function foundGeneration(placement: KubeObject): number | null {
  return takenOver(placement)?.generation ?? null;
}

const endsSchema = z.object({ count: z.number().int().min(1), optIn: z.string() });

const endsOf = recordReader(SURGE_ENDS, endsSchema);

/** How often in a row surges were ended by others under this opt-in. */
export function surgeEnds(placement: KubeObject, optIn: string): number {
  const ends = endsOf(placement);
  return ends?.optIn === optIn ? ends.count : 0;
}

/** Whether surges that others ended are counted on the Placement. */
export function hasSurgeEnds(placement: KubeObject): boolean {
  return placement.metadata.annotations?.[SURGE_ENDS] !== undefined;
}
