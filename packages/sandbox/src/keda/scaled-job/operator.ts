import { mergePatch } from '../../runtime/client/merge-patch.ts';
import {
  annotationOf,
  asObject,
  formatTime,
  isDeleting,
  type KubeObject,
  keyOf,
  labelOf,
} from '../../runtime/client/object.ts';
import { type Condition, setCondition } from '../../runtime/conditions.ts';
import { createWorkQueue, type WorkQueue } from '../../runtime/work-queue.ts';
import type { Parts } from '../parts.ts';
import { JOB, SCALED_JOB } from '../resources.ts';
import { buildScaler, type Scaler } from '../scaler.ts';
import type { ScaledJob, ScaledJobStatus } from '../types.ts';
import { demandOf, type JobTrigger, jobsToCreate } from './strategy.ts';

const WRITER = 'keda';
const SECOND = 1000;
const DEFAULT_POLLING_SECONDS = 30;
const DEFAULT_MAX = 100;
const NAME_LABEL = 'scaledjob.keda.sh/name';
const PAUSED = 'autoscaling.keda.sh/paused';

/**
 * KEDA's operator for ScaledJobs: starts Jobs while triggers are active, with the default strategy and
 * rollout. Finished Jobs are not tidied away.
 */
export function createJobOperator(
  parts: Parts,
  onError: (key: string, error: unknown) => void,
): { queue: WorkQueue; stop(): void } {
  const loops = new Map<
    string,
    { readonly generation: number; readonly scalers: readonly Scaler[]; stopped: boolean }
  >();
  let made = 0;
  const queue = createWorkQueue({ reconcile, onError });
  parts.scaledJobs.store.subscribe(({ key, before, after }) => {
    const same = before?.metadata.generation === after?.metadata.generation;
    const paused = (object: ScaledJob | undefined): string | undefined =>
      object === undefined ? undefined : annotationOf(object, PAUSED);
    if (!same || paused(before) !== paused(after)) queue.add(key);
  });

  const jobsOf = (object: ScaledJob): KubeObject[] =>
    [...parts.jobs.store.values()].filter(
      (job) =>
        job.metadata.namespace === object.metadata.namespace &&
        labelOf(job, NAME_LABEL) === object.metadata.name,
    );
  const isFinished = (job: KubeObject): boolean => asObject(job.status)['completionTime'] !== undefined;

  async function status(
    object: ScaledJob,
    next: Omit<Condition, 'lastTransitionTime'>,
    more: Partial<ScaledJobStatus> = {},
  ): Promise<void> {
    const before = object.status ?? {};
    const conditions = setCondition(before.conditions, next, formatTime(parts.clock.now()));
    const patch = mergePatch(before, { ...before, ...more, conditions });
    if (patch !== undefined) await parts.hub.patch(SCALED_JOB, object, { status: patch }, WRITER, 'status');
  }

  async function reconcile(key: string): Promise<void> {
    const object = parts.scaledJobs.store.get(key);
    const loop = loops.get(key);
    const generation = object?.metadata.generation ?? 0;
    if (loop !== undefined) loop.stopped = true;
    loops.delete(key);
    if (object?.spec === undefined || isDeleting(object) || annotationOf(object, PAUSED) === 'true') return;
    const { name, namespace = '' } = object.metadata;
    const triggersTypes = object.spec.triggers.map(({ type }) => type).join(',');
    // A changed spec ends the Jobs of the old one, unless the rollout is gradual.
    if (loop !== undefined && loop.generation !== generation && object.spec.rollout?.strategy !== 'gradual') {
      for (const job of jobsOf(object)) if (!isFinished(job)) await parts.hub.remove(JOB, job);
    }
    try {
      const scalers = object.spec.triggers.map((trigger, index) => {
        if (trigger.metricType !== undefined)
          throw new Error('metricType is set in one of the ScaledJob triggers');
        return buildScaler(parts.context, { name, namespace }, trigger, index);
      });
      const started = { generation, scalers, stopped: false };
      loops.set(key, started);
      const reason = 'ScaledJobReady';
      await status(
        object,
        {
          type: 'Ready',
          status: 'True',
          reason,
          message: 'ScaledJob is defined correctly and is ready to scaling',
        },
        { triggersTypes },
      );
      turn(key, started);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      await status(
        object,
        { type: 'Ready', status: 'False', reason: 'ScaledJobCheckFailed', message },
        { triggersTypes },
      );
    }
  }

  function turn(key: string, loop: { readonly scalers: readonly Scaler[]; readonly stopped: boolean }): void {
    if (loop.stopped) return;
    parts.activity.run(() => poll(key, loop.scalers));
    const seconds = parts.scaledJobs.store.get(key)?.spec?.pollingInterval ?? DEFAULT_POLLING_SECONDS;
    parts.clock.after(seconds * SECOND, () => turn(key, loop));
  }

  /** A trigger that cannot be asked is skipped in silence. */
  async function readAll(scalers: readonly Scaler[]): Promise<JobTrigger[]> {
    const read = await Promise.all(
      scalers.map(async (scaler): Promise<JobTrigger[]> => {
        try {
          const [metric] = await scaler.metrics();
          if (metric === undefined) return [];
          return [{ ...(await scaler.read(metric.name)), target: metric.target }];
        } catch {
          return [];
        }
      }),
    );
    return read.flat();
  }

  async function poll(key: string, scalers: readonly Scaler[]): Promise<void> {
    const triggers = await readAll(scalers);
    const object = parts.scaledJobs.store.get(key);
    if (object?.spec === undefined || isDeleting(object)) return;
    const max = object.spec.maxReplicaCount ?? DEFAULT_MAX;
    const running = jobsOf(object).filter((job) => !isFinished(job)).length;
    const demand = demandOf(triggers, object.spec.scalingStrategy?.multipleScalersCalculation ?? 'max', max);
    const count = demand.active ? jobsToCreate(demand, running, max) : 0;
    for (let index = 0; index < count; index += 1) await start(object);
    await status(parts.scaledJobs.store.get(keyOf(object)) ?? object, {
      type: 'Active',
      status: demand.active ? 'True' : 'False',
      reason: demand.active ? 'ScalerActive' : 'ScalerNotActive',
      message: demand.active
        ? 'Scaling is performed because triggers are active'
        : 'Scaling is not performed because triggers are not active',
    });
  }

  async function start(object: ScaledJob): Promise<void> {
    made += 1;
    const { name, namespace = '', uid = '' } = object.metadata;
    const owner = {
      apiVersion: object.apiVersion,
      kind: object.kind,
      name,
      uid,
      controller: true,
      blockOwnerDeletion: true,
    };
    const job: KubeObject = {
      apiVersion: JOB.apiVersion,
      kind: JOB.kind,
      metadata: {
        name: `${name}-${made}`,
        namespace,
        // Labels and annotations of the ScaledJob are handed down.
        labels: { ...object.metadata.labels, [NAME_LABEL]: name },
        annotations: {
          ...object.metadata.annotations,
          'scaledjob.keda.sh/generation': String(object.metadata.generation ?? 1),
        },
        ownerReferences: [owner],
      },
      spec: { ...asObject(object.spec?.jobTargetRef) },
    };
    const created = await parts.hub.create(JOB, job, WRITER);
    const duration = parts.jobDuration(created.metadata.name);
    if (duration !== null) parts.clock.after(duration, () => parts.activity.run(() => finish(created)));
  }

  async function finish(job: KubeObject): Promise<void> {
    const completionTime = formatTime(parts.clock.now());
    await parts.hub.patch(
      JOB,
      job,
      { status: { succeeded: 1, completionTime } },
      'kube-controller-manager',
      'status',
    );
  }

  return {
    queue,
    stop() {
      for (const loop of loops.values()) loop.stopped = true;
    },
  };
}
