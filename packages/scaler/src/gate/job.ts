import type { Instant, Millis } from '@windvane/carbon-map';
import { HOUR, quoted } from '@windvane/carbon-map';
import { nearMiss, parseDuration } from '@windvane/controller/config';
import type { KubeObject, ResourceType } from '@windvane/controller/kube';
import { z } from 'zod';

export const JOB: ResourceType = {
  group: 'batch',
  version: 'v1',
  plural: 'jobs',
  kind: 'Job',
  namespaced: true,
};

const PREFIX = 'windvane.dev/';
const GATE_LABEL = `${PREFIX}gate`;
const KUEUE_LABEL = 'kueue.x-k8s.io/queue-name';
const KARMADA_LABEL = 'karmada.io/managed';
/** Written by the gate itself. */
export const PLANNED = 'windvane.dev/planned-start';
export const STATUS = 'windvane.dev/gate-status';
export const RELEASED = 'windvane.dev/released-at';
/** What a user may say of a gated Job; `placement` and the rest belong to Jobs on a hub. */
const KEYS: readonly string[] = ['start-by', 'duration'];
const OWN: readonly string[] = [PLANNED, STATUS, RELEASED];

const DEFAULT_DURATION: Millis = HOUR;
const LONGEST: Millis = 30 * 24 * HOUR;

/** A Job that waits at the gate. */
export interface GatedJob {
  readonly kind: 'gated';
  readonly createdAt: Instant;
  readonly latestStart: Instant;
  readonly duration: Millis;
  readonly plannedStart: Instant | null;
  readonly status: string;
  /** Mistakes in annotations, in words; the Job goes by the defaults then. */
  readonly mistakes: readonly string[];
}

/** What the gate has to do with a Job. */
export type GateView =
  | GatedJob
  /** Not ours, running, done, being deleted, or let go before. */
  | { readonly kind: 'none' }
  /** Labelled for the gate, but somebody else's to start, or so that the gate does not know it is meant. */
  | {
      readonly kind: 'left';
      readonly reason: 'UseDispatch' | 'LeftToKueue' | 'BadAnnotation';
      readonly text: string;
    };

const shape = z.object({
  spec: z.object({ suspend: z.boolean().optional() }).optional(),
  status: z.object({ completionTime: z.string().optional() }).optional(),
});

/** Reads a Job. Never throws. */
export function viewJob(job: KubeObject): GateView {
  const { labels = {}, annotations = {}, deletionTimestamp, creationTimestamp = '' } = job.metadata;
  const { spec } = shape.safeParse(job).data ?? {};
  const label = labels[GATE_LABEL] ?? 'false';
  const waiting = label !== 'false' && spec?.suspend === true && deletionTimestamp === undefined;
  // Whoever suspends a Job after it was let go has a reason of their own.
  if (!waiting || annotations[RELEASED] !== undefined) return { kind: 'none' };
  if (label !== 'true') {
    const text = `${GATE_LABEL} must be "true", got ${quoted(label)}: this Job stays suspended until the label is mended or taken away with suspend`;
    return { kind: 'left', reason: 'BadAnnotation', text };
  }
  if (labels[KARMADA_LABEL] === 'true') {
    const text =
      'Karmada manages this Job and would suspend it again at once: take the label windvane.dev/gate and suspend away from the template, and let Windvane dispatch it on the hub (annotation windvane.dev/placement: follow-the-wind)';
    return { kind: 'left', reason: 'UseDispatch', text };
  }
  if (labels[KUEUE_LABEL] !== undefined) {
    return {
      kind: 'left',
      reason: 'LeftToKueue',
      text: `Kueue starts this Job (label ${KUEUE_LABEL}): the gate leaves it alone`,
    };
  }
  const mistakes: string[] = unknownKeys(annotations);
  const duration = (key: string, otherwise: Millis): Millis => {
    const written = annotations[PREFIX + key];
    if (written === undefined) return otherwise;
    const length = parseDuration(written);
    if (length !== null && length <= LONGEST) return length;
    mistakes.push(`${PREFIX}${key} must be a duration up to 30d, for example 12h, got ${quoted(written)}`);
    return otherwise;
  };
  const createdAt = Date.parse(creationTimestamp);
  const planned = Date.parse(annotations[PLANNED] ?? '');
  return {
    kind: 'gated',
    createdAt,
    latestStart: createdAt + duration('start-by', 0),
    duration: duration('duration', DEFAULT_DURATION),
    plannedStart: Number.isNaN(planned) ? null : planned,
    status: annotations[STATUS] ?? '',
    mistakes,
  };
}

function unknownKeys(annotations: Readonly<Record<string, string>>): string[] {
  return Object.keys(annotations)
    .filter((key) => key.startsWith(PREFIX) && !OWN.includes(key) && !KEYS.includes(key.slice(PREFIX.length)))
    .map((key) => {
      const near = nearMiss(key.slice(PREFIX.length), KEYS);
      return `${key} has no effect on a gated Job: ${near === null ? `write ${PREFIX}start-by or ${PREFIX}duration` : `did you mean ${PREFIX}${near}?`}`;
    });
}
