import { builtinSchemas } from '../../schema/builtin/index.ts';
import { eventConversion } from './events.ts';
import { apiVersionOf, type ResourceType, type ScalePaths } from './resource.ts';
import { strategies } from './strategies.ts';

/** How a row of the table below is written: everything that differs from the usual. */
interface Row {
  readonly kind: string;
  readonly plural?: string;
  readonly short?: readonly string[];
  readonly cluster?: boolean;
  readonly status?: boolean;
  readonly generation?: boolean;
  readonly scale?: boolean;
  readonly all?: boolean;
  readonly review?: boolean;
  readonly fields?: readonly string[];
}

const EVENT_FIELDS = [
  'involvedObject.kind',
  'involvedObject.namespace',
  'involvedObject.name',
  'involvedObject.uid',
  'involvedObject.apiVersion',
  'involvedObject.resourceVersion',
  'involvedObject.fieldPath',
  'reason',
  'reportingComponent',
  'source',
  'type',
];

const NEW_EVENT_FIELDS = EVENT_FIELDS.map((field) =>
  field.replace('involvedObject', 'regarding').replace('reportingComponent', 'reportingController'),
);

const POD_FIELDS = [
  'spec.nodeName',
  'spec.restartPolicy',
  'spec.schedulerName',
  'spec.serviceAccountName',
  'spec.hostNetwork',
  'status.phase',
  'status.podIP',
  'status.nominatedNodeName',
];

const workload = { status: true, generation: true, scale: true, all: true } as const;

const TABLE: Readonly<Record<string, readonly Row[]>> = {
  v1: [
    { kind: 'Namespace', short: ['ns'], cluster: true, status: true, fields: ['status.phase'] },
    { kind: 'ConfigMap', short: ['cm'] },
    { kind: 'Secret', fields: ['type'] },
    { kind: 'Service', short: ['svc'], status: true, all: true, fields: ['spec.clusterIP', 'spec.type'] },
    { kind: 'ServiceAccount', short: ['sa'] },
    { kind: 'Event', short: ['ev'], fields: EVENT_FIELDS },
    { kind: 'Endpoints', plural: 'endpoints', short: ['ep'] },
    { kind: 'Pod', short: ['po'], status: true, generation: true, all: true, fields: POD_FIELDS },
    { kind: 'Node', short: ['no'], cluster: true, status: true, fields: ['spec.unschedulable'] },
    { kind: 'PersistentVolumeClaim', short: ['pvc'], status: true },
    { kind: 'ResourceQuota', short: ['quota'], status: true },
    { kind: 'LimitRange', short: ['limits'] },
  ],
  'apps/v1': [
    { kind: 'Deployment', short: ['deploy'], ...workload },
    { kind: 'ReplicaSet', short: ['rs'], ...workload, fields: ['status.replicas'] },
    { kind: 'StatefulSet', short: ['sts'], ...workload },
    { kind: 'DaemonSet', short: ['ds'], ...workload, scale: false },
    { kind: 'ControllerRevision' },
  ],
  'autoscaling/v2': [{ kind: 'HorizontalPodAutoscaler', short: ['hpa'], status: true, all: true }],
  'batch/v1': [
    { kind: 'Job', ...workload, scale: false, fields: ['status.successful'] },
    { kind: 'CronJob', short: ['cj'], ...workload, scale: false },
  ],
  'policy/v1': [{ kind: 'PodDisruptionBudget', short: ['pdb'], status: true, generation: true }],
  'networking.k8s.io/v1': [
    { kind: 'Ingress', plural: 'ingresses', short: ['ing'], status: true, generation: true },
    { kind: 'IngressClass', plural: 'ingressclasses', cluster: true, generation: true },
    { kind: 'NetworkPolicy', plural: 'networkpolicies', short: ['netpol'], generation: true },
  ],
  'rbac.authorization.k8s.io/v1': [
    { kind: 'Role' },
    { kind: 'RoleBinding' },
    { kind: 'ClusterRole', cluster: true },
    { kind: 'ClusterRoleBinding', cluster: true },
  ],
  'coordination.k8s.io/v1': [{ kind: 'Lease' }],
  'discovery.k8s.io/v1': [{ kind: 'EndpointSlice' }],
  'events.k8s.io/v1': [{ kind: 'Event', short: ['ev'], fields: NEW_EVENT_FIELDS }],
  'admissionregistration.k8s.io/v1': [
    {
      kind: 'MutatingAdmissionPolicy',
      plural: 'mutatingadmissionpolicies',
      cluster: true,
      generation: true,
    },
    { kind: 'MutatingAdmissionPolicyBinding', cluster: true, generation: true },
    { kind: 'MutatingWebhookConfiguration', cluster: true, generation: true },
  ],
  'apiextensions.k8s.io/v1': [
    {
      kind: 'CustomResourceDefinition',
      short: ['crd', 'crds'],
      cluster: true,
      status: true,
      generation: true,
    },
  ],
  'authentication.k8s.io/v1': [
    { kind: 'TokenReview', cluster: true, review: true },
    { kind: 'SelfSubjectReview', cluster: true, review: true },
  ],
  'authorization.k8s.io/v1': [
    { kind: 'SelfSubjectAccessReview', cluster: true, review: true },
    { kind: 'SubjectAccessReview', cluster: true, review: true },
    { kind: 'SelfSubjectRulesReview', cluster: true, review: true },
  ],
};

const SCALE: ScalePaths = {
  specReplicas: 'spec.replicas',
  statusReplicas: 'status.replicas',
  selector: 'spec.selector',
};

/** The resources that a Kubernetes API serves without any CustomResourceDefinition. */
export function builtinResources(): ResourceType[] {
  return Object.entries(TABLE).flatMap(([apiVersion, rows]) => rows.map((row) => resource(apiVersion, row)));
}

function resource(apiVersion: string, row: Row): ResourceType {
  const [version = '', group = ''] = apiVersion.split('/').toReversed();
  const plural = row.plural ?? `${row.kind.toLowerCase()}s`;
  // Both kinds of Event are one resource in two forms.
  const isNewEvent = group === 'events.k8s.io';
  const home = isNewEvent ? { group: '', version: 'v1' } : { group, version };
  return {
    group,
    version,
    kind: row.kind,
    plural,
    singular: row.kind.toLowerCase(),
    shortNames: row.short ?? [],
    categories: row.all === true ? ['all'] : [],
    namespaced: row.cluster !== true,
    storage: `${home.group}/${plural}`,
    storageVersion: apiVersionOf(home),
    hasStatus: row.status === true,
    scale: row.scale === true ? SCALE : undefined,
    hasGeneration: row.generation === true,
    custom: false,
    review: row.review === true,
    schema: builtinSchemas[`${apiVersion}/${row.kind}`],
    columns: [],
    selectableFields: row.fields ?? [],
    strategy: strategies[`${group}/${row.kind}`] ?? { unconditionalUpdate: true },
    ...(isNewEvent ? eventConversion : {}),
  };
}
