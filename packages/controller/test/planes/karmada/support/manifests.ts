import type { KubeObject } from '../../../../src/kube/resource.ts';

export interface DeploymentSettings {
  readonly replicas?: number;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly volumes?: readonly unknown[];
}

export const FOLLOW = { 'windvane.dev/placement': 'follow-the-wind' };

export function deployment(namespace: string, name: string, settings: DeploymentSettings = {}): KubeObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      namespace,
      name,
      annotations: settings.annotations ?? FOLLOW,
      ...(settings.labels === undefined ? {} : { labels: settings.labels }),
    },
    spec: {
      replicas: settings.replicas ?? 9,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [
            {
              name: 'main',
              image: 'example/app:1',
              resources: { requests: { cpu: '100m', memory: '64Mi' } },
            },
          ],
          ...(settings.volumes === undefined ? {} : { volumes: settings.volumes }),
        },
      },
    },
  };
}

export interface PolicySettings {
  readonly annotations?: Readonly<Record<string, string>>;
  /** Weights in the manifest; none by default, the form to recommend. */
  readonly weights?: Readonly<Record<string, number>>;
  readonly clusters?: readonly string[];
  readonly names?: readonly string[];
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly placement?: Readonly<Record<string, unknown>>;
}

export function policy(namespace: string, name: string, settings: PolicySettings = {}): KubeObject {
  const staticWeightList = Object.entries(settings.weights ?? {}).map(([cluster, weight]) => ({
    targetCluster: { clusterNames: [cluster] },
    weight,
  }));
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: {
      namespace,
      name,
      ...(settings.annotations === undefined ? {} : { annotations: settings.annotations }),
    },
    spec: {
      resourceSelectors: (settings.names ?? [name]).map((each) => ({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        name: each,
      })),
      placement: {
        ...(settings.clusters === undefined ? {} : { clusterAffinity: { clusterNames: settings.clusters } }),
        replicaScheduling: {
          replicaSchedulingType: 'Divided',
          replicaDivisionPreference: 'Weighted',
          ...(staticWeightList.length === 0 ? {} : { weightPreference: { staticWeightList } }),
        },
        ...settings.placement,
      },
      ...settings.spec,
    },
  };
}

export function service(
  namespace: string,
  name: string,
  selector: Readonly<Record<string, string>>,
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name },
    spec: { selector, ports: [{ port: 80 }] },
  };
}

/** A cluster-wide policy for one Deployment. */
export function clusterPolicy(
  namespace: string,
  name: string,
  workload: string,
  annotations: Readonly<Record<string, string>>,
): KubeObject {
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'ClusterPropagationPolicy',
    metadata: { name, annotations },
    spec: {
      resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name: workload }],
      placement: {
        replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Weighted' },
      },
    },
  };
}

/** A policy for one object of any kind. */
export function policyFor(namespace: string, apiVersion: string, kind: string, name: string): KubeObject {
  return policy(namespace, name, { spec: { resourceSelectors: [{ apiVersion, kind, name }] } });
}

export interface JobSettings {
  readonly annotations?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly cpu?: string;
  readonly volumes?: readonly unknown[];
}

/** A Job that follows the wind; `start-by` and the like come by its annotations. */
export function job(namespace: string, name: string, settings: JobSettings = {}): KubeObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      namespace,
      name,
      annotations: { ...FOLLOW, ...settings.annotations },
      ...(settings.labels === undefined ? {} : { labels: settings.labels }),
    },
    spec: {
      template: {
        metadata: { labels: { app: name } },
        spec: {
          restartPolicy: 'Never',
          containers: [
            {
              name: 'main',
              image: 'example/etl:1',
              resources: { requests: { cpu: settings.cpu ?? '100m', memory: '64Mi' } },
            },
          ],
          ...(settings.volumes === undefined ? {} : { volumes: settings.volumes }),
        },
      },
      ...settings.spec,
    },
  };
}
