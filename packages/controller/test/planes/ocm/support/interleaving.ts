import { MINUTE } from '@windvane/carbon-map';
import type { StepWrite } from '../../../../src/planes/ocm/move/evidence.ts';
import { destination, type StepRecord } from '../../../../src/planes/ocm/move/step-record.ts';
import { stepState } from '../../../../src/planes/ocm/move/step-state.ts';
import { leavingScore } from '../../../../src/planes/ocm/move/surge-scores.ts';

const START = Date.parse('2026-03-01T00:00:00Z');
const AT = new Date(START).toISOString();

/** Who may do something next. The parts of OCM see every kind of object through a watch of its own. */
export type Actor =
  | 'controller looks'
  | 'controller writes'
  | 'somebody puts the number back'
  | 'work becomes available'
  | 'OCM sees a score of a'
  | 'OCM sees a score of b'
  | 'OCM sees the number'
  | 'OCM decides';

export const actors: readonly Actor[] = [
  'controller looks',
  'controller writes',
  'somebody puts the number back',
  'work becomes available',
  'OCM sees a score of a',
  'OCM sees a score of b',
  'OCM sees the number',
  'OCM decides',
];

/** One move with a surge, of as many clusters (`a1`, ...) as change places with others (`b1`, ...) at once. */
export function createInterleaving(size: number) {
  const old = Array.from({ length: size }, (_, index) => `a${index + 1}`);
  const fresh = Array.from({ length: size }, (_, index) => `b${index + 1}`);
  const scores: Record<string, number> = Object.fromEntries([
    ...old.map((name) => [name, 100]),
    ...fresh.map((name, index) => [name, 80 - 3 * index]),
    // Others that might be chosen by mistake.
    ...old.map((_, index) => [`c${index}`, 80]),
  ]);
  let step: StepRecord | null = {
    move: 'd1',
    moveStartedAt: AT,
    startedAt: AT,
    number: 1,
    target: {},
    from: old,
    enter: Object.fromEntries(fresh.map((name) => [name, scores[name] ?? 0])),
    leave: Object.fromEntries(
      old.map((name, index) => [name, leavingScore(scores[fresh[index] ?? ''] ?? 0)]),
    ),
    surge: true,
    count: size,
    phase: 'found',
    lowered: null,
    actedAt: null,
    back: null,
  };
  let count = size;
  /** Of the Placement: writes on it are refused when it changed since they were planned. */
  let version = 1;
  let planned: { readonly write: StepWrite | null; readonly version: number; next: number } | null = null;
  const seen = {
    scores: { ...scores },
    count,
    scoreQueues: new Map<string, number[]>(Object.keys(scores).map((name) => [name, []])),
    countQueue: [] as number[],
  };
  let decided = [...old];
  let available = new Set(old);

  function changePlacement(next: { readonly step: StepRecord | null; readonly count?: number }): void {
    if (planned?.version !== version) return;
    version += 1;
    step = next.step;
    if (next.count === undefined) return;
    count = next.count;
    seen.countQueue.push(count);
  }

  function look(): void {
    if (planned !== null || step === null) return;
    const state = stepState({
      step,
      label: 'Placement n/train',
      count,
      score: (cluster) => scores[cluster],
      decided: new Set(decided),
      feasible: new Set(Object.keys(scores)),
      available: (cluster) => available.has(cluster),
      unseen: false,
      stop: null,
      now: START + MINUTE,
    });
    if (state.kind === 'waiting') return;
    planned = { write: state.kind === 'write' ? state.write : null, version, next: 0 };
  }

  /** One write: of several scores, the next. */
  function act(): void {
    if (planned === null || step === null) return;
    const { write } = planned;
    if (write?.kind === 'scores') {
      const score = write.writes[planned.next];
      if (score !== undefined) {
        scores[score.cluster] = score.value ?? 0;
        seen.scoreQueues.get(score.cluster)?.push(score.value ?? 0);
        planned.next += 1;
        if (planned.next < write.writes.length) return;
      }
    } else if (write === null) changePlacement({ step: null });
    else if (write.kind === 'count') {
      const raised = write.to === 'raised';
      changePlacement({ step: { ...step, phase: write.to, actedAt: AT }, count: raised ? 2 * size : size });
    } else if (write.kind === 'turn') {
      const { result, message } = write;
      changePlacement({ step: { ...step, back: { result, message, at: AT } } });
    } else changePlacement({ step: { ...step, phase: 'lowered', lowered: 'other' } });
    planned = null;
  }

  function decide(): void {
    const sum = (name: string): number => 10 * (seen.scores[name] ?? 0) + (decided.includes(name) ? 100 : 0);
    decided = Object.keys(scores)
      .sort((a, b) => sum(b) - sum(a) || (a < b ? -1 : 1))
      .slice(0, seen.count);
    available = new Set([...available].filter((name) => decided.includes(name)));
  }

  function seeScore(prefix: string): void {
    for (const [name, queue] of seen.scoreQueues) {
      if (!name.startsWith(prefix)) continue;
      const value = queue.shift();
      if (value === undefined) continue;
      seen.scores[name] = value;
      return;
    }
  }

  const does: Readonly<Record<Actor, () => void>> = {
    'controller looks': look,
    'controller writes': act,
    'somebody puts the number back'() {
      if (count === size) return;
      count = size;
      version += 1;
      seen.countQueue.push(count);
    },
    'work becomes available'() {
      available = new Set(decided);
    },
    'OCM sees a score of a': () => seeScore('a'),
    'OCM sees a score of b': () => seeScore('b'),
    'OCM sees the number'() {
      seen.count = seen.countQueue.shift() ?? seen.count;
    },
    'OCM decides': decide,
  };
  return {
    act: (actor: Actor) => does[actor](),
    /** Clusters in which the work is available. */
    available: () => available.size,
    decided: () => decided.join(' '),
    ended: () => step === null,
    destination: () => (step === null ? '' : destination(step).join(' ')),
  };
}
