import { isObject, type JsonObject, type KubeObject } from '../object.ts';
import type { Cell } from './column.ts';
import { age } from './duration.ts';
import { count, labelText, objects, read, selectorText, text } from './values.ts';

const AGE: Cell = ['Age', (object, now) => age(object.metadata.creationTimestamp, now)];

function size(value: unknown): number {
  return isObject(value) ? Object.keys(value).length : 0;
}

const events = (about: string, message: string, prefix: (field: string) => string): Cell[] => [
  ['Last Seen', (event, now) => age(lastSeen(event, prefix), now)],
  ['Type', (event) => text(event['type'])],
  ['Reason', (event) => text(event['reason'])],
  [
    'Object',
    (event) => `${text(read(event, about, 'kind')).toLowerCase()}/${text(read(event, about, 'name'))}`,
  ],
  ['Subobject+', (event) => text(read(event, about, 'fieldPath'))],
  ['Source+', (event) => source(event, prefix)],
  ['Message', (event) => text(event[message]).trim()],
  [
    'First Seen+',
    (event, now) => age(event[prefix('firstTimestamp')] ?? event['eventTime'] ?? undefined, now),
  ],
  ['Count+', (event) => count(event[prefix('count')]) || count(read(event, 'series', 'count')) || 1],
  ['Name+', (event) => event.metadata.name],
];

const modern = (field: string): string => `deprecated${field.charAt(0).toUpperCase()}${field.slice(1)}`;
const classic = (field: string): string => field;

/** Columns of the core group, events, networking and autoscaling. */
export const coreCells: Readonly<Record<string, readonly Cell[]>> = {
  'v1/Namespace': [['Status', (object) => text(read(object, 'status', 'phase'))], AGE],
  'v1/ConfigMap': [['Data', (object) => size(object['data']) + size(object['binaryData'])], AGE],
  'v1/Secret': [['Type', (object) => text(object['type'])], ['Data', (object) => size(object['data'])], AGE],
  'v1/Service': [
    ['Type', (object) => text(read(object, 'spec', 'type'))],
    ['Cluster-IP', (object) => text(read(object, 'spec', 'clusterIP')) || '<none>'],
    ['External-IP', externalAddress],
    ['Port(s)', ports],
    AGE,
    ['Selector+', (object) => labelText(read(object, 'spec', 'selector'))],
  ],
  'v1/Event': events('involvedObject', 'message', classic),
  'events.k8s.io/v1/Event': events('regarding', 'note', modern),
  'v1/Endpoints': [['Endpoints', () => '<none>'], AGE],
  'v1/Node': [
    ['Status', nodeStatus],
    ['Roles', () => '<none>'],
    AGE,
    ['Version', (object) => text(read(object, 'status', 'nodeInfo', 'kubeletVersion'))],
  ],
  'v1/PersistentVolumeClaim': [
    ['Status', (object) => text(read(object, 'status', 'phase'))],
    ['Volume', (object) => text(read(object, 'spec', 'volumeName'))],
    ['Capacity', (object) => text(read(object, 'status', 'capacity', 'storage'))],
    ['Access Modes', () => ''],
    ['StorageClass', (object) => text(read(object, 'spec', 'storageClassName'))],
    ['VolumeAttributesClass', () => '<unset>'],
    AGE,
    ['VolumeMode+', (object) => text(read(object, 'spec', 'volumeMode'))],
  ],
  'autoscaling/v2/HorizontalPodAutoscaler': [
    [
      'Reference',
      (object) =>
        `${text(read(object, 'spec', 'scaleTargetRef', 'kind'))}/${text(read(object, 'spec', 'scaleTargetRef', 'name'))}`,
    ],
    ['Targets', targets],
    ['MinPods', (object) => text(read(object, 'spec', 'minReplicas')) || '<unset>'],
    ['MaxPods', (object) => count(read(object, 'spec', 'maxReplicas'))],
    ['Replicas', (object) => count(read(object, 'status', 'currentReplicas'))],
    AGE,
  ],
  'policy/v1/PodDisruptionBudget': [
    ['Min Available', (object) => text(read(object, 'spec', 'minAvailable')) || 'N/A'],
    ['Max Unavailable', (object) => text(read(object, 'spec', 'maxUnavailable')) || 'N/A'],
    ['Allowed Disruptions#', (object) => count(read(object, 'status', 'disruptionsAllowed'))],
    AGE,
  ],
  'networking.k8s.io/v1/Ingress': [
    ['Class', (object) => text(read(object, 'spec', 'ingressClassName')) || '<none>'],
    ['Hosts', hosts],
    ['Address', (object) => addresses(object).join(',')],
    ['Ports', (object) => (objects(read(object, 'spec', 'tls')).length > 0 ? '80, 443' : '80')],
    AGE,
  ],
  'networking.k8s.io/v1/NetworkPolicy': [
    ['Pod-Selector', (object) => selectorText(read(object, 'spec', 'podSelector'))],
    AGE,
  ],
};

