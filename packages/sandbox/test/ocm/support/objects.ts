import type {
  ManagedClusterSet,
  ManagedClusterSetBinding,
  ManifestWorkReplicaSet,
  Placement,
  PlacementSpec,
  ReplicaSetSpec,
  RolloutStrategy,
  WorkSpec,
} from '../../../src/ocm/types.ts';
import type { KubeObject } from '../../../src/runtime/client/object.ts';

const CLUSTER = 'cluster.open-cluster-management.io';

/** A set of the clusters with the label, or of those that name it. */
export function clusterSet(name: string, matchLabels?: Record<string, string>): ManagedClusterSet {
  return {
    apiVersion: `${CLUSTER}/v1beta2`,
    kind: 'ManagedClusterSet',
    metadata: { name },
    spec: {
      clusterSelector:
        matchLabels === undefined
          ? { selectorType: 'ExclusiveClusterSetLabel' }
          : { selectorType: 'LabelSelector', labelSelector: { matchLabels } },
    },
  };
}

export function setBinding(namespace: string, set: string): ManagedClusterSetBinding {
  return {
    apiVersion: `${CLUSTER}/v1beta2`,
    kind: 'ManagedClusterSetBinding',
    metadata: { name: set, namespace },
    spec: { clusterSet: set },
  };
}

export function placement(
  namespace: string,
  name: string,
  spec: PlacementSpec,
  annotations?: Record<string, string>,
): Placement {
  return {
    apiVersion: `${CLUSTER}/v1beta1`,
    kind: 'Placement',
    metadata: { name, namespace, ...(annotations === undefined ? {} : { annotations }) },
    spec,
  };
}

type Configuration = NonNullable<NonNullable<PlacementSpec['prioritizerPolicy']>['configurations']>[number];

export function addOn(resourceName: string, scoreName: string, weight: number): Configuration {
  return { scoreCoordinate: { type: 'AddOn', addOn: { resourceName, scoreName } }, weight };
}

export function builtIn(name: string, weight: number): Configuration {
  return { scoreCoordinate: { type: 'BuiltIn', builtIn: name }, weight };
}

/** The prioritizers that steer a Placement: one score of its own, and what is chosen stays. */
export function steered(scoreName: string): NonNullable<PlacementSpec['prioritizerPolicy']> {
  return {
    mode: 'Exact',
    configurations: [addOn('windvane-placements', scoreName, 10), builtIn('Steady', 1)],
  };
}

const labels = { app: 'test' };

export function deployment(namespace: string, name: string, replicas = 2): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'train:1' }] } },
    },
  };
}

export function replicaSet(
  namespace: string,
  name: string,
  placementName: string,
  rest: {
    readonly template?: WorkSpec;
    readonly strategy?: RolloutStrategy;
    readonly spec?: Partial<ReplicaSetSpec>;
  } = {},
): ManifestWorkReplicaSet {
  const { template = { workload: { manifests: [deployment('default', name)] } }, strategy, spec } = rest;
  return {
    apiVersion: 'work.open-cluster-management.io/v1alpha1',
    kind: 'ManifestWorkReplicaSet',
    metadata: { name, namespace },
    spec: {
      manifestWorkTemplate: template,
      placementRefs: [
        { name: placementName, ...(strategy === undefined ? {} : { rolloutStrategy: strategy }) },
      ],
      ...spec,
    },
  };
}
