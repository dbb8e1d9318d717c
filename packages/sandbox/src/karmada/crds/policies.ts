import { AGE } from '../../runtime/crds/definition.ts';
import {
  anyValue,
  flag,
  int32,
  list,
  mapOf,
  object,
  oneOf,
  type Schema,
  text,
  withDefault,
} from '../../runtime/crds/schema.ts';
import { definition } from './definition.ts';
import { failover, placement } from './placement.ts';
import { clusterAffinity, resourceSelector } from './selectors.ts';

const propagationSpec: Schema = object(
  {
    resourceSelectors: list(resourceSelector, { minItems: 1 }),
    placement,
    activationPreference: oneOf('Lazy'),
    association: flag,
    conflictResolution: withDefault(oneOf('Abort', 'Overwrite'), 'Abort'),
    dependentOverrides: list(text),
    failover,
    preemption: withDefault(oneOf('Always', 'Never'), 'Never'),
    preserveResourcesOnDeletion: flag,
    priority: withDefault(int32, 0),
    propagateDeps: flag,
    schedulePriority: object({ priorityClassName: text, priorityClassSource: oneOf('KubePriorityClass') }, [
      'priorityClassName',
      'priorityClassSource',
    ]),
    schedulerName: withDefault(text, 'default-scheduler'),
    suspension: object({
      dispatching: flag,
      dispatchingOnClusters: object({ clusterNames: list(text) }),
    }),
  },
  ['resourceSelectors'],
);

const columns = [
  { name: 'CONFLICT-RESOLUTION', jsonPath: '.spec.conflictResolution', type: 'string' },
  { name: 'PRIORITY', jsonPath: '.spec.priority', type: 'string' },
  AGE,
] as const;

const operator = oneOf('add', 'remove', 'replace');
const mapOverrider = object({ operator, value: mapOf(text) }, ['operator', 'value']);
const containerOverrider = object(
  { containerName: text, operator: oneOf('add', 'remove'), value: list(text) },
  ['containerName', 'operator'],
);
const fieldStep = object({ operator, subPath: text, value: anyValue }, ['operator', 'subPath']);

const overriders: Schema = object({
  annotationsOverrider: list(mapOverrider),
  argsOverrider: list(containerOverrider),
  commandOverrider: list(containerOverrider),
  fieldOverrider: list(
    object({ fieldPath: text, json: list(fieldStep), yaml: list(fieldStep) }, ['fieldPath']),
  ),
  imageOverrider: list(
    object(
      {
        component: oneOf('Registry', 'Repository', 'Tag'),
        operator,
        predicate: object({ path: text }, ['path']),
        value: text,
      },
      ['component', 'operator'],
    ),
  ),
  labelsOverrider: list(mapOverrider),
  plaintext: list(object({ operator, path: text, value: anyValue }, ['operator', 'path'])),
});

const overrideSpec: Schema = object({
  overrideRules: list(object({ overriders, targetCluster: clusterAffinity }, ['overriders'])),
  overriders,
  resourceSelectors: list(resourceSelector),
  targetCluster: clusterAffinity,
});

const policy = { group: 'policy.karmada.io', version: 'v1alpha1' } as const;

/** The four policies of policy.karmada.io/v1alpha1. */
export const policyDefinitions: readonly string[] = [
  definition({
    ...policy,
    kind: 'PropagationPolicy',
    plural: 'propagationpolicies',
    shortNames: ['pp'],
    scope: 'Namespaced',
    spec: propagationSpec,
    columns,
  }),
  definition({
    ...policy,
    kind: 'ClusterPropagationPolicy',
    plural: 'clusterpropagationpolicies',
    shortNames: ['cpp'],
    scope: 'Cluster',
    spec: propagationSpec,
    columns,
  }),
  definition({
    ...policy,
    kind: 'OverridePolicy',
    plural: 'overridepolicies',
    shortNames: ['op'],
    scope: 'Namespaced',
    spec: overrideSpec,
  }),
  definition({
    ...policy,
    kind: 'ClusterOverridePolicy',
    plural: 'clusteroverridepolicies',
    shortNames: ['cop'],
    scope: 'Cluster',
    spec: overrideSpec,
  }),
];
