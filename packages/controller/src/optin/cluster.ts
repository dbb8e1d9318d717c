import { LocationError, type LocationResolver, quoted, type ZoneCode } from '@windvane/carbon-map';
import { PREFIX, userAnnotations } from './keys.ts';
import { toldOnHub } from './locations.ts';
import { nearMiss } from './near-miss.ts';
import { toldTogether } from './parse.ts';
import { decimal, oneOf, percent } from './values.ts';

/** What a cluster's object says of itself, as far as placement is concerned. */
export interface ClusterWords {
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Location from the hub's configuration. */
  readonly configured?: string | undefined;
  readonly provider?: string | undefined;
  readonly region?: string | undefined;
  /** Location from a claim that the hub's configuration names. */
  readonly claimed?: string | undefined;
}

/** Where a cluster stands and what was asked for it. */
export interface ClusterPlace {
  /** As written; null when nothing names a place. */
  readonly location: string | null;
  readonly zone: ZoneCode | null;
  readonly avoid: boolean;
  /** Part of 1. */
  readonly maxShare: number;
  readonly pue: number;
  /** Why it takes no part, with the remedy; null when it does. */
  readonly excluded: string | null;
}

const schemas = {
  avoid: oneOf('true', 'false'),
  'max-share': percent({ min: 0, max: 100 }),
  pue: decimal({ min: 1, max: 3 }),
};
const keys: readonly string[] = ['location', ...Object.keys(schemas)];

/** Order: annotation, label, configuration, region with provider or a configured claim. */
function writtenLocation(words: ClusterWords): { location: string; from: string } | null {
  const annotation = words.annotations?.[`${PREFIX}location`];
  if (annotation !== undefined) return { location: annotation, from: `annotation ${PREFIX}location` };
  const label = words.labels?.[`${PREFIX}location`];
  if (label !== undefined) return { location: label, from: `label ${PREFIX}location` };
  if (words.configured !== undefined) return { location: words.configured, from: 'the configuration' };
  if (words.claimed !== undefined) return { location: words.claimed, from: 'its cluster claim' };
  if (words.region === undefined || words.region === '') return null;
  if (words.provider === undefined || words.provider === '')
    return { location: words.region, from: 'spec.region' };
  return { location: `${words.provider}/${words.region}`, from: 'spec.provider and spec.region' };
}

function resolveZone(
  words: ClusterWords,
  locations: LocationResolver,
): Pick<ClusterPlace, 'location' | 'zone' | 'excluded'> {
  const written = writtenLocation(words);
  if (written === null) {
    return {
      location: null,
      zone: null,
      excluded: `nothing says where it stands; annotate it with ${PREFIX}location, for example aws/eu-west-1`,
    };
  }
  const { location, from } = written;
  try {
    const { zones } = locations.resolve(location);
    const [zone] = zones;
    if (zone !== undefined && zones.length === 1) return { location, zone, excluded: null };
    return {
      location,
      zone: null,
      excluded: `${from}: ${quoted(location)} has ${zones.length} zones; name one place`,
    };
  } catch (error) {
    if (!(error instanceof LocationError)) throw error;
    return { location, zone: null, excluded: `${from}: ${toldOnHub(error)}` };
  }
}

/** Reads a Cluster's or ManagedCluster's words. A mistake in them excludes the cluster and is named. */
export function placeOf(words: ClusterWords, locations: LocationResolver): ClusterPlace {
  const written = userAnnotations(words.annotations);
  const mistakes: string[] = [];
  for (const key of Object.keys(written)) {
    if (keys.includes(key)) continue;
    const near = nearMiss(key, keys);
    mistakes.push(
      `${PREFIX}${key} is not a key for clusters; ${near === null ? 'remove it' : `did you mean ${PREFIX}${near}?`}`,
    );
  }
  function read(key: keyof typeof schemas): string | number | null {
    const text = written[key];
    if (text === undefined) return null;
    const result = schemas[key].safeParse(text);
    if (result.success) return result.data;
    mistakes.push(
      `${PREFIX}${key}: ${quoted(text)} is not understood; ${result.error.issues[0]?.message ?? 'remove it'}`,
    );
    return null;
  }
  const avoid = read('avoid') === 'true';
  const maxShare = Number(read('max-share') ?? 1);
  const pue = Number(read('pue') ?? 1);
  const place = resolveZone(words, locations);
  if (place.excluded !== null) mistakes.push(place.excluded);
  const excluded = mistakes.length === 0 ? null : toldTogether(mistakes);
  return { ...place, avoid, maxShare, pue, excluded };
}
