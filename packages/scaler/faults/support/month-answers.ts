import { HOUR, parseInstant } from '@windvane/carbon-map';
import { deciderOn, type MonthCase } from './month-cases.ts';
import { readModel } from './month-model.ts';
import { createRunClock } from './run-clock.ts';

export interface AnswersOutcome {
  readonly polls: number;
  /** Polls whose answer was not the model's. */
  readonly wrong: number;
  /** Polls that allowed the work to run. */
  readonly allowed: number;
  /** Of these, those that were followed by an hour that was, on the whole, above the target. */
  readonly beforeDirty: number;
  /** Times that it was allowed after it was not. */
  readonly starts: number;
  /** What was reported of the target, if it is never reached. */
  readonly suggestion: number | null;
}

/** The answers of a month alone, without KEDA: quick. */
export function monthOfAnswers(month: MonthCase, days: number, everySeconds: number): AnswersOutcome {
  const start = parseInstant(month.from) ?? 0;
  const clock = createRunClock(start);
  const model = readModel(month.zone);
  const decider = deciderOn(month.zone, clock);
  const trigger = { namespace: 'ai', name: 'train', metadata: { ...month.metadata, maxReplicas: '10' } };
  const target = Number(month.metadata['targetValue'] ?? Number.POSITIVE_INFINITY);
  const outcome = { polls: 0, wrong: 0, allowed: 0, beforeDirty: 0, starts: 0 };
  let suggestion: number | null = null;
  let before = 0;
  for (let at = start; at < start + days * 24 * HOUR; at += everySeconds * 1_000) {
    clock.runUntil(at);
    const { replicas, neverReached } = decider.decide(trigger);
    outcome.polls += 1;
    if (replicas > 0) {
      outcome.allowed += 1;
      if (model.real(at) >= target) outcome.beforeDirty += 1;
      if (before === 0) outcome.starts += 1;
    }
    if (replicas !== (month.expected(model, at) ? 10 : 0)) outcome.wrong += 1;
    before = replicas;
    suggestion ??= neverReached?.suggestion ?? null;
  }
  return { ...outcome, suggestion };
}

/** The same trigger with other metadata; undefined leaves a key out. Nothing says any more what has to be allowed. */
export function withMetadata(
  month: MonthCase,
  changes: Readonly<Record<string, string | undefined>>,
): MonthCase {
  const metadata = Object.entries({ ...month.metadata, ...changes }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return { ...month, metadata: Object.fromEntries(metadata), expected: () => false };
}
