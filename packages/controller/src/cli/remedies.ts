import type { PlacementReason } from '../status/carbon-placement.ts';

/** The workload that is explained. */
export interface Explained {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

const API_VERSIONS: Readonly<Record<string, string>> = {
  Deployment: 'apps/v1',
  ReplicaSet: 'apps/v1',
  StatefulSet: 'apps/v1',
  Job: 'batch/v1',
};

/** The head of the workload's own manifest; what follows goes into it. */
function workload(
  { kind, namespace, name }: Explained,
  annotations: Readonly<Record<string, string>>,
): string {
  return [
    ...(API_VERSIONS[kind] === undefined ? [] : [`apiVersion: ${API_VERSIONS[kind]}`]),
    `kind: ${kind}`,
    'metadata:',
    `  namespace: ${namespace}`,
    `  name: ${name}`,
    '  annotations:',
    ...Object.entries(annotations).map(([key, value]) => `    windvane.dev/${key}: ${JSON.stringify(value)}`),
  ].join('\n');
}

/** A policy for this workload alone, in the form to recommend: divided by weights, without a list of them. */
function policy({ kind, namespace, name }: Explained, annotated = false): string {
  return [
    'apiVersion: policy.karmada.io/v1alpha1',
    'kind: PropagationPolicy',
    'metadata:',
    `  namespace: ${namespace}`,
    `  name: ${name}`,
    ...(annotated ? ['  annotations:', '    windvane.dev/placement: follow-the-wind'] : []),
    'spec:',
    '  resourceSelectors:',
    `    - apiVersion: ${API_VERSIONS[kind] ?? 'apps/v1'}`,
    `      kind: ${kind}`,
    `      name: ${name}`,
    '  placement:',
    '    replicaScheduling:',
    '      replicaSchedulingType: Divided',
    '      replicaDivisionPreference: Weighted',
  ].join('\n');
}

/** The policy that starts a Job in one cluster. */
function startNow(about: Explained): string {
  const [selected] = policy(about).split('  placement:');
  return `${selected}  propagateDeps: true\n  placement:\n    clusterAffinity:\n      clusterNames: [CLUSTER]`;
}

const out = (about: Explained): string => workload(about, { placement: 'off' });

const cluster = (annotations: readonly string[]): string =>
  [
    'apiVersion: cluster.karmada.io/v1alpha1',
    'kind: Cluster',
    'metadata:',
    '  name: CLUSTER',
    '  annotations:',
    ...annotations.map((each) => `    ${each}`),
  ].join('\n');

const job = ({ namespace, name }: Explained): string =>
  [
    'apiVersion: batch/v1',
    'kind: Job',
    'metadata:',
    `  namespace: ${namespace}`,
    `  name: ${name}`,
    'spec:',
    '  suspend: false',
  ].join('\n');

type Remedy = (about: Explained) => { readonly words: string; readonly yaml: string | null };

/** What to paste for each reason, and what it means to do so. Every reason of the status has one. */
const remedies: Readonly<Record<PlacementReason, Remedy>> = {
  RealTime: (about) => ({
    words: 'if its users do not mind where it runs',
    yaml: workload(about, { 'latency-class': 'flexible' }),
  }),
  ServesTraffic: (about) => ({
    words: 'if its users do not mind where it runs (realtime if they do)',
    yaml: workload(about, { 'latency-class': 'flexible' }),
  }),
  NoPolicy: (about) => ({ words: 'a policy that places it', yaml: policy(about) }),
  SharedPolicy: (about) => ({ words: 'a policy of its own, or the annotation on all', yaml: policy(about) }),
  ConsentRequired: (about) => ({
    words: 'a policy of its own, or this annotation on the ClusterPropagationPolicy',
    yaml: policy(about, true),
  }),
  UnsupportedPolicy: (about) => ({ words: 'a placement that weights can steer', yaml: policy(about) }),
  LazyPolicy: (about) => ({ words: 'the policy without activationPreference', yaml: policy(about) }),
  ClaimedJob: ({ namespace, name }) => ({
    words: 'leave it out of the policy: select the others by name, not by kind',
    yaml: [
      'apiVersion: policy.karmada.io/v1alpha1',
      'kind: PropagationPolicy',
      'metadata:',
      `  namespace: ${namespace}`,
      '  name: POLICY',
      'spec:',
      '  resourceSelectors:',
      '    - apiVersion: batch/v1',
      '      kind: Job',
      `      name: ANOTHER-THAN-${name.toUpperCase()}`,
    ].join('\n'),
  }),
  Stateful: (about) => ({ words: 'it stays where it is', yaml: out(about) }),
  MemberAutoscaler: (about) => ({
    words: 'scale it on the hub, where weights divide what it asks for',
    yaml: [
      'apiVersion: autoscaling.karmada.io/v1alpha1',
      'kind: FederatedHPA',
      'metadata:',
      `  namespace: ${about.namespace}`,
      `  name: ${about.name}`,
      'spec:',
      '  scaleTargetRef:',
      `    apiVersion: ${API_VERSIONS[about.kind] ?? 'apps/v1'}`,
      `    kind: ${about.kind}`,
      `    name: ${about.name}`,
      '  minReplicas: 3',
      '  maxReplicas: 30',
      '  metrics:',
      '    - type: Resource',
      '      resource:',
      '        name: cpu',
      '        target: {type: Utilization, averageUtilization: 70}',
    ].join('\n'),
  }),
  OverrideConflict: (about) => ({
    words: 'take /spec/replicas out of the override policy; or leave the workload where it is',
    yaml: out(about),
  }),
  TooFewReplicas: (about) => ({
    words: 'more replicas, or accept the gap',
    yaml: workload(about, { 'max-surge': '0' }),
  }),
  FieldConflict: (about) => ({
    words: 'the manifest of the policy without weightPreference; or allow the adoption',
    yaml: workload(about, { adopt: 'allowed' }),
  }),
  RevertedByOther: (about) => ({
    words: 'leave weightPreference out of the manifest, then change any windvane.dev annotation to try again',
    yaml: policy(about),
  }),
  StaleData: (about) => ({
    words: 'to go on by yearly averages, or back to how it was found (restore)',
    yaml: workload(about, { 'on-stale-data': 'baseline' }),
  }),
  NoData: () => ({
    words: 'a location for every cluster, and a source for its zone (windvane doctor)',
    yaml: cluster(['windvane.dev/location: aws/eu-north-1']),
  }),
  NotReadyCluster: () => ({ words: 'nothing to paste: it goes on when the cluster is Ready', yaml: null }),
  InsufficientCapacity: () => ({
    words: 'room in the clean clusters, or a bound on what they take',
    yaml: cluster(['windvane.dev/max-share: "50"']),
  }),
  NoClusterCount: ({ namespace }) => ({
    words: 'the Placement with a number of clusters',
    yaml: placement(namespace, ['  numberOfClusters: 1']),
  }),
  TooFewClusters: ({ namespace }) => ({
    words: 'fewer clusters, or more of them in its locations',
    yaml: placement(namespace, ['  numberOfClusters: 1']),
  }),
  NotDispatched: (about) => ({
    words: 'under observe nothing is dispatched; this starts it now',
    yaml: startNow(about),
  }),
  SuspendedTemplate: (about) => ({
    words: 'unsuspended: Windvane holds it back on the hub',
    yaml: job(about),
  }),
  Frozen: () => ({ words: 'kubectl delete configmap windvane-freeze -n windvane-system', yaml: null }),
  UnknownKey: (about) => ({
    words: 'the key as it is known, without the misspelt one',
    yaml: workload(about, { placement: 'follow-the-wind' }),
  }),
  BadValue: (about) => ({ words: 'a value of the right form', yaml: workload(about, { 'max-step': '25' }) }),
  NoEffect: (about) => ({
    words: 'without the key that has no effect here',
    yaml: workload(about, { placement: 'follow-the-wind' }),
  }),
  Contradiction: (about) => ({
    words: 'a workload may only narrow what its policy says',
    yaml: workload(about, { placement: 'follow-the-wind' }),
  }),
  UnresolvedLocation: (about) => ({
    words: 'a location that is known (windvane map lists zones)',
    yaml: workload(about, { locations: 'EU' }),
  }),
  PriceMissing: (about) => ({
    words: 'until the hub has prices for every cluster',
    yaml: workload(about, { objective: 'carbon' }),
  }),
};

function placement(namespace: string, spec: readonly string[]): string {
  return [
    'apiVersion: cluster.open-cluster-management.io/v1beta1',
    'kind: Placement',
    'metadata:',
    `  namespace: ${namespace}`,
    '  name: PLACEMENT',
    'spec:',
    ...spec,
  ].join('\n');
}

const byReason: ReadonlyMap<string, Remedy> = new Map(Object.entries(remedies));

/** Lines that say what would take an obstacle away; none for a reason of a newer controller. */
export function remedyLines(reason: string, about: Explained): string[] {
  const remedy = byReason.get(reason)?.(about);
  if (remedy === undefined) return [];
  if (remedy.yaml === null) return [`  Remedy: ${remedy.words}`];
  return [`  Remedy, ${remedy.words}:`, ...remedy.yaml.split('\n').map((line) => `    ${line}`)];
}
