import { LocationError, type LocationResolver, quoted, type ZoneCode } from '@windvane/carbon-map';
import type { OptInProblem } from './parse.ts';

/** The message of the resolver, with what may be done on the hub as well. */
export function toldOnHub({ kind, message }: LocationError): string {
  return kind === 'unknown'
    ? `${message}, or add it to carbon.locations in the hub's configuration`
    : message;
}

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
        problems.push({
          reason: 'UnresolvedLocation',
          message: `windvane.dev/locations: ${toldOnHub(error)}`,
        });
      }
    }
  }
  return problems;
}

/** Most clusters that a message names. */
const NAMED = 8;

/** Where a cluster stands, and why it takes no part, as far as `locations` ask for it. */
interface PlacedCluster {
  readonly name: string;
  readonly place: {
    readonly location: string | null;
    readonly zone: ZoneCode | null;
    readonly excluded: string | null;
  };
}

/** Says that the lists leave none of the clusters, with the remedy; null when they leave one. */
export function noneAllowed(
  clusters: readonly PlacedCluster[],
  lists: readonly (readonly string[])[],
  locations: LocationResolver,
): string | null {
  if (clusters.length === 0 || clusters.some(({ place }) => isAllowed(place, lists, locations))) return null;
  const written = [...new Set(lists.map((list) => quoted(list.join(', '))))];
  const names = clusters.map(({ name }) => name);
  const shown = names.length > NAMED ? [...names.slice(0, NAMED), `${names.length - NAMED} more`] : names;
  const lost = clusters.find(({ place }) => place.excluded !== null);
  const hint = lost === undefined ? '' : ` (${lost.name}: ${lost.place.excluded ?? ''})`;
  const none =
    written.length === 1 ? `${written[0] ?? ''} holds none` : `${written.join(' and ')} leave together none`;
  return `windvane.dev/locations: ${none} of ${shown.join(', ')}${hint}: widen it`;
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
