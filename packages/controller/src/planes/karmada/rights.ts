import { commonRights, READ, type Right } from '../shared/right.ts';

/** What the plane does on the karmada-apiserver: the rules of `deploy/hub/karmada/roles.yaml`, in their order. */
export const karmadaRights: readonly Right[] = [
  {
    groups: ['policy.karmada.io'],
    resources: ['propagationpolicies', 'clusterpropagationpolicies'],
    verbs: [...READ, 'patch'],
    purpose: 'to write weights',
  },
  {
    groups: ['policy.karmada.io'],
    resources: ['propagationpolicies'],
    verbs: ['get', 'create'],
    purpose: 'to start Jobs',
  },
  {
    groups: ['policy.karmada.io'],
    resources: ['overridepolicies'],
    verbs: [...READ, 'create', 'patch', 'delete'],
    purpose: 'to pin replicas during a step',
  },
  {
    groups: ['policy.karmada.io'],
    resources: ['clusteroverridepolicies'],
    verbs: READ,
    purpose: 'to see who else sets replicas',
  },
  {
    groups: ['work.karmada.io'],
    resources: ['resourcebindings', 'works'],
    verbs: READ,
    purpose: 'to see where replicas run',
  },
  {
    groups: ['cluster.karmada.io'],
    resources: ['clusters'],
    verbs: READ,
    purpose: 'to know the members',
  },
  {
    groups: ['apps'],
    resources: ['deployments', 'replicasets', 'statefulsets'],
    verbs: READ,
    purpose: 'to find workloads that opted in',
  },
  { groups: ['batch'], resources: ['jobs'], verbs: READ, purpose: 'to find Jobs that opted in' },
  {
    groups: [''],
    resources: ['namespaces', 'services'],
    verbs: READ,
    purpose: 'to know defaults and what serves traffic',
  },
  {
    groups: ['networking.k8s.io'],
    resources: ['ingresses'],
    verbs: READ,
    purpose: 'to know what serves traffic',
  },
  {
    groups: ['gateway.networking.k8s.io'],
    resources: ['httproutes'],
    verbs: READ,
    purpose: 'to know what serves traffic',
  },
  {
    groups: ['autoscaling'],
    resources: ['horizontalpodautoscalers'],
    verbs: READ,
    purpose: 'to know what scales in the members',
  },
  {
    groups: ['keda.sh'],
    resources: ['scaledobjects'],
    verbs: READ,
    purpose: 'to know what scales in the members',
  },
  ...commonRights,
];
