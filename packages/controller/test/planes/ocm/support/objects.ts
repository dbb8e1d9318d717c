import type { KubeObject } from '../../../../src/kube/resource.ts';

const CLUSTER = 'cluster.open-cluster-management.io';

export type Annotations = Readonly<Record<string, string>>;

export const FOLLOW: Annotations = {
  'windvane.dev/placement': 'follow-the-wind',
  'windvane.dev/latency-class': 'flexible',
  'windvane.dev/cooldown': '0s',
  'windvane.dev/max-moves-per-day': '96',
  'windvane.dev/move-cost': '0s',
};

export function clusterSet(name: string, matchLabels: Annotations): KubeObject {
  return {
    apiVersion: `${CLUSTER}/v1beta2`,
    kind: 'ManagedClusterSet',
    metadata: { name },
    spec: { clusterSelector: { selectorType: 'LabelSelector', labelSelector: { matchLabels } } },
  };
}

export function setBinding(namespace: string, set: string): KubeObject {
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
  spec: Readonly<Record<string, unknown>> = { numberOfClusters: 1 },
  annotations: Annotations = FOLLOW,
): KubeObject {
  return {
    apiVersion: `${CLUSTER}/v1beta1`,
    kind: 'Placement',
    metadata: { name, namespace, annotations },
    spec,
  };
}

const labels = { app: 'train' };

export const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'train', namespace: 'default' },
  spec: {
    replicas: 2,
    selector: { matchLabels: labels },
    template: { metadata: { labels }, spec: { containers: [{ name: 'main', image: 'train:1' }] } },
  },
};

export const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'train', namespace: 'default' },
  spec: { selector: labels, ports: [{ port: 80 }] },
};

export function replicaSet(
  namespace: string,
  name: string,
  placementNames: readonly string[] = [name],
  annotations: Annotations = {},
  manifests: readonly unknown[] = [DEPLOYMENT],
): KubeObject {
  return {
    apiVersion: 'work.open-cluster-management.io/v1alpha1',
    kind: 'ManifestWorkReplicaSet',
    metadata: { name, namespace, annotations },
    spec: {
      manifestWorkTemplate: {
        workload: { manifests },
        manifestConfigs: [
          {
            resourceIdentifier: {
              group: 'apps',
              resource: 'deployments',
              namespace: DEPLOYMENT.metadata.namespace,
              name: DEPLOYMENT.metadata.name,
            },
            feedbackRules: [{ type: 'WellKnownStatus' }],
          },
        ],
      },
      placementRefs: placementNames.map((each) => ({ name: each })),
    },
  };
}

/** What an API server fills in where a Placement says nothing. */
export const DEFAULTS = { scoreRateLimit: '1m', sortBy: 'ClusterName' };
