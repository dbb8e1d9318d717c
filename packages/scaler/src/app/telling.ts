import { type Clock, type Instant, MINUTE, type Millis } from '@windvane/carbon-map';
import type { EventNote, EventRecorder, KubeObject, ResourceType } from '@windvane/controller/kube';
import { type Allowance, neverReachedText } from '../policy/allowance.ts';
import type { KnownTrigger } from '../policy/decider.ts';
import type { ScalerLog } from './log.ts';

/** Logs every change of an answer once; mistakes and a target out of reach as warnings. */
export function createTeller(log: ScalerLog): (trigger: KnownTrigger, before: Allowance | null) => void {
  return ({ ref, allowance }, before) => {
    const about = { namespace: ref.namespace, name: ref.name };
    if (before === null) {
      for (const { key, message } of allowance.problems) log.warn({ ...about, key }, message);
    }
    const { neverReached } = allowance;
    if (neverReached !== null && (before === null || before.neverReached === null)) {
      log.warn({ ...about, reason: 'TargetNeverReached', ...neverReached }, neverReachedText(allowance));
    }
    const { allowed, replicas, reason, zone, gramsPerKwh, threshold, text } = allowance;
    log.info({ ...about, allowed, replicas, reason, zone, gramsPerKwh, threshold }, text);
  };
}

export interface EventTellerOptions {
  readonly clock: Clock;
  readonly object: (
    namespace: string,
    name: string,
  ) => { readonly type: ResourceType; readonly object: KubeObject } | null;
  readonly events: EventRecorder;
}

/** Events are forgotten after an hour by default: what still holds is told again before that. */
const REPEAT: Millis = 30 * MINUTE;

/**
 * Writes an Event on a trigger's object for a place that is none and for a target out of reach, again and again while it
 * lasts. Called with all triggers; only by the one pod that leads.
 */
export function createEventTeller(options: EventTellerOptions): (triggers: readonly KnownTrigger[]) => void {
  const { clock, object, events } = options;
  const told = new Map<string, Instant>();

  return (triggers) => {
    const now = clock.now();
    const current = new Set<string>();
    for (const trigger of triggers) {
      const { ref } = trigger;
      const notes = notesOf(trigger);
      const found = notes.length === 0 ? null : object(ref.namespace, ref.name);
      if (found === null) continue;
      for (const note of notes) {
        const key = `${ref.namespace}/${ref.name} ${note.reason} ${note.message}`;
        current.add(key);
        const last = told.get(key);
        if (last !== undefined && Math.abs(now - last) < REPEAT) continue;
        told.set(key, now);
        void events.record(found.type, found.object, note);
      }
    }
    for (const key of told.keys()) if (!current.has(key)) told.delete(key);
  };
}

/** Mistakes that the metadata alone shows are told where objects are healed; which place a location is, is known here. */
export function notesOf({
  parsed,
  allowance,
}: Pick<KnownTrigger, 'parsed' | 'allowance'>): readonly EventNote[] {
  const notes: EventNote[] = allowance.problems
    .filter((problem) => !parsed.problems.includes(problem))
    .map(({ message }) => ({ type: 'Warning', reason: 'BadTrigger', message }));
  if (allowance.neverReached !== null) {
    notes.push({ type: 'Warning', reason: 'TargetNeverReached', message: neverReachedText(allowance) });
  }
  return notes;
}
