import type { KubeObject } from '../../../kube/resource.ts';
import { storedScores } from '../read/scores.ts';
import type { ScoreObjects } from './score-objects.ts';

/** A score to be written: null removes it. */
export interface ScoreWrite {
  readonly cluster: string;
  readonly value: number | null;
}

/** The scores that steer Placements: one per Placement in one object per cluster. */
export interface ScoreBoard {
  /** As stored; undefined for none, which OCM counts as 0. */
  score(cluster: string, name: string): number | undefined;
  /** Resolves when the score is stored. Scores of several Placements for one cluster go in one write. */
  set(name: string, write: ScoreWrite): Promise<void>;
  /** Writes one after another, each when the one before it is stored: OCM decides anew after every one of them. */
  setInOrder(name: string, writes: readonly ScoreWrite[]): Promise<void>;
}

interface Pending {
  readonly values: Map<string, number | null>;
  readonly done: Promise<void>;
}

export function createScoreBoard(objects: ScoreObjects): ScoreBoard {
  /** Gathers what comes while the write before is under way. */
  const waiting = new Map<string, Pending>();
  const running = new Map<string, Promise<void>>();

  function score(cluster: string, name: string): number | undefined {
    const object = objects.stored(cluster);
    return object === undefined ? undefined : storedScores(object).values.get(name);
  }

  async function write(cluster: string, pending: Pending): Promise<void> {
    // What comes within the same turn goes along.
    await Promise.resolve();
    await running.get(cluster)?.catch(() => {});
    waiting.delete(cluster);
    const written = objects.write(cluster, (object) => merged(object, pending.values));
    running.set(cluster, written);
    try {
      await written;
    } finally {
      if (running.get(cluster) === written) running.delete(cluster);
    }
  }

  function enqueue(cluster: string): Pending {
    const values = new Map<string, number | null>();
    let start: (pending: Pending) => void = () => {};
    const started = new Promise<Pending>((resolve) => {
      start = resolve;
    });
    const pending: Pending = { values, done: started.then((ready) => write(cluster, ready)) };
    waiting.set(cluster, pending);
    start(pending);
    return pending;
  }

  async function set(name: string, { cluster, value }: ScoreWrite): Promise<void> {
    const pending = waiting.get(cluster) ?? enqueue(cluster);
    pending.values.set(name, value);
    await pending.done;
  }

  return {
    score,
    set,
    async setInOrder(name, writes) {
      for (const each of writes) await set(name, each);
    },
  };
}

/** The status with these scores in it; null when it says all of them already. They never expire. */
function merged(object: KubeObject, values: ReadonlyMap<string, number | null>): unknown {
  const { values: before, validUntil } = storedScores(object);
  const after = new Map(before);
  for (const [name, value] of values) {
    if (value === null) after.delete(name);
    else after.set(name, value);
  }
  const same =
    validUntil === null &&
    after.size === before.size &&
    [...after].every(([name, value]) => before.get(name) === value);
  if (same) return null;
  const scores = [...after].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => ({ name, value }));
  return { scores };
}
