import type { Millis } from '@windvane/carbon-map';
import type { ManagedClusterOptions, MemberOptions } from '@windvane/sandbox';

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

/** The clusters as the stand-ins of both hubs keep them, each with the annotation that says where it stands. */
export function clusterMembers(): readonly (MemberOptions & ManagedClusterOptions)[] {
  return demoClusters.map(({ name, location }) => ({
    name,
    annotations: { 'windvane.dev/location': location },
  }));
}

/** From the arrival of a workload until its pods are ready: 40 to 85 seconds, by cluster. */
export function podStartup(cluster: string): Millis {
  return (
    40_000 +
    7_500 *
      Math.max(
        0,
        demoClusters.findIndex(({ name }) => name === cluster),
      )
  );
}

/** One workload of the demo, with what is to be seen on it. */
export interface DemoWorkload {
  /** A Placement stands on the hub of Open Cluster Management, the rest on Karmada. */
  readonly kind: 'Deployment' | 'Job' | 'Placement';
  readonly namespace: string;
  /** At most six letters: a column of the table on a narrow terminal. */
  readonly name: string;
  /** For a Placement the number of clusters, with one replica in each. */
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
  {
    kind: 'Placement',
    namespace: 'media',
    name: 'encode',
    replicas: 2,
    about: 'OCM: the two cleanest',
    annotations: { ...flexible, 'windvane.dev/cooldown': '2h' },
    clusters: everywhere,
    ownWeights: false,
    served: false,
  },
];
