import type { CarbonMap, Clock, LocationResolver, ZoneCode } from '@windvane/carbon-map';
import type { Decision } from '../../engine/decision.ts';
import type { PlacementProblem } from '../../engine/problem.ts';
import type { KubeApi } from '../../kube/api.ts';
import type { FleetLimits } from './fleet-limits.ts';
import type { PlaneLog } from './log.ts';

/** What is configured for a plane of any kind. */
export interface PlaneConfig {
  /** The ceiling: under `observe` only status and Events are written. */
  readonly mode: 'observe' | 'act';
  /** Namespaces served; `*` stands for all. */
  readonly namespaces: readonly string[];
  /** Locations of clusters that carry none themselves, by cluster. */
  readonly clusterLocations?: Readonly<Record<string, string>>;
  /** Values of `windvane.dev/...` keys (written without the prefix) for what nobody says. */
  readonly defaults?: Readonly<Record<string, string>>;
  readonly limits?: FleetLimits;
}

/** What a plane of any kind runs on. */
export interface PlaneOptions<Config extends PlaneConfig = PlaneConfig> {
  /** Client of the hub's API server. */
  readonly kube: KubeApi;
  /** Name of the hub in the API. */
  readonly hub: string;
  readonly config: Config;
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
