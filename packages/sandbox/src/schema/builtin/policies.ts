import { isObject, type JsonObject } from '../json.ts';
import type { StructuralSchema } from '../schema.ts';
import {
  always,
  atomic,
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
  open,
  quantity,
  setMissing,
  text,
  withDefault,
} from './types.ts';

/** Ingresses, autoscalers, disruption budgets, RBAC and CustomResourceDefinitions. */

const ingressBackend = object({
  resource: atomic(object(each(text, 'apiGroup', 'kind', 'name'), 'kind', 'name')),
  service: object({ name: text, port: atomic(object({ name: text, number: int32 })) }, 'name'),
});

const ingressPath = object({ backend: ingressBackend, path: text, pathType: text }, 'backend', 'pathType');

export const ingress: StructuralSchema = object({
  spec: always(
    object({
      defaultBackend: ingressBackend,
      ingressClassName: text,
      rules: list(object({ host: text, http: object({ paths: list(ingressPath) }, 'paths') })),
      tls: list(object({ hosts: list(text), secretName: text })),
    }),
  ),
  status: always(object({ loadBalancer: always(object({ ingress: list(open) })) })),
});

const scalingRules = object({
  policies: list(
    object({ type: text, ...each(int32, 'value', 'periodSeconds') }, 'type', 'value', 'periodSeconds'),
  ),
  selectPolicy: text,
  stabilizationWindowSeconds: int32,
  tolerance: quantity,
});

const SCALE_UP_POLICIES = [
  { type: 'Pods', value: 4, periodSeconds: 15 },
  { type: 'Percent', value: 100, periodSeconds: 15 },
];
const SCALE_DOWN_POLICIES = [{ type: 'Percent', value: 100, periodSeconds: 15 }];

/** Rules that an autoscaler states are completed; one that states none has none stored. */
function completeBehavior(behavior: JsonObject): void {
  setMissing(behavior, 'scaleUp', {});
  setMissing(behavior, 'scaleDown', {});
  const { scaleUp, scaleDown } = behavior;
  for (const rules of [scaleUp, scaleDown]) {
    if (isObject(rules)) {
      setMissing(rules, 'selectPolicy', 'Max');
      setMissing(rules, 'policies', rules === scaleUp ? SCALE_UP_POLICIES : SCALE_DOWN_POLICIES);
    }
  }
  if (isObject(scaleUp)) {
    setMissing(scaleUp, 'stabilizationWindowSeconds', 0);
  }
}

export const horizontalPodAutoscaler: StructuralSchema = object({
  spec: always(
    object(
      {
        behavior: computing(object(each(scalingRules, 'scaleUp', 'scaleDown')), completeBehavior),
        maxReplicas: always(int32, 0),
        minReplicas: withDefault(int32, 1),
        metrics: withDefault(list(open), [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
          },
        ]),
        scaleTargetRef: always(
          object({ apiVersion: text, ...each(always(text, ''), 'kind', 'name') }, 'kind', 'name'),
        ),
      },
      'maxReplicas',
      'scaleTargetRef',
    ),
  ),
  status: always(
    object({
      conditions: conditions('lastTransitionTime'),
      currentMetrics: always({ ...list(open), nullable: true }, null),
      currentReplicas: int32,
      desiredReplicas: always(int32, 0),
      lastScaleTime: instant,
      observedGeneration: int64,
    }),
  ),
});

export const podDisruptionBudget: StructuralSchema = object({
  spec: always(
    object({
      ...each(intOrString, 'maxUnavailable', 'minAvailable'),
      selector: { ...labelSelector, 'x-kubernetes-patch-strategy': 'replace' },
      unhealthyPodEvictionPolicy: text,
    }),
  ),
  status: always(
    object({
      conditions: conditions('lastTransitionTime'),
      ...each(always(int32, 0), 'currentHealthy', 'desiredHealthy', 'disruptionsAllowed', 'expectedPods'),
      disruptedPods: { type: 'object', additionalProperties: instant },
      observedGeneration: int64,
    }),
  ),
});

const RBAC_GROUP = 'rbac.authorization.k8s.io';

const policyRules = list(
  object(each(list(text), 'apiGroups', 'nonResourceURLs', 'resourceNames', 'resources', 'verbs'), 'verbs'),
);

export const role: StructuralSchema = object({ rules: always(policyRules, null) });

export const clusterRole: StructuralSchema = object({
  aggregationRule: object({ clusterRoleSelectors: list(labelSelector) }),
  rules: always(policyRules, null),
});

const subject = computing(
  atomic(object(each(text, 'apiGroup', 'kind', 'name', 'namespace'), 'kind', 'name')),
  (target) => {
    if (target.kind === 'User' || target.kind === 'Group') {
      setMissing(target, 'apiGroup', RBAC_GROUP);
    }
  },
);

/** RoleBinding and ClusterRoleBinding. */
export const roleBinding: StructuralSchema = object(
  {
    roleRef: always(
      atomic(
        object({ apiGroup: withDefault(text, RBAC_GROUP), ...each(text, 'kind', 'name') }, 'kind', 'name'),
      ),
    ),
    subjects: list(subject),
  },
  'roleRef',
);

const definitionNames = object(
  {
    ...each(always(text, ''), 'kind', 'plural'),
    ...each(text, 'listKind', 'singular'),
    ...each(list(text), 'categories', 'shortNames'),
  },
  'kind',
  'plural',
);

function completeNames(names: JsonObject): void {
  if (typeof names.kind === 'string') {
    setMissing(names, 'singular', names.kind.toLowerCase());
    setMissing(names, 'listKind', `${names.kind}List`);
  }
}

export const customResourceDefinition: StructuralSchema = object(
  {
    spec: always(
      object(
        {
          conversion: withDefault(object({ strategy: text, webhook: open }, 'strategy'), {
            strategy: 'None',
          }),
          group: always(text, ''),
          names: always(computing(definitionNames, completeNames)),
          preserveUnknownFields: bool,
          scope: always(text, ''),
          versions: always(
            list(
              object(
                {
                  additionalPrinterColumns: list(
                    object(
                      { ...each(text, 'description', 'format', 'jsonPath', 'name', 'type'), priority: int32 },
                      'jsonPath',
                      'name',
                      'type',
                    ),
                  ),
                  ...each(bool, 'deprecated', 'served', 'storage'),
                  ...each(text, 'deprecationWarning', 'name'),
                  schema: object({ openAPIV3Schema: open }),
                  selectableFields: list(object({ jsonPath: text }, 'jsonPath')),
                  subresources: object({
                    scale: object(
                      each(text, 'labelSelectorPath', 'specReplicasPath', 'statusReplicasPath'),
                      'specReplicasPath',
                      'statusReplicasPath',
                    ),
                    status: open,
                  }),
                },
                'name',
                'served',
                'storage',
              ),
            ),
            null,
          ),
        },
        'group',
        'names',
        'scope',
        'versions',
      ),
    ),
    status: always(
      object({
        acceptedNames: always(definitionNames),
        conditions: always(conditions('lastTransitionTime'), null),
        observedGeneration: int64,
        storedVersions: always(list(text), null),
      }),
    ),
  },
  'spec',
);
