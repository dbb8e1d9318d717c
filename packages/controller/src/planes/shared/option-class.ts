import type { CarbonMap } from '@windvane/carbon-map';
import type { ClusterOption } from '../../engine/problem.ts';

const classes = new WeakMap<CarbonMap, Map<string, readonly ClusterOption[]>>();

/** Beyond so many, within one version of the map, free room changes faster than anything could be shared. */
const MOST_CLASSES = 1_000;

const numbers = new WeakMap<object, number>();
let numbered = 0;

/** Long series are compared by identity: they are made once for a zone and never changed. */
function numberOf(series: object): number {
  const number = numbers.get(series) ?? (numbered += 1);
  numbers.set(series, number);
  return number;
}

const SERIES: ReadonlySet<string> = new Set(['forecast', 'pastForecasts']);

/**
 * One list for all units that may go to the same clusters under the same conditions: the engine judges a list once,
 * however many units bring it.
 */
export function sharedOptions(map: CarbonMap, options: readonly ClusterOption[]): readonly ClusterOption[] {
  const known = classes.get(map) ?? new Map<string, readonly ClusterOption[]>();
  classes.set(map, known);
  const key = JSON.stringify(options, (name, value: unknown) =>
    SERIES.has(name) && typeof value === 'object' && value !== null ? numberOf(value) : value,
  );
  const shared = known.get(key) ?? options;
  if (known.size >= MOST_CLASSES) known.clear();
  known.set(key, shared);
  return shared;
}
