import type { Placement, ResourceSelector } from '../../../src/karmada/types.ts';
import type { KubeObject } from '../../../src/runtime/client/object.ts';

const labels = { app: 'test' };

const podTemplate = (image: string): object => ({
  metadata: { labels },
  spec: {
    containers: [{ name: 'main', image, resources: { requests: { cpu: '100m', memory: '64Mi' } } }],
  },
});

export function deployment(
  namespace: string,
  name: string,
  replicas: number,
  metadata: Partial<KubeObject['metadata']> = {},
): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, ...metadata },
    spec: { replicas, selector: { matchLabels: labels }, template: podTemplate('web:1') },
  };
}

export function statefulSet(namespace: string, name: string, replicas: number): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace },
    spec: { replicas, serviceName: name, selector: { matchLabels: labels }, template: podTemplate('db:1') },
  };
}

export function job(namespace: string, name: string, spec: object = {}): KubeObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace },
    spec: {
      template: {
        spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'batch:1' }] },
      },
      ...spec,
    },
  };
}

export function cronJob(namespace: string, name: string): KubeObject {
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name, namespace },
    spec: { schedule: '0 * * * *', jobTemplate: { spec: job(namespace, name).spec } },
  };
}

export function daemonSet(namespace: string, name: string): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace },
    spec: { selector: { matchLabels: labels }, template: podTemplate('agent:1') },
  };
}

export function configMap(namespace: string, name: string): KubeObject {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace },
    data: { key: 'value' },
  };
  return object;
}

/** Selects the object by its kind and name. */
export function selecting(...objects: readonly KubeObject[]): ResourceSelector[] {
  return objects.map(({ apiVersion, kind, metadata }) => ({ apiVersion, kind, name: metadata.name }));
}

/** A static weight list: `weights(['m1', 5], ['m2', 3])`. */
export function weights(...entries: readonly (readonly [string, number])[]) {
  return entries.map(([cluster, weight]) => ({ targetCluster: { clusterNames: [cluster] }, weight }));
}

/** A placement that divides by static weights. */
export function divided(
  staticWeightList: ReturnType<typeof weights> | undefined,
  rest: Placement = {},
): Placement {
  return {
    ...rest,
    replicaScheduling: {
      replicaSchedulingType: 'Divided',
      replicaDivisionPreference: 'Weighted',
      ...(staticWeightList === undefined ? {} : { weightPreference: { staticWeightList } }),
    },
  };
}

/** The patch that writes a weight list and nothing else. */
export function weightPatch(...entries: readonly (readonly [string, number])[]): object {
  return { spec: { placement: divided(weights(...entries)) } };
}

export function policy(
  namespace: string,
  name: string,
  resourceSelectors: readonly ResourceSelector[],
  placement: Placement,
  rest: object = {},
): KubeObject {
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name, namespace },
    spec: { resourceSelectors, placement, ...rest },
  };
}

export function clusterPolicy(
  name: string,
  resourceSelectors: readonly ResourceSelector[],
  placement: Placement,
  rest: object = {},
): KubeObject {
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'ClusterPropagationPolicy',
    metadata: { name },
    spec: { resourceSelectors, placement, ...rest },
  };
}

/** An OverridePolicy with one plaintext step for one cluster. */
export function override(
  namespace: string,
  name: string,
  target: KubeObject,
  cluster: string,
  plaintext: readonly object[],
): KubeObject {
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'OverridePolicy',
    metadata: { name, namespace },
    spec: {
      resourceSelectors: selecting(target),
      overrideRules: [{ targetCluster: { clusterNames: [cluster] }, overriders: { plaintext } }],
    },
  };
}
