import { AGE } from '../../runtime/crds/definition.ts';
import {
  conditions,
  flag,
  int64,
  list,
  object,
  oneOf,
  quantities,
  text,
  time,
} from '../../runtime/crds/schema.ts';
import { definition } from './definition.ts';

const reference = object({ namespace: text, name: text });

/**
 * cluster.karmada.io/v1alpha1 Cluster. Karmada serves it from an aggregated API server and has no definition
 * for it; this one holds the fields of its published API that anything here reads or writes.
 */
export const clusterDefinition: string = definition({
  group: 'cluster.karmada.io',
  version: 'v1alpha1',
  kind: 'Cluster',
  plural: 'clusters',
  shortNames: [],
  scope: 'Cluster',
  spec: object(
    {
      id: text,
      syncMode: oneOf('Push', 'Pull'),
      apiEndpoint: text,
      secretRef: reference,
      impersonatorSecretRef: reference,
      insecureSkipTLSVerification: flag,
      provider: text,
      region: text,
      zone: text,
      zones: list(text),
      taints: list(object({ key: text, value: text, effect: text, timeAdded: time }, ['effect', 'key'])),
    },
    ['syncMode'],
  ),
  status: object({
    apiEnablements: list(
      object({ groupVersion: text, resources: list(object({ name: text, kind: text }, ['kind', 'name'])) }, [
        'groupVersion',
      ]),
    ),
    conditions,
    kubernetesVersion: text,
    nodeSummary: object({ totalNum: int64, readyNum: int64 }),
    resourceSummary: object({ allocatable: quantities, allocated: quantities, allocating: quantities }),
  }),
  columns: [
    { name: 'VERSION', jsonPath: '.status.kubernetesVersion', type: 'string' },
    { name: 'MODE', jsonPath: '.spec.syncMode', type: 'string' },
    { name: 'READY', jsonPath: '.status.conditions[?(@.type=="Ready")].status', type: 'string' },
    AGE,
    { name: 'ZONES', jsonPath: '.spec.zones', type: 'string', priority: 1 },
    { name: 'REGION', jsonPath: '.spec.region', type: 'string', priority: 1 },
    { name: 'PROVIDER', jsonPath: '.spec.provider', type: 'string', priority: 1 },
    { name: 'APIENDPOINT', jsonPath: '.spec.apiEndpoint', type: 'string', priority: 1 },
  ],
});
