import {
  int32,
  int64,
  list,
  object,
  oneOf,
  type Schema,
  text,
  withDefault,
} from '../../runtime/crds/schema.ts';
import { clusterAffinity, clusterAffinityTerm, tolerations } from './selectors.ts';

const staticWeight = object({ targetCluster: clusterAffinity, weight: { ...int64, minimum: 1 } }, [
  'targetCluster',
  'weight',
]);

const grouping = object({ groupByLabelKey: text }, ['groupByLabelKey']);

/** `spec.placement` of policies and bindings. */
export const placement: Schema = object({
  clusterAffinity,
  clusterAffinities: list(clusterAffinityTerm),
  clusterTolerations: tolerations,
  spreadConstraints: list(
    object({
      maxGroups: { type: 'integer' },
      minGroups: { type: 'integer' },
      spreadByField: oneOf('cluster', 'region', 'zone', 'provider'),
      spreadByLabel: text,
    }),
  ),
  replicaScheduling: object({
    replicaSchedulingType: withDefault(oneOf('Duplicated', 'Divided'), 'Divided'),
    replicaDivisionPreference: oneOf('Aggregated', 'Weighted'),
    weightPreference: object({
      dynamicWeight: oneOf('AvailableReplicas'),
      staticWeightList: list(staticWeight),
    }),
  }),
  workloadAffinity: object({ affinity: grouping, antiAffinity: grouping }),
});

const statePreservation = object(
  { rules: list(object({ aliasLabelName: text, jsonPath: text }, ['aliasLabelName', 'jsonPath'])) },
  ['rules'],
);

/** `spec.failover` of policies and bindings. */
export const failover: Schema = object({
  application: object(
    {
      decisionConditions: object({ tolerationSeconds: withDefault(int32, 300) }),
      gracePeriodSeconds: int32,
      purgeMode: withDefault(oneOf('Directly', 'Gracefully', 'Never'), 'Gracefully'),
      statePreservation,
    },
    ['decisionConditions'],
  ),
  cluster: object({
    purgeMode: withDefault(oneOf('Directly', 'Gracefully'), 'Gracefully'),
    statePreservation,
  }),
});
