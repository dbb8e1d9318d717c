import type { StructuralSchema } from '../schema.ts';
import {
  always,
  atomic,
  each,
  int32,
  keyed,
  labelSelector,
  list,
  object,
  text,
  withDefault,
} from './types.ts';

/** admissionregistration.k8s.io/v1: policies and webhooks that change what is written. */

const ruleFields = {
  apiGroups: list(text),
  apiVersions: list(text),
  operations: list(text),
  resources: list(text),
  scope: withDefault(text, '*'),
};

const namedRule = atomic(object({ ...ruleFields, resourceNames: list(text) }));

const selectors = {
  namespaceSelector: withDefault(labelSelector, {}),
  objectSelector: withDefault(labelSelector, {}),
  matchPolicy: withDefault(text, 'Equivalent'),
};

const matchResources = atomic(
  object({ ...selectors, resourceRules: list(namedRule), excludeResourceRules: list(namedRule) }),
);

const matchConditions = keyed(object(each(text, 'name', 'expression'), 'name', 'expression'), 'name');

export const mutatingAdmissionPolicy: StructuralSchema = object({
  spec: always(
    object({
      failurePolicy: withDefault(text, 'Fail'),
      matchConditions,
      matchConstraints: matchResources,
      mutations: list(
        object(
          {
            patchType: text,
            jsonPatch: object({ expression: text }),
            applyConfiguration: object({ expression: text }),
          },
          'patchType',
        ),
      ),
      paramKind: atomic(object(each(text, 'apiVersion', 'kind'))),
      reinvocationPolicy: text,
      variables: list(atomic(object(each(text, 'name', 'expression'), 'name', 'expression'))),
    }),
  ),
});

export const mutatingAdmissionPolicyBinding: StructuralSchema = object({
  spec: always(
    object({
      policyName: text,
      matchResources,
      paramRef: atomic(
        object({ ...each(text, 'name', 'namespace', 'parameterNotFoundAction'), selector: labelSelector }),
      ),
    }),
  ),
});

const clientConfig = always(
  object({
    caBundle: text,
    url: text,
    service: object(
      { ...each(text, 'name', 'namespace', 'path'), port: withDefault(int32, 443) },
      'name',
      'namespace',
    ),
  }),
);

export const mutatingWebhookConfiguration: StructuralSchema = object({
  webhooks: keyed(
    object(
      {
        name: text,
        admissionReviewVersions: always(list(text), null),
        clientConfig,
        failurePolicy: withDefault(text, 'Fail'),
        matchConditions,
        ...selectors,
        reinvocationPolicy: withDefault(text, 'Never'),
        rules: list(object(ruleFields)),
        sideEffects: always(text, null),
        timeoutSeconds: withDefault(int32, 10),
      },
      'name',
    ),
    'name',
  ),
});
