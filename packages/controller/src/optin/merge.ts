import { formatDuration } from '../config/duration.ts';
import { type OptInKey, type OptInValues, PREFIX } from './keys.ts';
import { defaultOptions, type UnitOptions } from './options.ts';
import type { OptInProblem, OptInSource } from './parse.ts';

/** The objects that speak for one unit. */
export interface UnitSources {
  /** Null for a workload without a policy. */
  readonly policy: OptInSource | null;
  /** Each with the defaults of its Namespace. */
  readonly workloads: readonly { readonly own: OptInSource; readonly namespace: OptInSource | null }[];
  /** The hub's defaults for what nobody says. */
  readonly hub: OptInSource | null;
}

export interface MergedOptIn {
  readonly options: UnitOptions;
  readonly problems: readonly OptInProblem[];
}

type NumberKey =
  | 'max-share'
  | 'min-replicas'
  | 'max-step'
  | 'max-surge'
  | 'min-gain'
  | 'move-cost'
  | 'cooldown'
  | 'max-moves-per-day'
  | 'start-by'
  | 'duration'
  | 'surge-clusters';

/** Which direction narrows. */
const narrower: Readonly<Record<NumberKey, (a: number, b: number) => number>> = {
  'max-share': Math.min,
  'min-replicas': Math.max,
  'max-step': Math.min,
  'max-surge': Math.min,
  'min-gain': Math.max,
  'move-cost': Math.max,
  cooldown: Math.max,
  'max-moves-per-day': Math.min,
  'start-by': Math.min,
  duration: Math.max,
  'surge-clusters': Math.min,
};

interface Said<T> {
  readonly value: T;
  readonly label: string;
}

/**
 * Merges what policy, workloads and Namespaces say. The policy comes first and a workload may only narrow it;
 * a Namespace and the hub fill in what neither says. `off`, `observe` and `realtime` on any of them win.
 */
export function mergeOptIn(sources: UnitSources): MergedOptIn {
  const { policy, workloads, hub } = sources;
  const problems: OptInProblem[] = [];
  const everyone = [
    ...(policy === null ? [] : [policy]),
    ...workloads.flatMap(({ own, namespace }) => (namespace === null ? [own] : [own, namespace])),
    ...(hub === null ? [] : [hub]),
  ];
  const seen = new Set<OptInSource>();
  for (const source of everyone) {
    if (!seen.has(source)) problems.push(...source.problems);
    seen.add(source);
  }

  /** What each workload says of a key, or else its Namespace, unless the policy speaks. */
  function said<K extends OptInKey>(key: K): Said<NonNullable<OptInValues[K]>>[] {
    const found: Said<NonNullable<OptInValues[K]>>[] = [];
    const add = (source: OptInSource | null): boolean => {
      const value = source?.values[key];
      if (source === null || value === undefined) return false;
      found.push({ value, label: source.label });
      return true;
    };
    const byPolicy = add(policy);
    for (const { own, namespace } of workloads) if (!add(own) && !byPolicy) add(namespace);
    if (found.length === 0) add(hub);
    return found;
  }

  function contradiction(key: OptInKey, a: Said<unknown>, b: Said<unknown>, remedy: string): void {
    const message = `${PREFIX}${key} is ${show(key, a.value)} on ${a.label} and ${show(key, b.value)} on ${b.label}; ${remedy}`;
    problems.push({ reason: 'Contradiction', message });
  }

  function number(key: NumberKey, fallback: number): number {
    const spoken = said(key);
    const [first] = spoken;
    if (first === undefined) return fallback;
    const narrowest = spoken.reduce((value, each) => narrower[key](value, each.value), first.value);
    if (policy?.values[key] !== undefined) {
      for (const each of spoken.slice(1)) {
        if (narrower[key](first.value, each.value) !== each.value) {
          contradiction(key, first, each, 'a workload may only narrow what its policy says');
        }
      }
    }
    return narrowest;
  }

  function same<K extends 'objective' | 'on-stale-data'>(
    key: K,
    fallback: NonNullable<OptInValues[K]>,
  ): NonNullable<OptInValues[K]> {
    const spoken = said(key);
    const [first] = spoken;
    const other = spoken.find((each) => each.value !== first?.value);
    if (first !== undefined && other !== undefined) {
      contradiction(key, first, other, 'one decision has one; write the same on both');
    }
    return first?.value ?? fallback;
  }

  const watts = said('watts-per-replica');
  const options: UnitOptions = {
    placement: placementOf(everyone),
    latencyClass: latencyOf(everyone),
    locations: said('locations').map(({ value }) => value),
    objective: same('objective', defaultOptions.objective),
    maxShare: number('max-share', defaultOptions.maxShare),
    minReplicas: number('min-replicas', defaultOptions.minReplicas),
    maxStep: number('max-step', defaultOptions.maxStep),
    maxSurge: number('max-surge', defaultOptions.maxSurge),
    minGain: number('min-gain', defaultOptions.minGain),
    moveCost: number('move-cost', defaultOptions.moveCost),
    cooldown: number('cooldown', defaultOptions.cooldown),
    maxMovesPerDay: number('max-moves-per-day', defaultOptions.maxMovesPerDay),
    startBy: number('start-by', defaultOptions.startBy),
    duration: number('duration', defaultOptions.duration),
    surgeClusters: number('surge-clusters', defaultOptions.surgeClusters),
    onStaleData: same('on-stale-data', defaultOptions.onStaleData),
    adopt: said('adopt').some(({ value }) => value === 'never') ? 'never' : 'allowed',
    wattsPerReplica:
      watts.length === 0 ? null : watts.reduce((sum, { value }) => sum + value, 0) / watts.length,
  };
  return { options, problems };
}

function placementOf(everyone: readonly OptInSource[]): UnitOptions['placement'] {
  const spoken = everyone.map((source) => source.values.placement);
  if (spoken.includes('off')) return 'off';
  return spoken.includes('observe') ? 'observe' : 'follow-the-wind';
}

function latencyOf(everyone: readonly OptInSource[]): UnitOptions['latencyClass'] {
  const spoken = everyone.map((source) => source.values['latency-class']);
  if (spoken.includes('realtime')) return 'realtime';
  return spoken.includes('flexible') ? 'flexible' : null;
}

const percentages: ReadonlySet<OptInKey> = new Set(['max-share', 'max-step', 'max-surge', 'min-gain']);
const durations: ReadonlySet<OptInKey> = new Set(['move-cost', 'cooldown', 'start-by', 'duration']);

function show(key: OptInKey, value: unknown): string {
  if (typeof value !== 'number') return String(value);
  if (percentages.has(key)) return `${Math.round(value * 1000) / 10} %`;
  return durations.has(key) ? formatDuration(value) : String(value);
}
