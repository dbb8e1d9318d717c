import type { Hub } from '../runtime/client/hub.ts';
import type { Informer } from '../runtime/client/informer.ts';
import type { KubeObject } from '../runtime/client/object.ts';
import type { Clock } from '../runtime/clock.ts';
import type { Activity } from './activity.ts';
import type { PollRecord } from './options.ts';
import type { ObjectScalers } from './scaled-object/metrics.ts';
import type { ScalerContext } from './scaler.ts';
import type { Hpa, ScaledJob, ScaledObject, Workload } from './types.ts';

/** What every part of the stand-in works with. */
export interface Parts {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly context: ScalerContext;
  readonly activity: Activity;
  readonly objects: Informer<ScaledObject>;
  readonly scaledJobs: Informer<ScaledJob>;
  readonly hpas: Informer<Hpa>;
  readonly deployments: Informer<Workload>;
  readonly jobs: Informer<KubeObject>;
  /** Scalers of the ScaledObjects whose loops run, by key. */
  readonly running: Map<string, ObjectScalers>;
  readonly onPoll: (poll: PollRecord) => void;
  readonly jobDuration: (name: string) => number | null;
}
