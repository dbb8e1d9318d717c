import type { Instant } from '@windvane/carbon-map';
import type { PlacementView } from '../planes/plane.ts';
import type { DecisionSummary } from '../status/carbon-placement.ts';

/** Something worth telling. */
export interface Happening {
  readonly at: Instant;
  /** `namespace/name`. */
  readonly workload: string;
  /** In a few words. */
  readonly text: string;
  /** The decision or condition in whole; null when there is no more to say. */
  readonly detail: string | null;
}

/** Replicas by cluster. */
export type Replicas = Readonly<Record<string, number>>;

/** Compares each look at a workload with the one before and tells what changed, and why. */
export interface Observer {
  look(at: Instant, placement: PlacementView, replicas: Replicas): readonly Happening[];
}

/** A smaller change of share comes of rounding. */
const NOTICEABLE = 0.02;

interface Seen {
  readonly state: string;
  /** A Job that was told when it is to start. */
  readonly planned: boolean;
  readonly replicas: Replicas;
}

export function createObserver(): Observer {
  const seen = new Map<string, Seen>();
  return {
    look(at, placement, replicas) {
      const workload = `${placement.namespace}/${placement.name}`;
      const before = seen.get(workload);
      const told: Happening[] = [];
      const tell = (text: string, detail: string | null): void =>
        void told.push({ at, workload, text, detail });
      const { state, decision } = placement;
      if (state === 'Blocked' && before?.state !== 'Blocked') {
        tell(`left alone: ${placement.reason ?? 'Blocked'}`, refusalText(placement));
      }
      if (state === 'Moving' && before?.state !== 'Moving' && decision !== null) {
        tell(intentText(decision, before?.replicas ?? replicas), decision.text);
      }
      const { dispatch } = placement;
      const planned = state === 'Waiting' && (dispatch?.plannedStart ?? null) !== null;
      if (planned && before?.planned !== true) tell('waits for a clean hour', decision?.text ?? null);
      if (state === 'Dispatched' && before?.state !== state)
        tell(`starts in ${dispatch?.cluster ?? ''}`, null);
      // Between two rests of a move the numbers count twice what runs double: only a rest is told.
      const rests = state !== 'Moving';
      const change = rests && before !== undefined ? changeText(before.replicas, replicas) : null;
      if (change !== null) tell(change, null);
      seen.set(workload, {
        state,
        planned,
        replicas: rests || before === undefined ? replicas : before.replicas,
      });
      return told;
    },
  };
}

/** Why a workload is left alone, in words: the message of its condition. */
export function refusalText(placement: PlacementView): string {
  const condition = placement.conditions.find(
    ({ type, status }) => (type === 'Misconfigured' || type === 'Blocked') && status === 'True',
  );
  return `${placement.reason ?? 'Blocked'}: ${condition?.message ?? 'no reason given'}`;
}

/** `to madrid 39 %, paris 39 %, for 48 % less carbon`: the clusters that gain, largest first. */
function intentText(decision: DecisionSummary, replicas: Replicas): string {
  const all = Object.values(replicas).reduce((sum, count) => sum + count, 0);
  const gainers = Object.entries(decision.target)
    .filter(([cluster, share]) => share > (replicas[cluster] ?? 0) / Math.max(1, all) + NOTICEABLE)
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([cluster, share]) => `${cluster} ${Math.round(share * 100)} %`);
  const where = gainers.length === 0 ? 'moves' : `goes to ${gainers.join(', ')}`;
  return `${where}, for ${Math.round(decision.gain * 100)} % less carbon`;
}

/** `+6 madrid, -4 paris, -2 london`, gains first; null when nothing changed. */
function changeText(before: Replicas, now: Replicas): string | null {
  const clusters = [...new Set([...Object.keys(before), ...Object.keys(now)])];
  const changes = clusters
    .map((cluster) => ({ cluster, by: (now[cluster] ?? 0) - (before[cluster] ?? 0) }))
    .filter(({ by }) => by !== 0)
    .toSorted((a, b) => b.by - a.by || (a.cluster < b.cluster ? -1 : 1));
  if (changes.length === 0) return null;
  return changes.map(({ cluster, by }) => `${by > 0 ? '+' : ''}${by} ${cluster}`).join(', ');
}
