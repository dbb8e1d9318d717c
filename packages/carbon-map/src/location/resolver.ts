import type { ZoneCode } from '../model/reading.ts';
import { COUNTRY_ALIASES, countryOf, inEuropeanUnion, isNationalMean } from './country.ts';
import { LocationError, type LocationResolver, type ResolvedLocation } from './location.ts';
import { nearMisses } from './near-miss.ts';
import { quoted } from './quoted.ts';
import { type NamedRegion, regionTable } from './region-table.ts';
import { zoneList } from './zone-list.ts';

export interface LocationResolverOptions {
  /** Locations of the user's own (`berlin-dc`) or in place of ours (`aws/us-west-2`), each with its zone. */
  readonly overrides?: Readonly<Record<string, ZoneCode>>;
  /** Zones beyond the list, with their names: those of a replayed file, for example. */
  readonly zones?: Readonly<Record<ZoneCode, string>>;
}

/** What one pattern of a list matches. */
interface Match {
  readonly zones: readonly ZoneCode[];
  /** Whether a cluster is inside; regions and overrides compare places, everything else zones. */
  holds(cluster: { location: string; zone: ZoneCode }): boolean;
}

/** What a user may write where one place is meant, and in a list. */
const ONE_PLACE = 'a cloud region, an Electricity Maps zone or an ISO country';
const IN_A_LIST = 'a cloud region, an Electricity Maps zone, an ISO country or a group (EU)';

const GROUPS: Readonly<Record<string, (zone: ZoneCode) => boolean>> = { EU: inEuropeanUnion };

