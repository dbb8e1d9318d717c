import type { CarbonMap, Clock, LocationResolver, ZoneCode } from '@windvane/carbon-map';
import type { Decision } from '../../engine/decision.ts';
import type { PlacementProblem } from '../../engine/problem.ts';
import type { KubeApi } from '../../kube/api.ts';
import type { FleetLimits } from '../shared/fleet-limits.ts';
import type { PlaneLog } from '../shared/log.ts';
import type { ScoreScale } from './scores/published.ts';

export interface OcmPlaneConfig {
  /** The ceiling: under `observe` only status and Events are written. */
  readonly mode: 'observe' | 'act';
  /** Namespaces served; `*` stands for all. */
  readonly namespaces: readonly string[];
  /** Locations of clusters that carry none themselves, by cluster. */
  readonly clusterLocations?: Readonly<Record<string, string>>;
  /** Cluster claim that names a location, for clusters that nothing else names one for. */
  readonly locationClaim?: string | null;
  /** Scores for hand-written Placements; null publishes none. */
  readonly scores?: ScoreScale | null;
  /** Values of `windvane.dev/...` keys (written without the prefix) for what nobody says. */
  readonly defaults?: Readonly<Record<string, string>>;
  readonly limits?: FleetLimits;
}

export interface OcmPlaneOptions {
  /** Client of the hub cluster. */
  readonly kube: KubeApi;
  /** Name of the hub in the API. */
  readonly hub: string;
  readonly config: OcmPlaneConfig;
  readonly locations: LocationResolver;
  readonly decide: (problem: PlacementProblem) => Decision;
  readonly log: PlaneLog;
  /** A version of the map that is there before the first `mapChanged`. */
  readonly currentMap?: () => CarbonMap | null;
  /** Yearly average of a zone, for `on-stale-data: baseline`. */
  readonly baselineGrams?: (zone: ZoneCode) => number | null;
  /** Told of every decision that is new or acted upon. */
  readonly decided?: (decision: Decision, acted: boolean) => void;
  /** Whether this process is the one that writes; by default there is no other. The others serve what it wrote. */
  readonly leading?: () => boolean;
  /** Time in which decisions, cooldowns and savings are counted. */
  readonly clock?: Clock;
  /** Time in which connections are watched; the machine's own, also where `clock` runs faster. */
  readonly connectionClock?: Clock;
}
