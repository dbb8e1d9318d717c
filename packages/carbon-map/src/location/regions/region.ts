import type { ZoneCode } from '../../model/reading.ts';

/** Where one cloud region stands. */
export interface RegionRow {
  /** The provider's own name of the region, in lower case. */
  readonly region: string;
  readonly zone: ZoneCode;
  /** City or area, for people. */
  readonly place: string;
  /** Why this zone, where public tables disagree or none is certain. */
  readonly reason?: string;
}
