import { type DemoWorkload, demoWorkloads } from './fleet.ts';

const OCM = 'cluster.open-cluster-management.io';
const CLUSTER_SET = 'all';

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

/** Everything that is applied to Karmada before the demo begins, in order: policies last, so that they find all. */
export function karmadaManifests(): readonly Manifest[] {
  const workloads = demoWorkloads.filter(({ kind }) => kind !== 'Placement');
  return [
    ...namespacesOf(workloads),
    ...workloads.map(templateFor),
    ...workloads.filter(({ served }) => served).map(serviceFor),
    // A Job without one is Windvane's to place.
    ...workloads.filter(({ kind }) => kind !== 'Job').map(policyFor),
  ];
}

/** The same for the hub of Open Cluster Management, where every cluster is in one set. */
export function ocmManifests(): readonly Manifest[] {
  const placements = demoWorkloads.filter(({ kind }) => kind === 'Placement');
  return [
    {
      apiVersion: `${OCM}/v1beta2`,
      kind: 'ManagedClusterSet',
      metadata: { name: CLUSTER_SET },
      spec: { clusterSelector: { selectorType: 'LabelSelector', labelSelector: {} } },
    },
    ...namespacesOf(placements).flatMap((namespace) => [
      namespace,
      {
        apiVersion: `${OCM}/v1beta2`,
        kind: 'ManagedClusterSetBinding',
        metadata: { namespace: namespace.metadata.name, name: CLUSTER_SET },
        spec: { clusterSet: CLUSTER_SET },
      },
    ]),
    ...placements.flatMap((workload) => [placementFor(workload), workFor(workload)]),
  ];
}

function namespacesOf(workloads: readonly DemoWorkload[]): readonly Manifest[] {
  const names = [...new Set(workloads.map(({ namespace }) => namespace))];
  return names.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
}

function placementFor({ namespace, name, replicas, annotations }: DemoWorkload): Manifest {
  return {
    apiVersion: `${OCM}/v1beta1`,
    kind: 'Placement',
    metadata: { namespace, name, annotations },
    spec: { numberOfClusters: replicas },
  };
}

/** The work that goes where the Placement is decided for: a Deployment of one replica. */
function workFor(workload: DemoWorkload): Manifest {
  const { namespace, name } = workload;
  return {
    apiVersion: 'work.open-cluster-management.io/v1alpha1',
    kind: 'ManifestWorkReplicaSet',
    metadata: { namespace, name },
    spec: {
      placementRefs: [{ name }],
      manifestWorkTemplate: {
        workload: { manifests: [deploymentFor({ ...workload, replicas: 1, annotations: {} })] },
        manifestConfigs: [
          {
            resourceIdentifier: { group: 'apps', resource: 'deployments', namespace, name },
            feedbackRules: [{ type: 'WellKnownStatus' }],
          },
        ],
      },
    },
  };
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
