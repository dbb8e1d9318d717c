import { isObject, type JsonObject } from '../json.ts';
import { objectMetaSchema } from '../object-meta.ts';
import type { StructuralSchema } from '../schema.ts';
import { podTemplate } from './pod.ts';
import {
  always,
  bool,
  computing,
  conditions,
  each,
  immutable,
  instant,
  int32,
  int64,
  intOrString,
  labelSelector,
  list,
  object,
  objectReference,
  open,
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

const replicaStatus = object({
  ...replicaCounts,
  conditions: conditions('lastTransitionTime', 'lastUpdateTime'),
  observedGeneration: int64,
});

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
  spec: always(
    computing(
      object(
        {
          minReadySeconds: int32,
          paused: bool,
          progressDeadlineSeconds: withDefault(int32, 600),
          replicas: withDefault(int32, 1),
          revisionHistoryLimit: withDefault(int32, 10),
          selector: always(immutable(labelSelector), null),
          strategy: always({ ...rollingStrategy, 'x-kubernetes-patch-strategy': 'retainKeys' }),
          template: podTemplate,
        },
        'selector',
        'template',
      ),
      rolling('strategy', { maxUnavailable: '25%', maxSurge: '25%' }),
    ),
  ),
  status: always(replicaStatus),
});

export const replicaSet: StructuralSchema = object({
  spec: always(
    object(
      {
        minReadySeconds: int32,
        replicas: withDefault(int32, 1),
        selector: always(immutable(labelSelector), null),
        template: podTemplate,
      },
      'selector',
    ),
  ),
  status: always(
    object({
      ...replicaCounts,
      replicas: always(int32, 0),
      conditions: conditions('lastTransitionTime'),
      observedGeneration: int64,
    }),
  ),
});

export const statefulSet: StructuralSchema = object({
  spec: always(
    computing(
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
          selector: always(immutable(labelSelector), null),
          serviceName: always(text, ''),
          template: podTemplate,
          updateStrategy: always(
            object({
              type: withDefault(text, 'RollingUpdate'),
              rollingUpdate: object({ maxUnavailable: intOrString, partition: int32 }),
            }),
          ),
          volumeClaimTemplates: list(open),
        },
        'selector',
        'template',
      ),
      rolling('updateStrategy', { partition: 0 }),
    ),
  ),
  status: always(
    object({
      ...replicaCounts,
      ...each(always(int32, 0), 'availableReplicas', 'replicas'),
      ...each(text, 'currentRevision', 'updateRevision'),
      conditions: conditions('lastTransitionTime'),
      observedGeneration: int64,
    }),
  ),
});

export const daemonSet: StructuralSchema = object({
  spec: always(
    computing(
      object(
        {
          minReadySeconds: int32,
          revisionHistoryLimit: withDefault(int32, 10),
          selector: always(immutable(labelSelector), null),
          template: podTemplate,
          updateStrategy: always(rollingStrategy),
        },
        'selector',
        'template',
      ),
      rolling('updateStrategy', { maxUnavailable: 1, maxSurge: 0 }),
    ),
  ),
  status: always(
    object({
      ...each(int32, 'collisionCount', 'numberAvailable', 'numberUnavailable', 'updatedNumberScheduled'),
      ...each(always(int32, 0), 'currentNumberScheduled', 'desiredNumberScheduled'),
      ...each(always(int32, 0), 'numberMisscheduled', 'numberReady'),
      conditions: conditions('lastTransitionTime'),
      observedGeneration: int64,
    }),
  ),
});

const jobFields: Readonly<Record<string, StructuralSchema>> = {
  ...each(int64, 'activeDeadlineSeconds'),
  ...each(int32, 'backoffLimit', 'backoffLimitPerIndex', 'maxFailedIndexes', 'parallelism'),
  completions: immutable(int32),
  ttlSecondsAfterFinished: int32,
  ...each(text, 'completionMode', 'managedBy', 'podReplacementPolicy'),
  ...each(bool, 'manualSelector', 'suspend'),
  podFailurePolicy: object({ rules: list(open) }, 'rules'),
  successPolicy: object({ rules: list(open) }, 'rules'),
  selector: immutable(labelSelector),
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

/** A Job without labels takes those of its pods. */
function copyLabels(target: JsonObject): void {
  const { metadata, spec } = target;
  const template: unknown = isObject(spec) ? spec.template : undefined;
  const pods: unknown = isObject(template) ? template.metadata : undefined;
  if (isObject(metadata) && isObject(pods) && isObject(pods.labels)) {
    setMissing(metadata, 'labels', pods.labels);
  }
}

export const job: StructuralSchema = computing(
  object({
    spec: always(computing(object(jobFields, 'template'), completeJob)),
    status: always(
      object({
        ...each(int32, 'active', 'failed', 'ready', 'succeeded', 'terminating'),
        ...each(text, 'completedIndexes', 'failedIndexes'),
        ...each(instant, 'completionTime', 'startTime'),
        conditions: {
          ...conditions('lastProbeTime', 'lastTransitionTime'),
          'x-kubernetes-list-type': 'atomic',
        },
        uncountedTerminatedPods: open,
      }),
    ),
  }),
  copyLabels,
);

export const cronJob: StructuralSchema = object({
  spec: always(
    object(
      {
        concurrencyPolicy: withDefault(text, 'Allow'),
        failedJobsHistoryLimit: withDefault(int32, 1),
        jobTemplate: always(
          object({ metadata: always(objectMetaSchema), spec: always(object(jobFields, 'template')) }),
        ),
        schedule: always(text, ''),
        startingDeadlineSeconds: int64,
        successfulJobsHistoryLimit: withDefault(int32, 3),
        suspend: withDefault(bool, false),
        timeZone: text,
      },
      'schedule',
      'jobTemplate',
    ),
  ),
  status: always(
    object({
      active: list(objectReference),
      ...each(instant, 'lastScheduleTime', 'lastSuccessfulTime'),
    }),
  ),
});
