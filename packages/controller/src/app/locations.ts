import {
  createLocationResolver,
  LocationError,
  type LocationResolver,
  type ZoneCode,
} from '@windvane/carbon-map';
import type { HubConfig } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';

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

function naming<T>(field: string, task: () => T): T {
  try {
    return task();
  } catch (error) {
    throw error instanceof LocationError ? new UserError(`${field}: ${error.message}`) : error;
  }
}
