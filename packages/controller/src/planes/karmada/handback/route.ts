import { divide } from '../../../engine/division/webster.ts';

type Counts = Readonly<Record<string, number>>;

/** One workload on its way back. */
export interface Leg {
  readonly uid: string;
  readonly replicas: number;
  /** Where its replicas stand now. */
  readonly current: Counts;
  /** Replicas that one step may move; at least 1. */
  readonly maxMoved: number;
}

/** Parts of the way that are tried when one list of weights has to suit several workloads. */
const PARTS = [0.75, 0.5, 0.35, 0.25, 0.15, 0.1, 0.05, 0.02];

const sumOf = (counts: Counts): number => Object.values(counts).reduce((sum, count) => sum + count, 0);

/** Replicas that gain a place. */
function movedBetween(from: Counts, to: Counts): number {
  return Object.entries(to).reduce((sum, [name, count]) => sum + Math.max(0, count - (from[name] ?? 0)), 0);
}

/** The first step of one workload: whole replicas, off the largest surplus and onto the largest lack. */
function firstStep({ current, replicas, maxMoved }: Leg, goal: Counts): Counts {
  const next: Record<string, number> = { ...current };
  const by = (sign: 1 | -1): string[] =>
    [...new Set([...Object.keys(current), ...Object.keys(goal)])]
      .filter((name) => sign * ((goal[name] ?? 0) - (next[name] ?? 0)) > 0)
      .sort((a, b) => Math.abs((goal[b] ?? 0) - (next[b] ?? 0)) - Math.abs((goal[a] ?? 0) - (next[a] ?? 0)));
  for (let left = Math.min(maxMoved, replicas); left > 0; left -= 1) {
    const [loser] = by(-1);
    const [gainer] = by(1);
    if (loser === undefined || gainer === undefined) break;
    next[loser] = (next[loser] ?? 0) - 1;
    next[gainer] = (next[gainer] ?? 0) + 1;
  }
  return Object.fromEntries(Object.entries(next).filter(([, count]) => count > 0));
}

function* between(legs: readonly Leg[], target: Counts): Generator<Counts> {
  const [only, ...more] = legs;
  // Replicas as weights divide into exactly these replicas.
  if (only !== undefined && more.length === 0) {
    yield firstStep(only, divide(target, only.replicas, only.uid));
    return;
  }
  const here: Record<string, number> = {};
  for (const leg of legs)
    for (const [name, count] of Object.entries(leg.current)) here[name] = (here[name] ?? 0) + count;
  const [total, aim] = [sumOf(here), sumOf(target)];
  for (const part of PARTS) {
    const weights: Record<string, number> = {};
    for (const name of new Set([...Object.keys(here), ...Object.keys(target)])) {
      const share = ((1 - part) * (here[name] ?? 0)) / total + (part * (target[name] ?? 0)) / aim;
      if (share > 0) weights[name] = Math.max(1, Math.round(share * 1000));
    }
    yield weights;
  }
}

/**
 * The weights to write next on the way to `target`, so that no workload has more than its `maxMoved` replicas moved;
 * null when `target` itself is next. Every step leaves fewer replicas to move than the one before. Where several
 * workloads share the weights and no list suits all, the one that goes beyond a limit by the least.
 */
export function nextWeights(legs: readonly Leg[], target: Counts): Counts | null {
  const running = legs.filter((leg) => leg.replicas > 0 && sumOf(leg.current) > 0);
  const goals = running.map((leg) => divide(target, leg.replicas, leg.uid));
  const left = (divisions: readonly Counts[]): number =>
    divisions.reduce((sum, division, index) => sum + movedBetween(division, goals[index] ?? {}), 0);
  const judge = (weights: Counts): { excess: number; left: number } => {
    const divisions = running.map((leg) => divide(weights, leg.replicas, leg.uid));
    const over = running.map(
      (leg, index) => movedBetween(leg.current, divisions[index] ?? {}) - leg.maxMoved,
    );
    return { excess: Math.max(0, ...over), left: left(divisions) };
  };
  const start = left(running.map(({ current }) => current));
  let least = judge(target).excess;
  let best: Counts | null = null;
  if (least === 0) return null;
  for (const weights of between(running, target)) {
    const { excess, left: rest } = judge(weights);
    // Nearer with every step: two lists that lead to each other would be a way without end.
    if (rest >= start || excess >= least) continue;
    [least, best] = [excess, weights];
    if (least === 0) break;
  }
  return best;
}
