import type { ZoneCode } from '../model/reading.ts';

/** What a written location stands for. A group has several zones, everything else one. */
export interface ResolvedLocation {
  /** As the user wrote it. */
  readonly location: string;
  readonly zones: readonly ZoneCode[];
  /** Where the answer comes from, for people: `cloud region aws/eu-central-1`, `zone`, `country`, `group EU`, `override`. */
  readonly source: string;
}

/** The location is not known, or means several things. `candidates` are near misses or the possible readings. */
export class LocationError extends Error {
  override readonly name = 'LocationError';
  readonly location: string;
  readonly kind: 'unknown' | 'ambiguous';
  readonly candidates: readonly string[];

  constructor(
    kind: 'unknown' | 'ambiguous',
    location: string,
    candidates: readonly string[],
    message: string,
  ) {
    super(message);
    this.kind = kind;
    this.location = location;
    this.candidates = candidates;
  }
}

/** Turns what users write into zones. Case-insensitive; the same resolver serves everything. */
export interface LocationResolver {
  /**
   * One location. Throws {@link LocationError}: also for a country that is several grids (`US`),
   * which names no place; {@link expand} takes it in a list.
   */
  resolve(location: string): ResolvedLocation;
  /**
   * Every zone that a list of locations, countries, groups and globs covers, without repeats, in the order written.
   * Throws {@link LocationError} for a pattern that matches nothing known.
   */
  expand(patterns: readonly string[]): readonly ZoneCode[];
  /**
   * Whether a cluster that stands at `location` in `zone` is inside one of `patterns` (locations, groups or globs).
   * A group or country holds every zone in it. Throws {@link LocationError} for a pattern that matches nothing known.
   */
  inside(cluster: { location: string; zone: ZoneCode }, patterns: readonly string[]): boolean;
  /** English name of a zone, or the code itself. */
  zoneName(zone: ZoneCode): string;
}
