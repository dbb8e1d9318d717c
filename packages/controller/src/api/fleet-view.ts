import type { CarbonMap, Instant, LocationResolver, MapStore } from '@windvane/carbon-map';
import type { Outlook } from '../outlook/outlook.ts';
import type { Plane } from '../planes/plane.ts';
import type { ScalerDesk } from '../scalers/desk.ts';

/** What the API reads of a plane. */
export type PlaneReader = Pick<
  Plane,
  'kind' | 'hub' | 'connected' | 'problem' | 'clusters' | 'placements' | 'scoreWrites'
>;

/**
 * Everything that the API reads. It changes nothing but what scalers report, and whatever answers these questions can
 * stand behind it.
 */
export interface FleetView {
  now(): Instant;
  /** The ceiling of the hub's configuration. */
  readonly mode: 'observe' | 'act';
  frozen(): boolean;
  /** The version that is being worked with; null before the first one. */
  map(): CarbonMap | null;
  /** Prices and expectations for the clusters, as decisions use them. */
  outlook(): Outlook;
  readonly resolver: LocationResolver;
  readonly store: Pick<MapStore, 'kind' | 'connected' | 'history'>;
  planes(): readonly PlaneReader[];
  readonly scalers: ScalerDesk;
}
