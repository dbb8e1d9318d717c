import { checkPolicy, checkPolicyBinding } from '../admission/check-policy.ts';
import { checkWebhooks } from '../admission/check-webhooks.ts';
import { cloneJson, isObject, type JsonObject, type KubeObject } from '../object.ts';
import { checkDefinition, checkJob, checkWorkload } from './checks.ts';
import type { Strategy } from './resource.ts';

/**
 * What the real server does for single built-in kinds, keyed `group/Kind`.
 * Defaults that need nothing but the field itself stand in the schemas instead.
 */
export const strategies: Readonly<Record<string, Strategy>> = {
  '/Namespace': {
    unconditionalUpdate: true,
    returnsDeleted: true,
    nameRule: 'label',
    create(namespace) {
      labels(namespace)['kubernetes.io/metadata.name'] = namespace.metadata.name;
      namespace['spec'] = { finalizers: ['kubernetes'] };
      namespace['status'] = { phase: 'Active' };
    },
    update(namespace, previous) {
      labels(namespace)['kubernetes.io/metadata.name'] = namespace.metadata.name;
      section(namespace, 'spec')['finalizers'] = section(cloneJson(previous), 'spec')['finalizers'] ?? [];
    },
  },
  '/Secret': {
    unconditionalUpdate: true,
    create(secret) {
      encodeStringData(secret);
      secret['type'] ??= 'Opaque';
    },
    update(secret, previous) {
      encodeStringData(secret);
      secret['type'] ??= previous['type'];
    },
  },
  '/Service': {
    unconditionalUpdate: true,
    returnsDeleted: true,
    nameRule: 'service',
    create(service) {
      const spec = section(service, 'spec');
      if (spec['type'] !== 'ExternalName') assignClusterIP(spec, nextClusterIP());
      service['status'] = { loadBalancer: {} };
    },
    update(service, previous) {
      const before = section(cloneJson(previous), 'spec');
      const spec = section(service, 'spec');
      for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) {
        if (spec[field] === undefined && before[field] !== undefined) spec[field] = before[field];
      }
    },
  },
  '/ServiceAccount': { unconditionalUpdate: true, returnsDeleted: true },
  '/Pod': {
    unconditionalUpdate: true,
    returnsDeleted: true,
    create(pod) {
      pod['status'] = { phase: 'Pending', qosClass: 'BestEffort' };
      const spec = section(pod, 'spec');
      spec['preemptionPolicy'] ??= 'PreemptLowerPriority';
      spec['priority'] ??= 0;
      spec['tolerations'] ??= ['not-ready', 'unreachable'].map((state) => ({
        effect: 'NoExecute',
        key: `node.kubernetes.io/${state}`,
        operator: 'Exists',
        tolerationSeconds: 300,
      }));
    },
  },
  '/Event': { unconditionalUpdate: true, createOnUpdate: true },
  'events.k8s.io/Event': { unconditionalUpdate: true, createOnUpdate: true },
  '/PersistentVolumeClaim': {
    unconditionalUpdate: true,
    returnsDeleted: true,
    create(claim) {
      claim['status'] = { phase: 'Pending' };
    },
  },
  'apps/Deployment': { unconditionalUpdate: true, check: checkWorkload },
  'apps/DaemonSet': {
    unconditionalUpdate: true,
    check: checkWorkload,
    create(daemonSet) {
      daemonSet.metadata.annotations = {
        ...daemonSet.metadata.annotations,
        'deprecated.daemonset.template.generation': '1',
      };
      daemonSet['status'] = {
        currentNumberScheduled: 0,
        desiredNumberScheduled: 0,
        numberMisscheduled: 0,
        numberReady: 0,
      };
    },
  },
  'apps/ReplicaSet': { unconditionalUpdate: true, check: checkWorkload, create: withStatus({ replicas: 0 }) },
  'apps/StatefulSet': {
    unconditionalUpdate: true,
    check: checkWorkload,
    create: withStatus({ replicas: 0, availableReplicas: 0 }),
  },
  'autoscaling/HorizontalPodAutoscaler': {
    unconditionalUpdate: true,
    create(autoscaler) {
      autoscaler['status'] = { currentMetrics: null, desiredReplicas: 0 };
      const target = { type: 'Utilization', averageUtilization: 80 };
      section(autoscaler, 'spec')['metrics'] ??= [{ type: 'Resource', resource: { name: 'cpu', target } }];
    },
  },
  'policy/PodDisruptionBudget': {
    unconditionalUpdate: true,
    create: withStatus({ currentHealthy: 0, desiredHealthy: 0, disruptionsAllowed: 0, expectedPods: 0 }),
  },
  'networking.k8s.io/Ingress': { unconditionalUpdate: true, create: withStatus({ loadBalancer: {} }) },
  'batch/Job': { unconditionalUpdate: true, check: checkJob, create: prepareJob },
  'coordination.k8s.io/Lease': { createOnUpdate: true },
  'admissionregistration.k8s.io/MutatingAdmissionPolicy': { check: checkPolicy },
  'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding': { check: checkPolicyBinding },
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': { check: checkWebhooks },
  'apiextensions.k8s.io/CustomResourceDefinition': {
    create: nameDefinition,
    update: nameDefinition,
    check: checkDefinition,
  },
  'rbac.authorization.k8s.io/Role': rbac(),
  'rbac.authorization.k8s.io/RoleBinding': rbac(),
  'rbac.authorization.k8s.io/ClusterRole': rbac(),
  'rbac.authorization.k8s.io/ClusterRoleBinding': rbac(),
};

