import { LocationError, type LocationResolver, type ZoneCode } from '@windvane/carbon-map';
import type { OptInProblem } from './parse.ts';

/** Checks every list once. A name that means nothing is the user's to mend. */
export function locationProblems(
  lists: readonly (readonly string[])[],
  locations: LocationResolver,
): OptInProblem[] {
  const problems: OptInProblem[] = [];
  for (const list of lists) {
    for (const pattern of list) {
      try {
        locations.inside({ location: '', zone: '' }, [pattern]);
      } catch (error) {
        if (!(error instanceof LocationError)) throw error;
        problems.push({ reason: 'UnresolvedLocation', message: `windvane.dev/locations: ${error.message}` });
      }
    }
  }
  return problems;
}

/** Whether a cluster is inside one location of every list. Without a known place it is inside none. */
export function isAllowed(
  cluster: { readonly location: string | null; readonly zone: ZoneCode | null },
  lists: readonly (readonly string[])[],
  locations: LocationResolver,
): boolean {
  const { location, zone } = cluster;
  if (lists.length === 0) return true;
  if (location === null || zone === null) return false;
  return lists.every((list) => locations.inside({ location, zone }, list));
}
