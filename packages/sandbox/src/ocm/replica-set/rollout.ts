import type { RolloutStrategy } from '../types.ts';

type RolloutState = 'ToApply' | 'Progressing' | 'Succeeded' | 'Failed';

/** How far the work of one cluster is. */
export interface ClusterRollout {
  readonly cluster: string;
  readonly state: RolloutState;
  /** Milliseconds since the Unix epoch of its last transition. */
  readonly since: number;
}

/** The clusters of one decision group, in the order of the groups. */
export interface RolloutGroup {
  readonly name: string;
  readonly index: number;
  readonly clusters: readonly string[];
}

export interface RolloutInput {
  readonly strategy: RolloutStrategy;
  readonly groups: readonly RolloutGroup[];
  /** Clusters that hold the present template, chosen or not. */
  readonly existing: readonly ClusterRollout[];
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

export interface Rollout {
  /** Clusters to which the template is to be written now. */
  readonly toApply: readonly string[];
  /** Clusters that are not chosen any more; their works go at once, whatever the strategy. */
  readonly removed: readonly string[];
  /** When to look again, in milliseconds since the Unix epoch. */
  readonly recheckAt?: number;
}

interface Limits {
  readonly now: number;
  readonly soakMs: number;
  /** Undefined: none. */
  readonly deadlineMs: number | undefined;
}

const UNITS: Readonly<Record<string, number>> = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };

/** A Go duration in milliseconds. */
function parseDuration(text: string): number {
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|h|m|s)/g)) {
    total += Number(amount) * (UNITS[unit ?? ''] ?? 0);
  }
  return total;
}

/** A number or a share of `total`, rounded up; `otherwise` when it is not above 0 and at most `total`. */
function sizeOf(value: string | number | undefined, total: number, otherwise: number): number {
  if (value === undefined) return otherwise;
  const size = typeof value === 'number' ? value : Math.ceil((Number(value.replace('%', '')) / 100) * total);
  return size <= 0 || size > total ? otherwise : size;
}

interface Tally {
  readonly rolling: { readonly cluster: string; readonly toApply: boolean }[];
  recheckAt: number | undefined;
}

function later(tally: Tally, instant: number, now: number): void {
  if (instant > now && (tally.recheckAt === undefined || instant < tally.recheckAt))
    tally.recheckAt = instant;
}

/** Counts a cluster that is under way: still to apply, in its soak time, or in progress and not out of time. */
function count(tally: Tally, { cluster, state, since }: ClusterRollout, limits: Limits): void {
  if (state === 'ToApply') {
    tally.rolling.push({ cluster, toApply: true });
  } else if (state === 'Succeeded') {
    const until = since + limits.soakMs;
    if (limits.now >= until) return;
    later(tally, until, limits.now);
    tally.rolling.push({ cluster, toApply: false });
  } else {
    const until = limits.deadlineMs === undefined ? Number.POSITIVE_INFINITY : since + limits.deadlineMs;
    if (limits.now >= until) return;
    if (Number.isFinite(until)) later(tally, until, limits.now);
    tally.rolling.push({ cluster, toApply: false });
  }
}

function perCluster(
  clusters: readonly string[],
  existing: readonly ClusterRollout[],
  size: number,
  maxFailures: number,
  limits: Limits,
): Tally {
  const tally: Tally = { rolling: [], recheckAt: undefined };
  const known = new Set<string>();
  let failures = 0;
  for (const rollout of existing.toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1))) {
    known.add(rollout.cluster);
    if (failures <= maxFailures || rollout.state !== 'ToApply') count(tally, rollout, limits);
    if (rollout.state === 'Failed') failures += 1;
    if (tally.rolling.length >= size) return tally;
  }
  if (failures > maxFailures) return tally;
  for (const cluster of clusters.toSorted()) {
    if (known.has(cluster)) continue;
    tally.rolling.push({ cluster, toApply: true });
    if (tally.rolling.length >= size) return tally;
  }
  return tally;
}

function perGroup(
  groups: readonly RolloutGroup[],
  existing: readonly ClusterRollout[],
  maxFailures: string | number,
  limits: Limits,
): Tally {
  const tally: Tally = { rolling: [], recheckAt: undefined };
  const known = new Map<string, ClusterRollout>();
  for (const rollout of existing) {
    if (rollout.state === 'ToApply') continue;
    known.set(rollout.cluster, rollout);
    count(tally, rollout, limits);
  }
  let failures = 0;
  for (const { clusters } of groups) {
    let inGroup = 0;
    for (const cluster of clusters.toSorted()) {
      const rollout = known.get(cluster);
      if (rollout === undefined) tally.rolling.push({ cluster, toApply: true });
      else if (rollout.state === 'Failed') inGroup += 1;
    }
    failures += inGroup;
    const breach = inGroup > sizeOf(maxFailures, clusters.length, 0);
    if (tally.rolling.length - failures > 0 || breach) return tally;
  }
  return tally;
}

/**
 * Which clusters get the template now, by the strategies of OCM's rollout (cluster/v1alpha1): All at once,
 * Progressive some at a time, ProgressivePerGroup a decision group at a time, mandatory groups first.
 */
export function rollOut({ strategy, groups, existing, now }: RolloutInput): Rollout {
  const chosen = new Set(groups.flatMap(({ clusters }) => clusters));
  const removed = existing.map(({ cluster }) => cluster).filter((cluster) => !chosen.has(cluster));
  const current = existing.filter(({ cluster }) => chosen.has(cluster));
  const tally = tallyOf(strategy, groups, current, now);
  return {
    toApply: tally.rolling.filter(({ toApply }) => toApply).map(({ cluster }) => cluster),
    removed,
    ...(tally.recheckAt === undefined ? {} : { recheckAt: tally.recheckAt }),
  };
}

function tallyOf(
  { type = 'All', all, progressive, progressivePerGroup }: RolloutStrategy,
  groups: readonly RolloutGroup[],
  current: readonly ClusterRollout[],
  now: number,
): Tally {
  const rules = { All: all, Progressive: progressive, ProgressivePerGroup: progressivePerGroup }[type] ?? {};
  const { progressDeadline = 'None', minSuccessTime = '0', maxFailures = 0 } = rules;
  const limits = {
    now,
    soakMs: type === 'All' ? 0 : parseDuration(minSuccessTime),
    deadlineMs: progressDeadline === 'None' ? undefined : parseDuration(progressDeadline),
  };
  const total = groups.reduce((sum, { clusters }) => sum + clusters.length, 0);
  if (type === 'All') {
    return perCluster(
      groups.flatMap(({ clusters }) => clusters),
      current,
      total,
      total,
      limits,
    );
  }
  const wanted = rules.mandatoryDecisionGroups ?? [];
  const isMandatory = ({ name, index }: RolloutGroup): boolean =>
    wanted.some(({ groupName = '', groupIndex = 0 }) =>
      groupName === '' ? index === groupIndex : name === groupName,
    );
  const mandatory = groups.filter(isMandatory);
  if (mandatory.length > 0) {
    const tally = perGroup(mandatory, current, 0, limits);
    if (tally.rolling.length > 0) return tally;
  }
  const others = groups.filter((group) => !isMandatory(group));
  if (type === 'ProgressivePerGroup') return perGroup(others, current, maxFailures, limits);
  const clusters = others.flatMap((group) => group.clusters);
  const size = sizeOf(rules.maxConcurrency, clusters.length, clusters.length);
  return perCluster(clusters, current, size, sizeOf(maxFailures, total, 0), limits);
}
