import { AGE } from '../../runtime/crds/definition.ts';
import {
  anything,
  conditions,
  flag,
  int32,
  int64,
  list,
  object,
  oneOf,
  quantities,
  type Schema,
  text,
  time,
  withDefault,
} from '../../runtime/crds/schema.ts';
import { definition } from './definition.ts';
import { failover, placement } from './placement.ts';

const targetClusters = list(object({ name: text, replicas: int32 }, ['name']));
const health = oneOf('Healthy', 'Unhealthy', 'Unknown');

const evictionTask = object(
  {
    clustersBeforeFailover: list(text),
    creationTimestamp: time,
    fromCluster: text,
    gracePeriodSeconds: int32,
    message: { type: 'string', maxLength: 1024 },
    producer: text,
    purgeMode: oneOf('Directly', 'Gracefully', 'Never'),
    reason: { type: 'string', minLength: 1, maxLength: 32 },
    replicas: int32,
    suppressDeletion: flag,
  },
  ['fromCluster', 'producer', 'reason'],
);

const bindingSpec: Schema = object(
  {
    resource: object(
      { apiVersion: text, kind: text, namespace: text, name: text, resourceVersion: text, uid: text },
      ['apiVersion', 'kind', 'name'],
    ),
    clusters: targetClusters,
    conflictResolution: withDefault(oneOf('Abort', 'Overwrite'), 'Abort'),
    failover,
    gracefulEvictionTasks: list(evictionTask),
    placement,
    preserveResourcesOnDeletion: flag,
    propagateDeps: flag,
    // Node claims are carried along and looked at by nobody here.
    replicaRequirements: object({
      namespace: text,
      nodeClaim: anything,
      priorityClassName: text,
      resourceRequest: quantities,
    }),
    replicas: int32,
    requiredBy: list(object({ clusters: targetClusters, name: text, namespace: text }, ['name'])),
    rescheduleTriggeredAt: time,
    schedulePriority: object({ priority: withDefault(int32, 0) }),
    schedulerName: text,
    suspension: object({
      dispatching: flag,
      dispatchingOnClusters: object({ clusterNames: list(text) }),
      scheduling: flag,
    }),
  },
  ['resource'],
);

const bindingStatus: Schema = object({
  aggregatedStatus: list(
    object({ applied: flag, appliedMessage: text, clusterName: text, health, status: anything }, [
      'clusterName',
    ]),
  ),
  conditions,
  lastScheduledTime: time,
  schedulerObservedGeneration: int64,
  schedulerObservingAffinityName: text,
});

const bindingColumns = [
  { name: 'SCHEDULED', jsonPath: '.status.conditions[?(@.type=="Scheduled")].status', type: 'string' },
  { name: 'FULLYAPPLIED', jsonPath: '.status.conditions[?(@.type=="FullyApplied")].status', type: 'string' },
  AGE,
] as const;

const identifier = object(
  {
    ordinal: { type: 'integer' },
    group: text,
    version: text,
    kind: text,
    resource: text,
    namespace: text,
    name: text,
  },
  ['kind', 'name', 'ordinal', 'resource', 'version'],
);

const group = 'work.karmada.io';
const binding = { group, version: 'v1alpha2', spec: bindingSpec, status: bindingStatus } as const;

/** Bindings (v1alpha2) and Works (v1alpha1) of work.karmada.io. */
export const workDefinitions: readonly string[] = [
  definition({
    ...binding,
    kind: 'ResourceBinding',
    plural: 'resourcebindings',
    shortNames: ['rb'],
    scope: 'Namespaced',
    columns: bindingColumns,
  }),
  definition({
    ...binding,
    kind: 'ClusterResourceBinding',
    plural: 'clusterresourcebindings',
    shortNames: ['crb'],
    scope: 'Cluster',
    columns: bindingColumns,
  }),
  definition({
    group,
    version: 'v1alpha1',
    kind: 'Work',
    plural: 'works',
    shortNames: ['wk'],
    scope: 'Namespaced',
    spec: object({
      preserveResourcesOnDeletion: flag,
      suspendDispatching: flag,
      workload: object({ manifests: list(anything) }),
    }),
    status: object({
      conditions,
      manifestStatuses: list(object({ health, identifier, status: anything }, ['identifier'])),
    }),
    columns: [
      { name: 'WORKLOAD-KIND', jsonPath: '.spec.workload.manifests[*].kind', type: 'string' },
      { name: 'APPLIED', jsonPath: '.status.conditions[?(@.type=="Applied")].status', type: 'string' },
      AGE,
    ],
  }),
];
