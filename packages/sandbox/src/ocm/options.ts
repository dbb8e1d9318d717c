import type { KubeObject } from '../runtime/client/object.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Versions } from '../runtime/settling.ts';
import type { Taint } from './types.ts';

/** A managed cluster that the stand-ins register and run an agent for. */
export interface ManagedClusterOptions {
  readonly name: string;
  /** Beside those, no label is set: one for the set, for instance. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly claims?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** Allocatable CPU and capacity, a quantity (`1000`). */
  readonly cpu?: string;
  /** Allocatable memory and capacity, a quantity (`4000Gi`). */
  readonly memory?: string;
  /** Whether its API server answers (true). */
  readonly available?: boolean;
}

/** How a cluster deals with one ManifestWork. Durations in milliseconds. */
export interface WorkPlan {
  /** From the arrival of a spec until it is applied (0); null: never. */
  readonly applyAfter?: number | null;
  /** Applying fails with this message. */
  readonly failure?: string;
  /** From applying until the pods of its workloads are ready (0); null: never. */
  readonly readyAfter?: number | null;
  /** From deletion until everything is gone (0); null: never. */
  readonly removeAfter?: number | null;
}

/** Names a ManifestWork by its cluster and, when it has one, its ManifestWorkReplicaSet (`namespace/name`). */
export interface WorkRef {
  readonly cluster: string;
  readonly name: string;
  readonly replicaSet: string | undefined;
}

export interface OcmStandInOptions {
  /** Kubeconfig text of the hub's API server. */
  readonly kubeconfig: string;
  readonly clock: Clock;
  readonly clusters: readonly ManagedClusterOptions[];
  /** All at once by default. Asked when a spec arrives and when a work is deleted. */
  readonly workPlan?: (work: WorkRef) => WorkPlan;
  /** The feature gate ManifestWorkReplicaSet (true; OCM's own default is false): without it nothing happens. */
  readonly manifestWorkReplicaSet?: boolean;
  /**
   * The API server's newest resourceVersion. When given, `idle` also waits until the stand-ins have seen all
   * that others wrote.
   */
  readonly resourceVersion?: Versions;
  /** Told of failed attempts that are going to be retried; nobody by default. */
  readonly onError?: (component: string, key: string, error: unknown) => void;
}

/** Where the work of one ManifestWorkReplicaSet was at one moment. */
export interface WorkPlaces {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  /** Clusters that hold its manifests, in alphabetical order. */
  readonly applied: readonly string[];
  /** Those in which all of its pods are ready. */
  readonly ready: readonly string[];
}

/** A look into the managed clusters. */
export interface ManagedClusters {
  readonly names: readonly string[];
  /** Where the work of a ManifestWorkReplicaSet is now. */
  places(namespace: string, name: string): WorkPlaces;
  /** Every distinct state of it since the start, oldest first. */
  history(namespace: string, name: string): readonly WorkPlaces[];
  /** The manifests that a cluster holds, status included. */
  list(cluster: string): readonly KubeObject[];
}

/** Running stand-ins for OCM's placement, registration and work controllers and its agents. */
export interface OcmStandIns {
  readonly clusters: ManagedClusters;
  /** Nothing is queued or in progress and every write has been seen; timers of the clock do not count. */
  idle(): boolean;
  /** Resolves once `idle` and equal to the API server's state, watches included. */
  settled(): Promise<void>;
  /** The cluster's own API server answers or not: condition and taint follow, the work stays. */
  setAvailable(cluster: string, available: boolean): void;
  /** Cuts a cluster off: its lease runs out after five times its duration, its agents do nothing. */
  disconnect(cluster: string): void;
  connect(cluster: string): void;
  /** For specs that arrive, and works that are deleted, from now on. */
  setWorkPlan(workPlan: (work: WorkRef) => WorkPlan): void;
  stopPlacement(): void;
  /** Also looks at everything again, as a restarted controller does. */
  startPlacement(): void;
  stopRegistration(): void;
  startRegistration(): void;
  stopWork(): void;
  startWork(): void;
  /** Writes so far that changed something on the API server. */
  writes(): number;
  /** Ends watches and queues; the objects stay. */
  stop(): Promise<void>;
}
