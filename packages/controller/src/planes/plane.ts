import type { CarbonMap, ZoneCode } from '@windvane/carbon-map';
import type { Outlook } from '../outlook/outlook.ts';
import type { CarbonPlacementStatus } from '../status/carbon-placement.ts';

/** A member or managed cluster, as the API and the console show it. */
export interface ClusterView {
  readonly name: string;
  readonly hub: string;
  readonly plane: 'karmada' | 'ocm';
  /** What names its place, as written on the cluster; null when nothing does. */
  readonly location: string | null;
  readonly zone: ZoneCode | null;
  readonly ready: boolean;
  /** Free resources as the plane reports them: CPU in millicores, memory in bytes; null when unknown. */
  readonly headroom: {
    readonly cpuMillis: number;
    readonly memoryBytes: number;
    readonly pods: number;
  } | null;
  /** Why it is left out of decisions; null when it takes part. */
  readonly excluded: string | null;
}

/** The status of one opted-in workload. */
export interface PlacementView extends CarbonPlacementStatus {
  readonly hub: string;
  readonly namespace: string;
  readonly name: string;
  /** The workload's kind. */
  readonly kind: string;
}

/** Writes of published scores since the start. A renewal says the same for longer. */
export interface ScoreWrites {
  readonly scores: number;
  readonly renewals: number;
}

/** One placement system on one hub. Everything it knows is served from memory. */
export interface Plane {
  readonly kind: 'karmada' | 'ocm';
  readonly hub: string;
  /** Connects, lists and begins to reconcile. Rejects only for a mistake that a user must mend. */
  start(): Promise<void>;
  /** Ends watches and waits for the writes in flight. */
  stop(): Promise<void>;
  connected(): boolean;
  /** Why it is not connected, for people; null when it is. */
  problem(): string | null;
  /** Why everything on the hub is frozen; null when it is not. */
  frozen(): string | null;
  clusters(): readonly ClusterView[];
  placements(): readonly PlacementView[];
  /** Of a plane that publishes scores. */
  scoreWrites?(): ScoreWrites;
  /**
   * A new version of the map is there, with the outlook that was worked out for it. Every unit is looked at again, unless
   * a plane sees that the version says nothing new; told a second time it always is.
   */
  mapChanged(map: CarbonMap, outlook: Outlook): void;
  /** No key is queued or being reconciled. */
  idle(): boolean;
}
