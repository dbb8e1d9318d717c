import { AGE, definition } from '../../runtime/crds/definition.ts';
import {
  conditions as atomicConditions,
  flag,
  int32,
  labelSelector,
  list,
  nullableTime,
  object,
  oneOf,
  type Schema,
  text,
  time,
  withDefault,
} from '../../runtime/crds/schema.ts';
import { conditions, labelKey, longText, mapList, namespaceName, nonEmpty, resourceList } from './schema.ts';

const group = 'cluster.open-cluster-management.io';

const taint = object(
  {
    key: labelKey,
    value: longText,
    effect: oneOf('NoSelect', 'PreferNoSelect', 'NoSelectIfNew'),
    timeAdded: nullableTime,
  },
  ['effect', 'key'],
);

const managedCluster = definition({
  group,
  version: 'v1',
  kind: 'ManagedCluster',
  plural: 'managedclusters',
  shortNames: ['mcl', 'mcls'],
  scope: 'Cluster',
  spec: object({
    hubAcceptsClient: flag,
    leaseDurationSeconds: withDefault(int32, 60),
    managedClusterClientConfigs: list(
      object({ url: text, caBundle: { type: 'string', format: 'byte' } }, ['url']),
    ),
    taints: list(taint),
  }),
  status: object({
    allocatable: resourceList,
    capacity: resourceList,
    clusterClaims: list(
      object({
        name: { type: 'string', minLength: 1, maxLength: 253 },
        value: { type: 'string', minLength: 1, maxLength: 1024 },
      }),
    ),
    conditions,
    managedNamespaces: mapList(
      object({ clusterSet: text, name: namespaceName, conditions }, ['clusterSet', 'name']),
      'clusterSet',
      'name',
    ),
    version: object({ kubernetes: text }),
  }),
  columns: [
    { name: 'Hub Accepted', jsonPath: '.spec.hubAcceptsClient', type: 'boolean' },
    { name: 'Managed Cluster URLs', jsonPath: '.spec.managedClusterClientConfigs[*].url', type: 'string' },
    {
      name: 'Joined',
      jsonPath: '.status.conditions[?(@.type=="ManagedClusterJoined")].status',
      type: 'string',
    },
    {
      name: 'Available',
      jsonPath: '.status.conditions[?(@.type=="ManagedClusterConditionAvailable")].status',
      type: 'string',
    },
    { ...AGE, name: 'Age' },
  ],
});

const exclusive = { selectorType: 'ExclusiveClusterSetLabel' };
const setSelector: Schema = withDefault(
  object(
    {
      labelSelector,
      selectorType: withDefault(
        oneOf('ExclusiveClusterSetLabel', 'LabelSelector'),
        'ExclusiveClusterSetLabel',
      ),
    },
    ['selectorType'],
  ),
  exclusive,
);

const managedClusterSet = definition({
  group,
  version: 'v1beta2',
  kind: 'ManagedClusterSet',
  plural: 'managedclustersets',
  shortNames: ['mclset', 'mclsets'],
  scope: 'Cluster',
  spec: withDefault(
    object({
      clusterSelector: setSelector,
      managedNamespaces: mapList(object({ name: namespaceName }, ['name']), 'name'),
    }),
    { clusterSelector: exclusive },
  ),
  status: object({ conditions: atomicConditions }),
  columns: [
    {
      name: 'Empty',
      jsonPath: '.status.conditions[?(@.type=="ClusterSetEmpty")].status',
      type: 'string',
    },
    { ...AGE, name: 'Age' },
  ],
});

const managedClusterSetBinding = definition({
  group,
  version: 'v1beta2',
  kind: 'ManagedClusterSetBinding',
  plural: 'managedclustersetbindings',
  shortNames: ['mclsetbinding', 'mclsetbindings'],
  scope: 'Namespaced',
  spec: object({ clusterSet: nonEmpty }),
  status: object({ conditions: atomicConditions }),
});

const addOnPlacementScore = definition({
  group,
  version: 'v1alpha1',
  kind: 'AddOnPlacementScore',
  plural: 'addonplacementscores',
  scope: 'Namespaced',
  status: object({
    conditions,
    scores: mapList(
      object({ name: text, value: { ...int32, minimum: -100, maximum: 100 } }, ['name', 'value']),
      'name',
    ),
    validUntil: time,
  }),
});

/** What there is to choose from. */
export const clusterDefinitions: readonly string[] = [
  managedCluster,
  managedClusterSet,
  managedClusterSetBinding,
  addOnPlacementScore,
];
