import { LocationError, type LocationResolver, quoted, type ZoneCode } from '@windvane/carbon-map';
import { UserError } from '@windvane/controller/config';
import type { MetadataProblem } from './metadata.ts';

/** Where a trigger's location lies. */
export interface Place {
  readonly zone: ZoneCode | null;
  readonly problem: MetadataProblem | null;
}

/**
 * The zone of a location as written in a trigger.
 * @param written null for the place of the cluster itself
 * @param ownZone the cluster's, null when nobody says
 */
export function placeOf(
  written: string | null,
  ownZone: ZoneCode | null,
  resolver: Pick<LocationResolver, 'resolve'>,
): Place {
  const problem = (message: string): Place => ({ zone: null, problem: { key: 'location', message } });
  if (written === null) {
    if (ownZone !== null) return { zone: ownZone, problem: null };
    return problem(
      'location is missing, and the place of this cluster is not known: write a cloud region, zone or country, or set WINDVANE_LOCATION on the scaler',
    );
  }
  try {
    const { zones } = resolver.resolve(written);
    const [zone] = zones;
    if (zone !== undefined && zones.length === 1) return { zone, problem: null };
    return problem(
      `location ${quoted(written)} stands for ${zones.length} zones: write one cloud region or zone`,
    );
  } catch (error) {
    if (!(error instanceof LocationError)) throw error;
    return problem(error.message);
  }
}

/**
 * The zone of the cluster itself, as `WINDVANE_LOCATION` names it.
 * @param written null leaves it to the hub
 * @throws {UserError} for a location that is not one zone
 */
export function ownZoneOf(
  written: string | null,
  resolver: Pick<LocationResolver, 'resolve'>,
): ZoneCode | null {
  if (written === null) return null;
  const { zone, problem } = placeOf(written, null, resolver);
  if (problem !== null) throw new UserError(`WINDVANE_LOCATION: ${problem.message}`);
  return zone;
}