function rbac(): Strategy {
  return { unconditionalUpdate: true, createOnUpdate: true, nameRule: 'path' };
}

function withStatus(status: JsonObject): (object: KubeObject) => void {
  return (object) => {
    object['status'] = cloneJson(status);
  };
}

function section(object: JsonObject, name: string): JsonObject {
  const value = object[name];
  if (isObject(value)) return value;
  const made: JsonObject = {};
  object[name] = made;
  return made;
}

function labels(object: KubeObject): Record<string, string> {
  object.metadata.labels ??= {};
  return object.metadata.labels;
}

/** `stringData` is write-only: it ends up in `data`. */
function encodeStringData(secret: KubeObject): void {
  const plain = secret['stringData'];
  if (!isObject(plain)) return;
  const data = section(secret, 'data');
  for (const [key, value] of Object.entries(plain)) data[key] = Buffer.from(String(value)).toString('base64');
  delete secret['stringData'];
}

let allocated = 0;

/** Addresses of 10.0.0.0/16, each given once: enough to look right, nobody routes them. */
function nextClusterIP(): string {
  allocated += 1;
  return `10.0.${(allocated >> 8) & 255}.${allocated & 255}`;
}

function assignClusterIP(spec: JsonObject, address: string): void {
  spec['clusterIP'] ??= address;
  spec['clusterIPs'] ??= [spec['clusterIP']];
  spec['ipFamilies'] ??= ['IPv4'];
  spec['ipFamilyPolicy'] ??= 'SingleStack';
}

/** Unless told otherwise, a Job selects its pods by its own uid. */
function prepareJob(job: KubeObject): void {
  const spec = section(job, 'spec');
  if (spec['manualSelector'] === true || spec['selector'] !== undefined) return;
  const uid = job.metadata.uid ?? '';
  const template = section(section(spec, 'template'), 'metadata');
  const podLabels = section(template, 'labels');
  podLabels['batch.kubernetes.io/controller-uid'] ??= uid;
  podLabels['batch.kubernetes.io/job-name'] ??= job.metadata.name;
  podLabels['controller-uid'] ??= uid;
  podLabels['job-name'] ??= job.metadata.name;
  spec['selector'] = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
  if (Object.keys(job.metadata.labels ?? {}).length === 0) {
    job.metadata.labels = Object.fromEntries(
      Object.entries(podLabels).map(([key, value]) => [key, String(value)]),
    );
  }
}

function nameDefinition(definition: KubeObject): void {
  const names = section(section(definition, 'spec'), 'names');
  const kind = typeof names['kind'] === 'string' ? names['kind'] : '';
  names['singular'] ??= kind.toLowerCase();
  names['listKind'] ??= `${kind}List`;
  section(definition, 'spec')['conversion'] ??= { strategy: 'None' };
}
