import { definition } from '../../runtime/crds/definition.ts';
import {
  int32,
  int64,
  list,
  object,
  oneOf,
  type Schema,
  text,
  time,
  withDefault,
} from '../../runtime/crds/schema.ts';
import {
  clusterSelector,
  conditions,
  labelKey,
  longText,
  numberOrPercent,
  positive,
  texts,
} from './schema.ts';

const group = 'cluster.open-cluster-management.io';

const scoreCoordinate = object(
  {
    type: withDefault(oneOf('BuiltIn', 'AddOn'), 'BuiltIn'),
    builtIn: text,
    addOn: object({ resourceName: text, scoreName: text }, ['resourceName', 'scoreName']),
  },
  ['type'],
);

const prioritizerPolicy = object({
  // Without an enumeration, as in the real one: a wrong mode is accepted and makes the Placement Misconfigured.
  mode: withDefault(text, 'Additive'),
  configurations: list(
    object({ scoreCoordinate, weight: withDefault({ ...int32, minimum: -10, maximum: 10 }, 1) }, [
      'scoreCoordinate',
    ]),
  ),
});

const toleration = object({
  key: labelKey,
  operator: withDefault(text, 'Equal'),
  value: longText,
  effect: oneOf('NoSelect', 'PreferNoSelect', 'NoSelectIfNew'),
  tolerationSeconds: int64,
});

const decisionStrategy = object({
  groupStrategy: object({
    clustersPerDecisionGroup: numberOrPercent('^((100|[1-9][0-9]{0,1})%|[1-9][0-9]*)$', {
      default: '100%',
    }),
    decisionGroups: list(
      object({ groupName: text, groupClusterSelector: object(clusterSelector) }, [
        'groupClusterSelector',
        'groupName',
      ]),
    ),
  }),
});

const spreadPolicy = object({
  spreadConstraints: list(
    object(
      {
        maxSkew: withDefault(positive, 1),
        topologyKey: labelKey,
        topologyKeyType: oneOf('Label', 'Claim'),
        whenUnsatisfiable: withDefault(oneOf('DoNotSchedule', 'ScheduleAnyway'), 'ScheduleAnyway'),
      },
      ['topologyKey', 'topologyKeyType'],
    ),
    { maxItems: 8 },
  ),
});

const requiredClusterSelector: Schema = object({
  ...clusterSelector,
  celSelector: object({ celExpressions: texts }),
});

const placement = definition({
  group,
  version: 'v1beta1',
  kind: 'Placement',
  plural: 'placements',
  scope: 'Namespaced',
  required: ['spec'],
  spec: object({
    clusterSets: texts,
    decisionStrategy,
    numberOfClusters: int32,
    predicates: list(object({ requiredClusterSelector })),
    prioritizerPolicy,
    scoreRateLimit: withDefault({ type: 'string', pattern: '^[0-9]+[hms]$' }, '1m'),
    sortBy: withDefault(oneOf('ClusterName', 'Score'), 'ClusterName'),
    spreadPolicy,
    tolerations: list(toleration),
  }),
  status: object({
    conditions,
    decisionGroups: list(
      object({
        clusterCount: withDefault(int32, 0),
        decisionGroupIndex: int32,
        decisionGroupName: text,
        decisions: texts,
      }),
    ),
    lastScoreUpdateTime: time,
    numberOfSelectedClusters: int32,
  }),
  columns: [
    {
      name: 'Succeeded',
      jsonPath: '.status.conditions[?(@.type=="PlacementSatisfied")].status',
      type: 'string',
    },
    {
      name: 'Reason',
      jsonPath: '.status.conditions[?(@.type=="PlacementSatisfied")].reason',
      type: 'string',
    },
    { name: 'SelectedClusters', jsonPath: '.status.numberOfSelectedClusters', type: 'integer' },
  ],
});

const placementDecision = definition({
  group,
  version: 'v1beta1',
  kind: 'PlacementDecision',
  plural: 'placementdecisions',
  scope: 'Namespaced',
  status: object(
    {
      decisions: list(object({ clusterName: text, reason: text, score: int64 }, ['clusterName', 'reason'])),
    },
    ['decisions'],
  ),
});

/** What chooses, and what was chosen. */
export const placementDefinitions: readonly string[] = [placement, placementDecision];
