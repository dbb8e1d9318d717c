import { isObject, type JsonObject } from '../json.ts';
import { objectMetaSchema } from '../object-meta.ts';
import type { StructuralSchema } from '../schema.ts';
import { podTemplate } from './pod.ts';
import {
  bool,
  computing,
  conditions,
  each,
  instant,
  int32,
  int64,
  intOrString,
  labelSelector,
  list,
  object,
  objectReference,
  open,
  openObject,
  setMissing,
  text,
  withDefault,
} from './types.ts';

/** Deployments, ReplicaSets, StatefulSets, DaemonSets, Jobs and CronJobs. */

const rollingUpdate = object(each(intOrString, 'maxSurge', 'maxUnavailable'));
const rollingStrategy = object({ type: withDefault(text, 'RollingUpdate'), rollingUpdate });

const replicaCounts = {
  ...each(int32, 'availableReplicas', 'currentReplicas', 'fullyLabeledReplicas', 'readyReplicas', 'replicas'),
  ...each(int32, 'collisionCount', 'terminatingReplicas', 'unavailableReplicas', 'updatedReplicas'),
};

const replicaStatus = object({ ...replicaCounts, conditions, observedGeneration: int64 });

/** Gives a rolling update its parameters when that is the strategy. */
function rolling(field: string, defaults: JsonObject): (spec: JsonObject) => void {
  return (spec) => {
    const strategy = spec[field];
    if (isObject(strategy) && strategy.type === 'RollingUpdate') {
      setMissing(strategy, 'rollingUpdate', {});
      for (const [key, value] of Object.entries(defaults)) {
        if (isObject(strategy.rollingUpdate)) {
          setMissing(strategy.rollingUpdate, key, value);
        }
      }
    }
  };
}

export const deployment: StructuralSchema = object({
  spec: computing(
    object(
      {
        minReadySeconds: int32,
        paused: bool,
        progressDeadlineSeconds: withDefault(int32, 600),
        replicas: withDefault(int32, 1),
        revisionHistoryLimit: withDefault(int32, 10),
        selector: labelSelector,
        strategy: withDefault({ ...rollingStrategy, 'x-kubernetes-patch-strategy': 'retainKeys' }, {}),
        template: podTemplate,
      },
      'selector',
      'template',
    ),
    rolling('strategy', { maxUnavailable: '25%', maxSurge: '25%' }),
  ),
  status: replicaStatus,
});

export const replicaSet: StructuralSchema = object({
  spec: object(
    {
      minReadySeconds: int32,
      replicas: withDefault(int32, 1),
      selector: labelSelector,
      template: podTemplate,
    },
    'selector',
  ),
  status: replicaStatus,
});

export const statefulSet: StructuralSchema = object({
  spec: computing(
    object(
      {
        minReadySeconds: int32,
        ordinals: object({ start: int32 }),
        persistentVolumeClaimRetentionPolicy: withDefault(
          object(each(withDefault(text, 'Retain'), 'whenDeleted', 'whenScaled')),
          {},
        ),
        podManagementPolicy: withDefault(text, 'OrderedReady'),
        replicas: withDefault(int32, 1),
        revisionHistoryLimit: withDefault(int32, 10),
        selector: labelSelector,
        serviceName: text,
        template: podTemplate,
        updateStrategy: withDefault(
          object({
            type: withDefault(text, 'RollingUpdate'),
            rollingUpdate: object({ maxUnavailable: intOrString, partition: int32 }),
          }),
          {},
        ),
        volumeClaimTemplates: list(open),
      },
      'selector',
      'template',
    ),
    rolling('updateStrategy', { partition: 0 }),
  ),
  status: object({
    ...replicaCounts,
    ...each(text, 'currentRevision', 'updateRevision'),
    conditions,
    observedGeneration: int64,
  }),
});

export const daemonSet: StructuralSchema = object({
  spec: computing(
    object(
      {
        minReadySeconds: int32,
        revisionHistoryLimit: withDefault(int32, 10),
        selector: labelSelector,
        template: podTemplate,
        updateStrategy: withDefault(rollingStrategy, {}),
      },
      'selector',
      'template',
    ),
    rolling('updateStrategy', { maxUnavailable: 1, maxSurge: 0 }),
  ),
  status: object({
    ...each(int32, 'collisionCount', 'currentNumberScheduled', 'desiredNumberScheduled', 'numberAvailable'),
    ...each(int32, 'numberMisscheduled', 'numberReady', 'numberUnavailable', 'updatedNumberScheduled'),
    conditions,
    observedGeneration: int64,
  }),
});

const jobFields: Readonly<Record<string, StructuralSchema>> = {
  ...each(int64, 'activeDeadlineSeconds'),
  ...each(int32, 'backoffLimit', 'backoffLimitPerIndex', 'completions', 'maxFailedIndexes', 'parallelism'),
  ttlSecondsAfterFinished: int32,
  ...each(text, 'completionMode', 'managedBy', 'podReplacementPolicy'),
  ...each(bool, 'manualSelector', 'suspend'),
  podFailurePolicy: object({ rules: list(open) }, 'rules'),
  successPolicy: object({ rules: list(open) }, 'rules'),
  selector: labelSelector,
  template: podTemplate,
};

/** Defaults of a Job's spec; the template inside a CronJob does not get them. */
function completeJob(spec: JsonObject): void {
  if (spec.completions === undefined && spec.parallelism === undefined) {
    spec.completions = 1;
  }
  setMissing(spec, 'parallelism', 1);
  setMissing(spec, 'backoffLimit', spec.backoffLimitPerIndex === undefined ? 6 : 2 ** 31 - 1);
  setMissing(spec, 'completionMode', 'NonIndexed');
  setMissing(spec, 'suspend', false);
  setMissing(spec, 'manualSelector', false);
  setMissing(
    spec,
    'podReplacementPolicy',
    spec.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed',
  );
}

export const job: StructuralSchema = object({
  spec: computing(object(jobFields, 'template'), completeJob),
  status: object({
    ...each(int32, 'active', 'failed', 'ready', 'succeeded', 'terminating'),
    ...each(text, 'completedIndexes', 'failedIndexes'),
    ...each(instant, 'completionTime', 'startTime'),
    conditions: { ...conditions, 'x-kubernetes-list-type': 'atomic' },
    uncountedTerminatedPods: openObject({}),
  }),
});

export const cronJob: StructuralSchema = object({
  spec: object(
    {
      concurrencyPolicy: withDefault(text, 'Allow'),
      failedJobsHistoryLimit: withDefault(int32, 1),
      jobTemplate: object({ metadata: objectMetaSchema, spec: object(jobFields, 'template') }),
      schedule: text,
      startingDeadlineSeconds: int64,
      successfulJobsHistoryLimit: withDefault(int32, 3),
      suspend: withDefault(bool, false),
      timeZone: text,
    },
    'schedule',
    'jobTemplate',
  ),
  status: object({
    active: list(objectReference),
    ...each(instant, 'lastScheduleTime', 'lastSuccessfulTime'),
  }),
});
