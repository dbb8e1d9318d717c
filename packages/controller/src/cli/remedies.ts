import type { PlacementReason } from '../status/carbon-placement.ts';

/** The workload that is explained. */
export interface Explained {
  /** As its object is written; null when that is not known, and nothing can be pasted for it. */
  readonly apiVersion: string | null;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** On a hub of Open Cluster Management policies and clusters have other kinds. */
const onOcm = ({ apiVersion }: Explained): boolean =>
  apiVersion?.includes('.open-cluster-management.io/') === true;

/** The head of the workload's own manifest; what follows goes into it. */
function workload(
  { apiVersion, kind, namespace, name }: Explained,
  annotations: Readonly<Record<string, string>>,
): string | null {
  if (apiVersion === null) return null;
  return [
    `apiVersion: ${apiVersion}`,
    `kind: ${kind}`,
    'metadata:',
    `  namespace: ${namespace}`,
    `  name: ${name}`,
    '  annotations:',
    ...Object.entries(annotations).map(([key, value]) => `    windvane.dev/${key}: ${JSON.stringify(value)}`),
  ].join('\n');
}

/** A policy for this workload alone, in the form to recommend: divided by weights, without a list of them. */
function policy(about: Explained, annotated = false): string | null {
  const { apiVersion, kind, namespace, name } = about;
  if (apiVersion === null || onOcm(about)) return null;
  return [
    'apiVersion: policy.karmada.io/v1alpha1',
    'kind: PropagationPolicy',
    'metadata:',
    `  namespace: ${namespace}`,
    `  name: ${name}`,
    ...(annotated ? ['  annotations:', '    windvane.dev/placement: follow-the-wind'] : []),
    'spec:',
    '  resourceSelectors:',
    `    - apiVersion: ${apiVersion}`,
    `      kind: ${kind}`,
    `      name: ${name}`,
    '  placement:',
    '    replicaScheduling:',
    '      replicaSchedulingType: Divided',
    '      replicaDivisionPreference: Weighted',
  ].join('\n');
}

/** The policy that starts a Job in one cluster. */
function startNow(about: Explained): string | null {
  const selected = policy(about)?.split('  placement:')[0];
  if (selected === undefined) return null;
  return `${selected}  propagateDeps: true\n  placement:\n    clusterAffinity:\n      clusterNames: [CLUSTER]`;
}

const out = (about: Explained): string | null => workload(about, { placement: 'off' });

const cluster = (about: Explained, annotations: readonly string[]): string =>
  [
    ...(onOcm(about)
      ? ['apiVersion: cluster.open-cluster-management.io/v1', 'kind: ManagedCluster']
      : ['apiVersion: cluster.karmada.io/v1alpha1', 'kind: Cluster']),
    'metadata:',
    '  name: CLUSTER',
    '  annotations:',
    ...annotations.map((each) => `    ${each}`),
  ].join('\n');

const job = ({ apiVersion, kind, namespace, name }: Explained): string =>
  [
    `apiVersion: ${apiVersion ?? 'batch/v1'}`,
    `kind: ${kind}`,
    'metadata:',
    `  namespace: ${namespace}`,
    `  name: ${name}`,
    'spec:',
    '  suspend: false',
  ].join('\n');

/** @param message what the condition says: some remedies depend on it. */
type Remedy = (about: Explained, message: string) => { readonly words: string; readonly yaml: string | null };

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
  NoPolicy: (about) => ({
    words: onOcm(about) ? 'the Placement that it names' : 'a policy that places it',
    yaml: policy(about),
  }),
  SharedPolicy: (about) => ({
    words: onOcm(about)
      ? 'a Placement of its own, or the annotation on all'
      : 'the annotation on all, or a policy of its own, with the clusterAffinity of the one it shares',
    yaml: policy(about),
  }),
  ConsentRequired: (about) => ({
    words: onOcm(about)
      ? 'a Placement of its own, or the annotation on the Placement'
      : 'the annotation on the ClusterPropagationPolicy, or a policy of its own, with the same clusterAffinity',
    yaml: policy(about, true),
  }),
  UnsupportedPolicy: () => ({ words: 'mend the policy, or Placement, that is named', yaml: null }),
  LazyPolicy: () => ({ words: 'the policy without activationPreference', yaml: null }),
  ClaimedJob: ({ apiVersion, kind, namespace, name }) => ({
    words: 'leave it out of the policy: select the others by name, not by kind',
    yaml: [
      'apiVersion: policy.karmada.io/v1alpha1',
      'kind: PropagationPolicy',
      'metadata:',
      `  namespace: ${namespace}`,
      '  name: POLICY',
      'spec:',
      '  resourceSelectors:',
      `    - apiVersion: ${apiVersion ?? 'batch/v1'}`,
      `      kind: ${kind}`,
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
      `    apiVersion: ${about.apiVersion ?? 'apps/v1'}`,
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
  FieldConflict: (about, message) =>
    message.includes('windvane.dev/surge-clusters')
      ? { words: 'to move without a surge', yaml: workload(about, { 'surge-clusters': '0' }) }
      : {
          words: `the manifest without ${steeredField(about)}; or windvane.dev/adopt: allowed where it says never`,
          yaml: null,
        },
  RevertedByOther: (about) => ({
    words: `leave ${steeredField(about)} out of the manifest, then change any windvane.dev annotation to try again`,
    yaml: null,
  }),
  StaleData: (about) => ({
    words: 'to go on by yearly averages, or back to how it was found (restore)',
    yaml: workload(about, { 'on-stale-data': 'baseline' }),
  }),
  NoData: (about) => ({
    words: 'a location for every cluster, and a source for its zone (windvane doctor)',
    yaml: cluster(about, ['windvane.dev/location: aws/eu-north-1']),
  }),
  NotReadyCluster: () => ({ words: 'nothing to paste: it goes on when the cluster is Ready', yaml: null }),
  InsufficientCapacity: (about) => ({
    words: 'room in the clean clusters, or a bound on what they take',
    yaml: cluster(about, ['windvane.dev/max-share: "50"']),
  }),
  NoClusterCount: ({ namespace }, message) => ({
    words: 'the Placement with a number of clusters',
    yaml: placement(namespace, message),
  }),
  TooFewClusters: () => ({ words: 'more clusters that it may use, as the message says', yaml: null }),
  NotDispatched: (about) => ({
    words: 'under observe nothing is dispatched; this starts it now',
    yaml: startNow(about),
  }),
  SuspendedTemplate: (about) => ({
    words: 'unsuspended: Windvane holds it back on the hub',
    yaml: job(about),
  }),
  Frozen: () => ({ words: 'kubectl delete configmap windvane-freeze -n windvane-system', yaml: null }),
  // The message names the key, the object that carries it and what to write: anything to paste would be a guess.
  UnknownKey: () => ({ words: 'the key as it is known, without the misspelt one', yaml: null }),
  BadValue: () => ({ words: 'a value of the form that is named, on the object that is named', yaml: null }),
  NoEffect: () => ({ words: 'the object without the key that has no effect here', yaml: null }),
  Contradiction: () => ({ words: 'one of the two values, on the objects that are named', yaml: null }),
  UnresolvedLocation: () => ({ words: 'a location that is known (windvane map lists zones)', yaml: null }),
  PriceMissing: (about) => ({
    words: 'until the hub has prices for every cluster',
    yaml: workload(about, { objective: 'carbon' }),
  }),
};

const steeredField = (about: Explained): string =>
  onOcm(about) ? 'spec.prioritizerPolicy' : 'weightPreference';

/** The Placement that a message names. */
function placement(namespace: string, message: string): string | null {
  const [, name] = /Placement [^/\s]+\/(\S+) asks/.exec(message) ?? [];
  if (name === undefined) return null;
  return [
    'apiVersion: cluster.open-cluster-management.io/v1beta1',
    'kind: Placement',
    'metadata:',
    `  namespace: ${namespace}`,
    `  name: ${name}`,
    'spec:',
    '  numberOfClusters: 1',
  ].join('\n');
}

const byReason: ReadonlyMap<string, Remedy> = new Map(Object.entries(remedies));

/** Lines that say what would take an obstacle away; none for a reason of a newer controller. */
export function remedyLines(reason: string, message: string, about: Explained): string[] {
  const remedy = byReason.get(reason)?.(about, message);
  if (remedy === undefined) return [];
  if (remedy.yaml === null) return [`  Remedy: ${remedy.words}`];
  return [`  Remedy, ${remedy.words}:`, ...remedy.yaml.split('\n').map((line) => `    ${line}`)];
}
