import type { StepDivision } from './annotations.ts';
import { memoized } from './memo.ts';

type Divisions = Readonly<Record<string, StepDivision>>;

/** Replicas that a step brings to each cluster, by workload. */
export type Gains = ReadonlyMap<string, Readonly<Record<string, number>>>;

export const gainsOf: (divisions: Divisions) => Gains = memoized((divisions) => {
  const gains = new Map<string, Record<string, number>>();
  for (const [key, { from, to }] of Object.entries(divisions)) {
    const gained: Record<string, number> = {};
    for (const [cluster, count] of Object.entries(to)) {
      const more = count - (from[cluster] ?? 0);
      if (more > 0) gained[cluster] = more;
    }
    gains.set(key, gained);
  }
  return gains;
});
