import type { ManagedCluster, PlacementSpec } from '../types.ts';
import { MisconfiguredError } from './misconfigured.ts';
import { compileSelector } from './selector.ts';

export interface Group {
  readonly name: string;
  /** Names in alphabetical order. */
  readonly clusters: readonly string[];
}

/** How many clusters a group may hold: a number, or a share of all, rounded up; all when that makes no sense. */
function groupLength(perGroup: string | number, total: number): number {
  let length = total;
  if (typeof perGroup === 'number') length = perGroup;
  else {
    const percent = /^([0-9.]+)%$/.exec(perGroup)?.[1];
    if (percent === undefined) {
      throw new MisconfiguredError('', `${perGroup} invalid type: string is not a percentage`);
    }
    length = Math.ceil((Number(percent) / 100) * total);
  }
  return length <= 0 || length > total ? total : length;
}

function divide(name: string, clusters: readonly ManagedCluster[], length: number): Group[] {
  const sorted = clusters.map(({ metadata }) => metadata.name).sort();
  const groups: Group[] = [];
  for (let at = 0; at < sorted.length; at += length)
    groups.push({ name, clusters: sorted.slice(at, at + length) });
  return groups;
}

/** The groups, and what was wrong with the strategy, if anything: what was divided before that stays. */
export interface Groups {
  readonly groups: readonly Group[];
  readonly misconfigured?: MisconfiguredError;
}

/**
 * Divides the chosen clusters into decision groups: first those that the strategy names, in its order, then the
 * rest under an empty name; at least one group, though it be empty.
 */
export function decisionGroups(
  strategy: PlacementSpec['decisionStrategy'],
  selected: readonly ManagedCluster[],
): Groups {
  const { clustersPerDecisionGroup = 0, decisionGroups: named = [] } = strategy?.groupStrategy ?? {};
  const groups: Group[] = [];
  try {
    const length = groupLength(clustersPerDecisionGroup, selected.length);
    let rest = selected;
    for (const { groupName, groupClusterSelector } of named) {
      const matches = compileSelector(groupClusterSelector, '');
      groups.push(...divide(groupName, rest.filter(matches), length));
      rest = rest.filter((cluster) => !matches(cluster));
    }
    groups.push(...divide('', rest, length));
  } catch (error) {
    if (error instanceof MisconfiguredError) return { groups, misconfigured: error };
    throw error;
  }
  return { groups: groups.length === 0 ? [{ name: '', clusters: [] }] : groups };
}
