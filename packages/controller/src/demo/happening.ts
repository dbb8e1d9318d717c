import type { Instant } from '@windvane/carbon-map';
import type { PlacementView } from '../planes/plane.ts';

/** Something worth telling. */
export interface Happening {
  readonly at: Instant;
  /** `namespace/name`. */
  readonly workload: string;
  readonly text: string;
}

/** Replicas by cluster. */
export type Replicas = Readonly<Record<string, number>>;

/** Compares each look at a workload with the one before and tells what changed, and why. */
export interface Observer {
  look(at: Instant, placement: PlacementView, replicas: Replicas): readonly Happening[];
}

interface Seen {
  readonly state: string;
  readonly replicas: Replicas;
}

export function createObserver(): Observer {
  const seen = new Map<string, Seen>();
  return {
    look(at, placement, replicas) {
      const workload = `${placement.namespace}/${placement.name}`;
      const before = seen.get(workload);
      const texts: string[] = [];
      const refused = placement.state === 'Blocked' ? refusalText(placement) : null;
      if (refused !== null && before?.state !== placement.state) texts.push(refused);
      if (placement.state === 'Moving' && before?.state !== 'Moving' && placement.decision !== null) {
        texts.push(placement.decision.text);
      }
      // Between two rests of a move the numbers count twice what runs double: only a rest is told.
      const rests = placement.state !== 'Moving';
      if (rests && before !== undefined) {
        const change = changeText(before.replicas, replicas);
        if (change !== null) texts.push(change);
      }
      seen.set(workload, {
        state: placement.state,
        replicas: rests || before === undefined ? replicas : before.replicas,
      });
      return texts.map((text) => ({ at, workload, text }));
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

/** `moved 4 paris -> madrid, 2 london -> madrid`; null when nothing did. */
function changeText(before: Replicas, now: Replicas): string | null {
  const clusters = [...new Set([...Object.keys(before), ...Object.keys(now)])].toSorted();
  const changes = clusters.map((cluster) => ({ cluster, by: (now[cluster] ?? 0) - (before[cluster] ?? 0) }));
  const parts = (sign: 1 | -1): string =>
    changes
      .filter(({ by }) => Math.sign(by) === sign)
      .map(({ cluster, by }) => `${Math.abs(by)} ${cluster}`)
      .join(', ');
  const [gained, lost] = [parts(1), parts(-1)];
  if (gained === '' && lost === '') return null;
  if (lost === '') return `started ${gained}`;
  return gained === '' ? `stopped ${lost}` : `moved from ${lost} to ${gained}`;
}
