import type { PlaneConfig, PlaneOptions } from '../shared/options.ts';
import type { ScoreScale } from './scores/published.ts';

export interface OcmPlaneConfig extends PlaneConfig {
  /** Cluster claim that names a location, for clusters that nothing else names one for. */
  readonly locationClaim?: string | null;
  /** Scores for hand-written Placements; null publishes none. */
  readonly scores?: ScoreScale | null;
}

/** `kube` is a client of the hub cluster. */
export type OcmPlaneOptions = PlaneOptions<OcmPlaneConfig>;
