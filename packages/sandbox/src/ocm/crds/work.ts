import { definition } from '../../runtime/crds/definition.ts';
import {
  flag,
  int32,
  int64,
  list,
  object,
  oneOf,
  type Schema,
  text,
  withDefault,
} from '../../runtime/crds/schema.ts';
import { conditions, mapList, nonEmpty, numberOrPercent, texts } from './schema.ts';

const group = 'work.open-cluster-management.io';

const accountName: Schema = { type: 'string', minLength: 1, maxLength: 253 };
const serviceAccount = object({ name: accountName, namespace: accountName }, ['name', 'namespace']);

const conditionRule: Schema = {
  ...object(
    {
      condition: text,
      type: oneOf('WellKnownConditions', 'CEL'),
      celExpressions: texts,
      message: text,
      messageExpression: text,
    },
    ['condition', 'type'],
  ),
  'x-kubernetes-validations': [
    {
      message: 'Condition is required for CEL rules',
      rule: `self.type != 'CEL' || self.condition != ""`,
    },
  ],
};

const feedbackRule = object(
  {
    type: oneOf('WellKnownStatus', 'JSONPaths'),
    jsonPaths: mapList(object({ name: text, path: text, version: text }, ['name', 'path']), 'name'),
  },
  ['type'],
);

const ignoredFields = mapList(
  object(
    {
      condition: withDefault(oneOf('OnSpokePresent', 'OnSpokeChange'), 'OnSpokePresent'),
      jqPathExpressions: texts,
      jsonPaths: texts,
      jsonPointers: texts,
    },
    ['condition'],
  ),
  'condition',
);

const manifestConfig = object(
  {
    resourceIdentifier: object({ group: text, resource: text, name: text, namespace: text }, [
      'name',
      'resource',
    ]),
    conditionRules: mapList(conditionRule, 'condition'),
    feedbackRules: list(feedbackRule),
    feedbackScrapeType: withDefault(oneOf('Poll', 'Watch'), 'Poll'),
    updateStrategy: object(
      {
        type: withDefault(oneOf('Update', 'CreateOnly', 'ServerSideApply', 'ReadOnly'), 'Update'),
        serverSideApply: object({
          fieldManager: withDefault({ type: 'string', pattern: '^work-agent' }, 'work-agent'),
          force: flag,
          ignoreFields: ignoredFields,
        }),
      },
      ['type'],
    ),
  },
  ['resourceIdentifier'],
);

/** What a cluster is to hold: the spec of a ManifestWork. */
const workSpec: Schema = object({
  workload: object({
    manifests: list({
      type: 'object',
      'x-kubernetes-embedded-resource': true,
      'x-kubernetes-preserve-unknown-fields': true,
    }),
  }),
  deleteOption: object({
    propagationPolicy: withDefault(oneOf('Foreground', 'Orphan', 'SelectivelyOrphan'), 'Foreground'),
    selectivelyOrphans: object({
      orphaningRules: list(
        object({ group: text, resource: text, name: text, namespace: text }, ['name', 'resource']),
      ),
    }),
    ttlSecondsAfterFinished: int64,
  }),
  executor: object({
    subject: object({ type: oneOf('ServiceAccount'), serviceAccount }, ['type']),
  }),
  manifestConfigs: list(manifestConfig),
});

const feedbackValue = object(
  {
    name: text,
    fieldValue: object(
      {
        type: oneOf('Integer', 'String', 'Boolean', 'JsonRaw'),
        integer: int64,
        string: text,
        boolean: flag,
        jsonRaw: { type: 'string', maxLength: 1024 },
      },
      ['type'],
    ),
  },
  ['fieldValue', 'name'],
);

const manifestWork = definition({
  group,
  version: 'v1',
  kind: 'ManifestWork',
  plural: 'manifestworks',
  scope: 'Namespaced',
  spec: workSpec,
  status: object({
    conditions,
    resourceStatus: object({
      manifests: list(
        object(
          {
            conditions,
            resourceMeta: object(
              {
                ordinal: int32,
                group: text,
                version: text,
                kind: text,
                resource: text,
                name: text,
                namespace: text,
              },
              ['ordinal'],
            ),
            statusFeedback: object({ values: mapList(feedbackValue, 'name') }),
          },
          ['conditions', 'resourceMeta'],
        ),
      ),
    }),
  }),
});

const maxFailures = numberOrPercent('^((100|[0-9]{1,2})%|[0-9]+)$', { default: 0 });
const common = {
  maxFailures,
  minSuccessTime: withDefault(text, '0'),
  progressDeadline: withDefault({ type: 'string', pattern: '^(([0-9])+[h|m|s])|None$' }, 'None'),
};
const mandatoryDecisionGroups = list(object({ groupIndex: int32, groupName: text }));

const rolloutStrategy = withDefault(
  object({
    type: withDefault(oneOf('All', 'Progressive', 'ProgressivePerGroup'), 'All'),
    all: object(common),
    progressive: object({
      ...common,
      mandatoryDecisionGroups,
      maxConcurrency: numberOrPercent('^((100|[0-9]{1,2})%|[0-9]+)$'),
    }),
    progressivePerGroup: object({ ...common, mandatoryDecisionGroups }),
  }),
  { all: { progressDeadline: 'None' }, type: 'All' },
);

const count: Schema = { type: 'integer' };
const summary = object({
  applied: count,
  available: count,
  degraded: count,
  desiredTotal: count,
  progressing: count,
  total: count,
  updated: count,
});

const condition = (name: string, description: string, type: string, field: string) => ({
  name,
  description,
  jsonPath: `.status.conditions[?(@.type=="${type}")].${field}`,
  type: 'string' as const,
});

const manifestWorkReplicaSet = definition({
  group,
  version: 'v1alpha1',
  kind: 'ManifestWorkReplicaSet',
  plural: 'manifestworkreplicasets',
  shortNames: ['mwrs'],
  scope: 'Namespaced',
  spec: object(
    {
      cascadeDeletionPolicy: withDefault(oneOf('Background', 'Foreground'), 'Background'),
      manifestWorkTemplate: workSpec,
      placementRefs: list(object({ name: nonEmpty, rolloutStrategy }, ['name']), { minItems: 1 }),
    },
    ['cascadeDeletionPolicy', 'placementRefs'],
  ),
  status: object({
    conditions,
    placementSummary: list(object({ availableDecisionGroups: text, name: text, summary })),
    summary,
  }),
  columns: [
    condition('Placement', 'Reason', 'PlacementVerified', 'reason'),
    condition('Found', 'Configured', 'PlacementVerified', 'status'),
    condition('ManifestWorks', 'Reason', 'ManifestworkApplied', 'reason'),
    condition('Applied', 'Applied', 'ManifestworkApplied', 'status'),
  ],
});

/** What runs in the chosen clusters. */
export const workDefinitions: readonly string[] = [manifestWork, manifestWorkReplicaSet];
