import type { RunOnceKind } from '../../dispatch/kinds.ts';
import type { PlaneConfig, PlaneOptions } from '../shared/options.ts';

export interface KarmadaPlaneConfig extends PlaneConfig {
  /** Kinds besides Job whose objects are dispatched. */
  readonly runOnceKinds?: readonly RunOnceKind[];
}

/** `kube` is a client of the karmada-apiserver. */
export type KarmadaPlaneOptions = PlaneOptions<KarmadaPlaneConfig>;