function lastSeen(event: KubeObject, prefix: (field: string) => string): unknown {
  return (
    read(event, 'series', 'lastObservedTime') ??
    event[prefix('lastTimestamp')] ??
    event['eventTime'] ??
    event[prefix('firstTimestamp')] ??
    undefined
  );
}

function source(event: KubeObject, prefix: (field: string) => string): string {
  const from = event[prefix('source')];
  const component =
    text(read(from, 'component')) || text(event['reportingComponent'] ?? event['reportingController']);
  const host = text(read(from, 'host'));
  return host === '' ? component : `${component}, ${host}`;
}

function addresses(object: KubeObject): string[] {
  return objects(read(object, 'status', 'loadBalancer', 'ingress')).map(
    (entry: JsonObject) => text(entry['ip']) || text(entry['hostname']),
  );
}

function externalAddress(service: KubeObject): string {
  if (read(service, 'spec', 'type') === 'ExternalName') return text(read(service, 'spec', 'externalName'));
  const found = addresses(service);
  if (found.length > 0) return found.join(',');
  return read(service, 'spec', 'type') === 'LoadBalancer' ? '<pending>' : '<none>';
}

function ports(service: KubeObject): string {
  const shown = objects(read(service, 'spec', 'ports')).map(({ port, nodePort, protocol }) => {
    const node = text(nodePort);
    return `${text(port)}${node === '' ? '' : `:${node}`}/${text(protocol) || 'TCP'}`;
  });
  return shown.length === 0 ? '<none>' : shown.join(',');
}

function hosts(ingress: KubeObject): string {
  const named = objects(read(ingress, 'spec', 'rules'))
    .map((rule) => text(rule['host']))
    .filter((host) => host !== '');
  if (named.length === 0) return '*';
  return named.length > 3 ? `${named.slice(0, 3).join(',')} + ${named.length - 3} more...` : named.join(',');
}

/** What an autoscaler aims at; the sandbox measures nothing. */
function targets(autoscaler: KubeObject): string {
  const shown = objects(read(autoscaler, 'spec', 'metrics')).map((metric) => {
    const name = text(read(metric, 'resource', 'name'));
    const percent = text(read(metric, 'resource', 'target', 'averageUtilization'));
    if (name !== '' && percent !== '') return `${name}: <unknown>/${percent}%`;
    return '<unknown>';
  });
  return shown.length === 0 ? '<none>' : shown.join(', ');
}

function nodeStatus(node: KubeObject): string {
  const readyCondition = objects(read(node, 'status', 'conditions')).find(
    (entry) => entry['type'] === 'Ready',
  );
  const state =
    readyCondition === undefined ? 'Unknown' : readyCondition['status'] === 'True' ? 'Ready' : 'NotReady';
  return read(node, 'spec', 'unschedulable') === true ? `${state},SchedulingDisabled` : state;
}
