import {
  createLocationResolver,
  LocationError,
  type LocationResolver,
  quoted,
  type ZoneCode,
} from '@windvane/carbon-map';
import type { HubConfig } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';
import { parseOptIn } from '../optin/parse.ts';

/** The resolver with the names of the configuration. Throws UserError for one that names no zone. */
export function createConfiguredResolver(carbon: HubConfig['carbon']): LocationResolver {
  return naming('carbon.locations', () => createLocationResolver({ overrides: carbon.locations }));
}

/** The zones of a list of the configuration. Throws UserError, with near misses, for what is not known. */
export function zonesOf(
  written: readonly string[],
  field: string,
  resolver: LocationResolver,
): readonly ZoneCode[] {
  return written.length === 0 ? [] : naming(field, () => resolver.expand(written));
}

/**
 * Every place in the configuration that no map or workload would tell of until it is needed: where clusters stand, where
 * the defaults keep workloads, and the zones of sources and prices. One line each.
 */
export function placeMistakes(config: HubConfig, resolver: LocationResolver): readonly string[] {
  const clusters = (['karmada', 'ocm'] as const).flatMap((plane) =>
    Object.entries(config[plane]?.clusterLocations ?? {}).flatMap(([cluster, location]) =>
      mistakesOf(`${plane}.clusterLocations.${cluster}`, () => void resolver.resolve(location)),
    ),
  );
  const { locations } = parseOptIn('hub', 'defaults', config.defaults, null).values;
  return [
    ...clusters,
    ...(locations ?? []).flatMap((pattern) =>
      mistakesOf('defaults.locations', () => void resolver.expand([pattern])),
    ),
    ...sourceMistakes(config.carbon, resolver),
    ...priceMistakes(config, resolver),
  ];
}

/** The zones of sources that are none, one line each. */
export function sourceMistakes(carbon: HubConfig['carbon'], resolver: LocationResolver): readonly string[] {
  return carbon.providers
    .flatMap((provider, index) => {
      const field = `carbon.providers[${index}]`;
      if (provider.type === 'watttime') return zoneKeys(`${field}.places`, provider.places);
      if (provider.type === 'uk-carbon-intensity') return zoneKeys(`${field}.regions`, provider.regions);
      if (provider.type === 'energy-charts') return zoneKeys(`${field}.countries`, provider.countries);
      if (provider.type === 'carbon-aware-sdk') return zoneKeys(`${field}.locations`, provider.locations);
      return provider.type === 'prometheus' ? zoneKeys(`${field}.queries`, provider.queries) : [];
    })
    .flatMap(([field, zone]) => zoneMistakes(field, zone, resolver));
}

function priceMistakes({ prices }: HubConfig, resolver: LocationResolver): readonly string[] {
  return (prices?.electricity ?? [])
    .flatMap((entry, index) => {
      const field = `prices.electricity[${index}]`;
      if (entry.type === 'static') return zoneKeys(`${field}.prices`, entry.prices);
      if (entry.type === 'time-of-use') return zoneKeys(`${field}.tariffs`, entry.tariffs);
      return entry.type === 'energy-charts' ? zoneKeys(`${field}.biddingZones`, entry.biddingZones) : [];
    })
    .flatMap(([field, zone]) => zoneMistakes(field, zone, resolver));
}

/** Zones that are keys of an object, each with its field. */
function zoneKeys(field: string, byZone: object = {}): readonly (readonly [string, ZoneCode])[] {
  return Object.keys(byZone).map((zone) => [`${field}.${zone}`, zone]);
}

/** Sources and prices go by the code of a zone, letter for letter. */
function zoneMistakes(field: string, zone: ZoneCode, resolver: LocationResolver): readonly string[] {
  if (resolver.zoneName(zone) !== zone) return [];
  return mistakesOf(field, () => {
    const { zones } = resolver.resolve(zone);
    throw new UserError(`${field}: ${quoted(zone)} is not the code of a zone: write ${zones.join(' or ')}`);
  });
}

function mistakesOf(field: string, task: () => void): readonly string[] {
  try {
    naming(field, task);
    return [];
  } catch (error) {
    if (error instanceof UserError) return error.lines;
    throw error;
  }
}

function naming<T>(field: string, task: () => T): T {
  try {
    return task();
  } catch (error) {
    throw error instanceof LocationError ? new UserError(`${field}: ${error.message}`) : error;
  }
}
