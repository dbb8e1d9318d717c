import {
  int64,
  labelSelector,
  list,
  object,
  type Schema,
  selectorTerm,
  text,
} from '../../runtime/crds/schema.ts';

const affinityFields: Readonly<Record<string, Schema>> = {
  clusterNames: list(text),
  exclude: list(text),
  fieldSelector: object({ matchExpressions: list(selectorTerm) }),
  labelSelector,
};

export const clusterAffinity: Schema = object(affinityFields);

const affinityName: Schema = { type: 'string', minLength: 1, maxLength: 32 };

export const clusterAffinityTerm: Schema = object(
  {
    ...affinityFields,
    affinityName,
    overflowAffinities: list(object({ ...affinityFields, affinityName }, ['affinityName'])),
  },
  ['affinityName'],
);

export const tolerations: Schema = list(
  object({ key: text, operator: text, value: text, effect: text, tolerationSeconds: int64 }),
);

export const resourceSelector: Schema = object(
  { apiVersion: text, kind: text, namespace: text, name: text, labelSelector },
  ['apiVersion', 'kind'],
);
