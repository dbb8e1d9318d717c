import type { KubeObject } from '../runtime/client/object.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Versions } from '../runtime/settling.ts';

/** A member cluster that the stand-ins keep in memory. */
export interface MemberOptions {
  readonly name: string;
  readonly provider?: string;
  readonly region?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Whether its API server can be reached (true). */
  readonly ready?: boolean;
  /** Allocatable CPU, a quantity (`1000`). */
  readonly cpu?: string;
  /** Allocatable memory, a quantity (`4000Gi`). */
  readonly memory?: string;
  /** Allocatable pods (10000). */
  readonly pods?: number;
  /** Kinds that it serves; by default the built-in ones and KEDA's. */
  readonly apis?: readonly { readonly groupVersion: string; readonly kinds: readonly string[] }[];
}

/** Names a workload. */
export interface WorkloadRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Milliseconds from a pod's creation until it is ready; null when it never is. */
export type PodStartup = (cluster: string, workload: WorkloadRef, replicaIndex: number) => number | null;

export interface KarmadaStandInOptions {
  /** Kubeconfig text of the hub's API server. */
  readonly kubeconfig: string;
  readonly clock: Clock;
  readonly members: readonly MemberOptions[];
  /** At once by default. */
  readonly podStartup?: PodStartup;
  /** Milliseconds that the pods of a Job run once ready; null (the default) for ever. */
  readonly jobDuration?: (cluster: string, workload: WorkloadRef) => number | null;
  /** The order in which the members of one workload are brought up to date; removals, then names, by default. */
  readonly memberOrder?: (names: readonly string[]) => readonly string[];
  /** Milliseconds between the updates of two members of one workload (0). */
  readonly memberDelay?: number;
  /** The scheduler's `--enable-empty-workload-propagation` (false). */
  readonly emptyWorkloadPropagation?: boolean;
  /**
   * The API server's newest resourceVersion. When given, `idle` also waits until the stand-ins have seen all
   * that others wrote.
   */
  readonly resourceVersion?: Versions;
  /** Told of failed attempts that are going to be retried; nobody by default. */
  readonly onError?: (component: string, key: string, error: unknown) => void;
}

/** Numbers of one workload over all members, at one moment. */
export interface ReplicaTotals {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly replicas: number;
  readonly available: number;
  /** By cluster; members without the workload are left out. */
  readonly clusters: Readonly<Record<string, { readonly replicas: number; readonly available: number }>>;
}

/** A look into the members, and the hands of somebody who works there. */
export interface Members {
  readonly names: readonly string[];
  /** Pods of a workload now; zeros when no member has it. */
  totals(namespace: string, name: string, kind?: string): ReplicaTotals;
  /** Every distinct state of a workload since the start, oldest first. */
  history(namespace: string, name: string, kind?: string): readonly ReplicaTotals[];
  /** Called after each change of a workload; returns what ends that. */
  subscribe(listener: (workload: WorkloadRef, totals: ReplicaTotals) => void): () => void;
  /** The object that a member holds, status included. */
  get(cluster: string, kind: string, namespace: string, name: string): KubeObject | undefined;
  /** All objects of a member. */
  list(cluster: string): readonly KubeObject[];
  /** Changes an object inside a member, as its admins or controllers do (KEDA's scaling, say). */
  edit(
    cluster: string,
    kind: string,
    namespace: string,
    name: string,
    change: (object: KubeObject) => KubeObject,
  ): void;
  /** Puts an object into a member past Karmada. */
  place(cluster: string, object: KubeObject): void;
}

/** Running stand-ins for Karmada's webhook, detector, scheduler, binding and execution controllers and agents. */
export interface KarmadaStandIns {
  readonly members: Members;
  /** Nothing is queued or in progress and every write has been seen; timers of the clock do not count. */
  idle(): boolean;
  /** Resolves once `idle` and equal to the API server's state, watches included. */
  settled(): Promise<void>;
  /** Makes a member reachable or not: its Cluster's Ready condition and taint follow. */
  setReady(cluster: string, ready: boolean): void;
  /** Changes what a member serves, as the installation of an operator does. */
  setApis(cluster: string, apis: NonNullable<MemberOptions['apis']>): void;
  /** For pods created from now on. */
  setPodStartup(podStartup: PodStartup): void;
  setMemberOrder(memberOrder: (names: readonly string[]) => readonly string[]): void;
  /** Forgets everything but the members: all templates count as changed by their users, as after a real restart. */
  restartControllerManager(): void;
  stopControllerManager(): void;
  startControllerManager(): void;
  restartScheduler(): void;
  stopScheduler(): void;
  startScheduler(): void;
  /** Writes so far that changed something on the API server. */
  writes(): number;
  /** Ends watches and queues; Cluster objects and Works stay. */
  stop(): Promise<void>;
}
