import type { Clock } from '../runtime/clock.ts';
import type { Versions } from '../runtime/settling.ts';
import type { TriggerSource } from './scaler.ts';

export interface KedaStandInOptions {
  /** Kubeconfig text of the API server that serves KEDA's kinds. */
  readonly kubeconfig: string;
  readonly clock: Clock;
  /** What triggers of other types than `external` and `external-push` say, by type (none are known). */
  readonly sources?: Readonly<Record<string, TriggerSource>>;
  /** Connects to another address than the one that a trigger names: Services have none here. */
  readonly resolveAddress?: (scalerAddress: string) => string;
  /** Speaks the contract of KEDA 2.0 to 2.16, without floats (false). */
  readonly oldContract?: boolean;
  /** Milliseconds that a Job of a ScaledJob runs; null (the default) for ever. */
  readonly jobDuration?: (name: string) => number | null;
  /** Called after every poll of a ScaledObject, with what it came to. */
  readonly onPoll?: (poll: PollRecord) => void;
  /**
   * The API server's newest resourceVersion. When given, `settled` asks the server only when it changed.
   */
  readonly resourceVersion?: Versions;
  /** Told of failed attempts that are going to be retried; nobody by default. */
  readonly onError?: (component: string, key: string, error: unknown) => void;
}

/** One turn of the scale loop of a ScaledObject. */
export interface PollRecord {
  /** Milliseconds since the Unix epoch. */
  readonly at: number;
  readonly namespace: string;
  readonly name: string;
  readonly active: boolean;
  readonly error: boolean;
  /** Replicas of the target after it. */
  readonly replicas: number;
  /** What each trigger said, null for one that failed. */
  readonly values: readonly (number | null)[];
}

/** Running stand-ins for KEDA's operator and metrics adapter, and Kubernetes' autoscaler. */
export interface KedaStandIn {
  /** Nothing is queued or in progress; timers of the clock do not count. */
  idle(): boolean;
  /** Resolves once idle and equal to the API server's state. */
  settled(): Promise<void>;
  /** Calls of each method so far. */
  calls(): Readonly<Record<string, number>>;
  stop(): Promise<void>;
}
