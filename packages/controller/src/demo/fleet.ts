import type { MemberOptions } from '@windvane/sandbox';

/** A Kubernetes object as written in a manifest. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** One member cluster of the demo. */
export interface DemoCluster {
  readonly name: string;
  /** What its annotation says. */
  readonly location: string;
  /** In an EU member state. */
  readonly eu: boolean;
}

/** Four in EU member states and three elsewhere, among grids that differ by day, night and weather. */
export const demoClusters: readonly DemoCluster[] = [
  { name: 'amsterdam', location: 'azure/westeurope', eu: true },
  { name: 'california', location: 'aws/us-west-1', eu: false },
  { name: 'frankfurt', location: 'aws/eu-central-1', eu: true },
  { name: 'london', location: 'aws/eu-west-2', eu: false },
  { name: 'madrid', location: 'aws/eu-south-2', eu: true },
  { name: 'paris', location: 'aws/eu-west-3', eu: true },
  { name: 'sydney', location: 'aws/ap-southeast-2', eu: false },
];

/** The clusters as the stand-ins keep them, each with the annotation that says where it stands. */
export function clusterMembers(): readonly MemberOptions[] {
  return demoClusters.map(({ name, location }) => ({
    name,
    annotations: { 'windvane.dev/location': location },
  }));
}

/** One workload of the demo, with what is to be seen on it. */
export interface DemoWorkload {
  readonly kind: 'Deployment' | 'Job';
  readonly namespace: string;
  /** At most six letters: a column of the table on a narrow terminal. */
  readonly name: string;
  readonly replicas: number;
  /** What it shows, in at most 28 characters. */
  readonly about: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly clusters: readonly string[];
  /** The policy comes with an even weight list instead of leaving the field to Windvane. */
  readonly ownWeights: boolean;
  /** A Service sends it traffic. */
  readonly served: boolean;
}

const everywhere = demoClusters.map((cluster) => cluster.name);
const inEurope = demoClusters.filter((cluster) => cluster.eu).map((cluster) => cluster.name);
const follow = { 'windvane.dev/placement': 'follow-the-wind' };
const flexible = { ...follow, 'windvane.dev/latency-class': 'flexible' };

export const demoWorkloads: readonly DemoWorkload[] = [
  {
    kind: 'Deployment',
    namespace: 'media',
    name: 'render',
    replicas: 28,
    about: 'anywhere, at most 40 % each',
    annotations: { ...flexible, 'windvane.dev/max-share': '40' },
    clusters: everywhere,
    ownWeights: false,
    served: false,
  },
  {
    kind: 'Deployment',
    namespace: 'research',
    name: 'train',
    replicas: 16,
    about: 'stays in the EU',
    annotations: { ...flexible, 'windvane.dev/locations': 'EU', 'windvane.dev/max-share': '40' },
    clusters: inEurope,
    ownWeights: false,
    served: false,
  },
  {
    kind: 'Deployment',
    namespace: 'media',
    name: 'thumbs',
    replicas: 14,
    about: 'observed, never written',
    annotations: { ...flexible, 'windvane.dev/placement': 'observe' },
    clusters: everywhere,
    ownWeights: true,
    served: false,
  },
  {
    kind: 'Deployment',
    namespace: 'shop',
    name: 'pay',
    replicas: 14,
    about: 'has to stay near its users',
    annotations: { ...follow, 'windvane.dev/latency-class': 'realtime' },
    clusters: everywhere,
    ownWeights: false,
    served: true,
  },
  {
    kind: 'Deployment',
    namespace: 'shop',
    name: 'search',
    replicas: 14,
    about: 'never said it is flexible',
    annotations: follow,
    clusters: everywhere,
    ownWeights: false,
    served: true,
  },
  {
    kind: 'Job',
    namespace: 'media',
    name: 'index',
    replicas: 4,
    about: 'a Job: waits, starts once',
    annotations: { ...follow, 'windvane.dev/start-by': '6h', 'windvane.dev/duration': '12h' },
    clusters: everywhere,
    ownWeights: false,
    served: false,
  },
];

/** Everything that is applied to the hub before the demo begins, in order: policies last, so that they find all. */
export function workloadManifests(): readonly Manifest[] {
  const namespaces = [...new Set(demoWorkloads.map(({ namespace }) => namespace))];
  return [
    ...namespaces.map((name): Manifest => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...demoWorkloads.map(templateFor),
    ...demoWorkloads.filter(({ served }) => served).map(serviceFor),
    // A Job without one is Windvane's to place.
    ...demoWorkloads.filter(({ kind }) => kind !== 'Job').map(policyFor),
  ];
}

function policyFor({ namespace, name, clusters, ownWeights }: DemoWorkload): Manifest {
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { namespace, name },
    spec: {
      resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', namespace, name }],
      placement: {
        clusterAffinity: { clusterNames: clusters },
        replicaScheduling: {
          replicaSchedulingType: 'Divided',
          replicaDivisionPreference: 'Weighted',
          ...(ownWeights ? { weightPreference: { staticWeightList: clusters.map(evenWeight) } } : {}),
        },
      },
    },
  };
}

function evenWeight(cluster: string): unknown {
  return { targetCluster: { clusterNames: [cluster] }, weight: 1 };
}

function templateFor(workload: DemoWorkload): Manifest {
  return workload.kind === 'Job' ? jobFor(workload) : deploymentFor(workload);
}

function jobFor({ namespace, name, replicas, annotations }: DemoWorkload): Manifest {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { namespace, name, annotations },
    spec: {
      parallelism: replicas,
      completions: replicas,
      template: {
        spec: { restartPolicy: 'Never', containers: [{ name, image: `registry.example/${name}:1.0` }] },
      },
    },
  };
}

function deploymentFor({ namespace, name, replicas, annotations }: DemoWorkload): Manifest {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace, name, labels, annotations },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { containers: [{ name, image: `registry.example/${name}:1.0` }] },
      },
    },
  };
}

function serviceFor({ namespace, name }: DemoWorkload): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { namespace, name },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
  };
}
