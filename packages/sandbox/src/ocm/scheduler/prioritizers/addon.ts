import type { AddOnPlacementScore, AddOnScore } from '../../types.ts';
import type { Prioritizer } from './prioritizer.ts';

const NONE: ReadonlyMap<string, number> = new Map();
const maps = new WeakMap<object, ReadonlyMap<string, number>>();

/** The scores of an object by name. Objects of the cache are replaced, never changed, so this is computed once. */
export function scoresOf(object: AddOnPlacementScore | undefined): ReadonlyMap<string, number> {
  const { scores } = object?.status ?? {};
  if (scores === undefined) return NONE;
  let map = maps.get(scores);
  if (map === undefined) {
    map = new Map(scores.map(({ name, value }) => [name, value]));
    maps.set(scores, map);
  }
  return map;
}

/** Milliseconds since the Unix epoch after which the scores of an object count for nothing. */
export function expiryOf(object: AddOnPlacementScore | undefined): number {
  const until = object?.status?.validUntil;
  return until === undefined ? Number.POSITIVE_INFINITY : Date.parse(until);
}

/** The value as it is written; 0 when the object, the name or the validity is missing. */
export function addOnPrioritizer({ resourceName, scoreName }: AddOnScore): Prioritizer {
  return (_clusters, { now, scoreObject }) =>
    ({ metadata }) => {
      const object = scoreObject(metadata.name, resourceName);
      if (object === undefined || now > expiryOf(object)) return 0;
      return scoresOf(object).get(scoreName) ?? 0;
    };
}