/** The resolver of section 2. Throws {@link LocationError} when an override names a zone that is not known. */
export function createLocationResolver(options: LocationResolverOptions = {}): LocationResolver {
  const listed = zoneList().zones;
  const names = new Map<ZoneCode, string>();
  for (const { zone, name } of listed.values()) names.set(zone, name);
  for (const [zone, name] of Object.entries(options.zones ?? {})) names.set(zone, name);
  const canonical = new Map<string, ZoneCode>();
  for (const zone of names.keys()) canonical.set(zone.toUpperCase(), zone);

  const overrides = new Map<string, ZoneCode>();
  for (const [location, zone] of Object.entries(options.overrides ?? {})) {
    overrides.set(location.trim().toLowerCase(), overrideZone(location, zone));
  }
  const { byId, byBare } = regionTable(overrides);

  function overrideZone(location: string, zone: string): ZoneCode {
    const known = canonical.get(zone.toUpperCase());
    if (known !== undefined) return known;
    const near = nearMisses(zone, names.keys());
    throw new LocationError(
      'unknown',
      zone,
      near,
      `location override ${quoted(location)} names the zone ${quoted(zone)}, which is not known${suggest(near)}; use an Electricity Maps zone code`,
    );
  }

  /** Zones of a country that are grids: without the national mean when its areas are listed. */
  function gridsWhere(accept: (zone: ZoneCode) => boolean): readonly ZoneCode[] {
    return [...names.keys()].filter((zone) => accept(zone) && !isNationalMean(zone));
  }

  function resolveBare(location: string, regions: readonly NamedRegion[]): ResolvedLocation {
    const zones = [...new Set(regions.map((region) => region.zone))];
    const ids = regions.map((region) => region.id);
    if (zones.length > 1) throw ambiguous(location, ids, 'write the provider as well');
    return { location, zones, source: `cloud region ${ids.join(', ')}` };
  }

  /** @param forms what a message tells to write instead. */
  function resolve(location: string, forms = ONE_PLACE): ResolvedLocation {
    const written = location.trim();
    const lower = written.toLowerCase();
    const upper = written.toUpperCase();
    const override = overrides.get(lower);
    if (override !== undefined) return { location, zones: [override], source: 'override' };
    const region = byId.get(lower);
    if (region !== undefined) return { location, zones: [region.zone], source: `cloud region ${region.id}` };
    const group = GROUPS[upper];
    if (group !== undefined) return { location, zones: gridsWhere(group), source: `group ${upper}` };
    const zone = canonical.get(upper);
    if (zone !== undefined && !isNationalMean(zone)) return { location, zones: [zone], source: 'zone' };
    const country = COUNTRY_ALIASES[upper] ?? upper;
    const grids = gridsWhere((candidate) => countryOf(candidate) === country);
    const own =
      grids.find((candidate) => candidate === country) ?? (grids.length === 1 ? grids[0] : undefined);
    if (own !== undefined) return { location, zones: [own], source: 'country' };
    if (grids.length > 1) {
      throw ambiguous(
        location,
        grids,
        'write the zone or the cloud region; a whole country is understood in lists only',
      );
    }
    const bare = byBare.get(lower);
    if (bare !== undefined) return resolveBare(location, bare);
    throw unknown(location, forms);
  }

  /** The places that a written location may mean: full region names and the text itself. */
  function placesOf(location: string): ReadonlySet<string> {
    const lower = location.trim().toLowerCase();
    return new Set([lower, ...(byBare.get(lower) ?? []).map((region) => region.id)]);
  }

  function match(pattern: string): Match {
    const written = pattern.trim();
    const upper = written.toUpperCase();
    const lower = written.toLowerCase();
    if (written.includes('*') || written.includes('?')) return matchGlob(pattern);
    const group = GROUPS[upper];
    if (group !== undefined && !overrides.has(lower)) {
      return { zones: gridsWhere(group), holds: (cluster) => group(cluster.zone) };
    }
    const country = COUNTRY_ALIASES[upper] ?? upper;
    const ofCountry = gridsWhere((zone) => countryOf(zone) === country);
    if (ofCountry.length > 0 && !overrides.has(lower)) {
      return { zones: ofCountry, holds: (cluster) => countryOf(cluster.zone) === country };
    }
    const regions = byBare.get(lower);
    const places = placesOf(pattern);
    // A bare name that two providers share is no riddle in a list: it means both.
    const zones =
      regions === undefined
        ? resolve(pattern, IN_A_LIST).zones
        : [...new Set(regions.map((region) => region.zone))];
    const isPlace = regions !== undefined || byId.has(lower) || overrides.has(lower);
    return {
      zones,
      holds: isPlace
        ? (cluster) => [...placesOf(cluster.location)].some((place) => places.has(place))
        : (cluster) => zones.includes(cluster.zone),
    };
  }

  function matchGlob(pattern: string): Match {
    const test = globTest(pattern.trim());
    const zones = new Set(gridsWhere(test));
    let known = zones.size > 0;
    for (const { id, bare, zone } of byId.values()) {
      if (!test(id) && !test(bare)) continue;
      known = true;
      zones.add(zone);
    }
    for (const [location, zone] of overrides) {
      if (!test(location)) continue;
      known = true;
      zones.add(zone);
    }
    if (!known) throw unknown(pattern, IN_A_LIST);
    return {
      zones: [...zones],
      holds: (cluster) =>
        test(cluster.zone) ||
        [...placesOf(cluster.location)].some((place) => test(place) || test(byId.get(place)?.bare ?? place)),
    };
  }

  function ambiguous(location: string, candidates: readonly string[], remedy: string): LocationError {
    const shown =
      candidates.length > 8 ? [...candidates.slice(0, 8), `${candidates.length - 8} more`] : candidates;
    return new LocationError(
      'ambiguous',
      location,
      candidates,
      `location ${quoted(location)} is ambiguous: ${shown.join(', ')}; ${remedy}`,
    );
  }

  function unknown(location: string, forms: string): LocationError {
    const all = [
      ...byBare.keys(),
      ...byId.keys(),
      ...names.keys(),
      ...Object.keys(GROUPS),
      ...overrides.keys(),
    ];
    const near = nearMisses(location.trim(), new Set(all));
    return new LocationError(
      'unknown',
      location,
      near,
      `location ${quoted(location)} is not known${suggest(near)}; write ${forms}`,
    );
  }

  return {
    resolve: (location) => resolve(location),
    expand: (patterns) => [...new Set(patterns.flatMap((pattern) => match(pattern).zones))],
    inside: (cluster, patterns) => {
      // Every pattern is looked at, so that a misspelt one is told whatever the others say.
      const matches = patterns.map(match);
      return matches.some((candidate) => candidate.holds(cluster));
    },
    zoneName: (zone) => names.get(zone) ?? zone,
  };
}

function suggest(near: readonly string[]): string {
  return near.length === 0 ? '' : ` (did you mean ${near.join(', ')}?)`;
}

function globTest(glob: string): (text: string) => boolean {
  const source = glob
    .replaceAll(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const pattern = new RegExp(`^${source}$`, 'i');
  return (text) => pattern.test(text);
}
