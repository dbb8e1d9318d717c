/** Largest replicas per cluster. */
export type Caps = Readonly<Record<string, number>>;
/** Parts of 1 per cluster; what is absent has none. */
export type Shares = Readonly<Record<string, number>>;

export interface CapBounds {
  /** Clusters that hold the workload, in the order in which they are to keep room: the one to keep it first, first. */
  readonly clusters: readonly string[];
  /** `maxReplicaCount` of the template. */
  readonly max: number;
  /** Every cluster keeps at least this: the last step to 0 is the scaler's. */
  readonly least: number;
}

/** The caps' sum stays this many times the replicas that run. */
const ROOM = 1.25;

export function evenShares(clusters: readonly string[]): Shares {
  return Object.fromEntries(clusters.map((name) => [name, 1 / clusters.length]));
}

/**
 * Caps that shares stand for: clamp(round(share x n x max), least, max). Even shares give every cluster the template's
 * own maximum, so that no caps and even shares are the same.
 */
export function capsOf(shares: Shares, { clusters, max, least }: CapBounds): Caps {
  const lowest = Math.min(least, max);
  return Object.fromEntries(
    clusters.map((name) => {
      const wanted = Math.round((shares[name] ?? 0) * clusters.length * max);
      return [name, Math.min(max, Math.max(lowest, wanted))];
    }),
  );
}

export const sumOf = (caps: Caps): number => Object.values(caps).reduce((sum, cap) => sum + cap, 0);

/**
 * Lifts caps until their sum leaves room for what runs: at least 1.25 times as much, as far as the maxima allow. What
 * was to be lowered keeps the rest first.
 * @param before the caps that stand.
 */
export function withRoom(caps: Caps, before: Caps, running: number, { clusters, max }: CapBounds): Caps {
  const lifted: Record<string, number> = { ...caps };
  let lacking = Math.min(clusters.length * max, Math.ceil(ROOM * running)) - sumOf(caps);
  const lift = (limit: (name: string) => number): void => {
    for (const name of clusters) {
      const more = Math.min(lacking, limit(name) - (lifted[name] ?? 0));
      if (more <= 0) continue;
      lifted[name] = (lifted[name] ?? 0) + more;
      lacking -= more;
    }
  };
  lift((name) => Math.min(max, before[name] ?? max));
  lift(() => max);
  return lifted;
}

/** The larger of both in every cluster: what is raised first, before anything is lowered. */
export function raised(before: Caps, after: Caps): Caps {
  return Object.fromEntries(
    Object.entries(after).map(([name, cap]) => [name, Math.max(cap, before[name] ?? cap)]),
  );
}

export function sameCaps(a: Caps, b: Caps): boolean {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].every((name) => a[name] === b[name]);
}
