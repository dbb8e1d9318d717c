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
  /** Resolves when the score is stored. Scores of several Placements for one cluster go in one write, when they can. */
  set(name: string, write: ScoreWrite): Promise<void>;
  /** Writes one after another, each when the one before it is stored, and before all others that wait. */
  setInOrder(name: string, writes: readonly ScoreWrite[]): Promise<void>;
}

interface Pending {
  readonly values: Map<string, number | null>;
  readonly waiters: { readonly resolve: () => void; readonly reject: (error: unknown) => void }[];
}

/** Writes under way at once. While one waits for its turn, more scores of its cluster come along. */
const AT_ONCE = 8;

export function createScoreBoard(objects: ScoreObjects): ScoreBoard {
  const running = new Set<string>();
  /** By cluster. What a step waits for goes before what only has to be there some time. */
  const urgent = new Map<string, Pending>();
  const others = new Map<string, Pending>();
  let pumping = false;

  function score(cluster: string, name: string): number | undefined {
    const object = objects.stored(cluster);
    return object === undefined ? undefined : storedScores(object).values.get(name);
  }

  function next(): readonly [string, Pending] | undefined {
    for (const lane of [urgent, others]) {
      for (const [cluster, pending] of lane) {
        if (running.has(cluster)) continue;
        lane.delete(cluster);
        return [cluster, pending];
      }
    }
    return undefined;
  }

  async function write(cluster: string, { values, waiters }: Pending): Promise<void> {
    running.add(cluster);
    try {
      await objects.write(cluster, (object) => merged(object, values));
      for (const { resolve } of waiters) resolve();
    } catch (error) {
      for (const { reject } of waiters) reject(error);
    }
    running.delete(cluster);
    pump();
  }

  function pump(): void {
    while (running.size < AT_ONCE) {
      const chosen = next();
      if (chosen === undefined) return;
      void write(...chosen);
    }
  }

  /** What comes within the same turn goes along. */
  function pumpSoon(): void {
    if (pumping) return;
    pumping = true;
    queueMicrotask(() => {
      pumping = false;
      pump();
    });
  }

  function add(name: string, { cluster, value }: ScoreWrite, hurry: boolean): Promise<void> {
    const pending: Pending = urgent.get(cluster) ?? others.get(cluster) ?? { values: new Map(), waiters: [] };
    pending.values.set(name, value);
    if (hurry) others.delete(cluster);
    if (hurry || urgent.has(cluster)) urgent.set(cluster, pending);
    else others.set(cluster, pending);
    pumpSoon();
    return new Promise((resolve, reject) => void pending.waiters.push({ resolve, reject }));
  }

  return {
    score,
    set: (name, wanted) => add(name, wanted, false),
    async setInOrder(name, writes) {
      for (const each of writes) await add(name, each, true);
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
  return { scores: [...after.keys()].sort().map((name) => ({ name, value: after.get(name) })) };
}
