import { isObject, type JsonObject } from '../json.ts';
import type { StructuralSchema } from '../schema.ts';
import {
  always,
  atomicTextMap,
  bool,
  computing,
  conditions,
  each,
  instant,
  int32,
  intOrString,
  keyed,
  list,
  localReference,
  object,
  objectReference,
  open,
  quantities,
  set,
  setMissing,
  text,
  textMap,
  withDefault,
} from './types.ts';

/** Namespaces, configuration, Services, Nodes, Events and Leases. */

/** `v1/Namespace`; every Namespace carries its own name as a label. */
export const namespace: StructuralSchema = computing(
  object({
    spec: always(object({ finalizers: list(text) })),
    status: always(object({ conditions: conditions('lastTransitionTime'), phase: text })),
  }),
  (target) => {
    const { metadata } = target;
    if (isObject(metadata) && typeof metadata.name === 'string') {
      setMissing(metadata, 'labels', {});
      if (isObject(metadata.labels)) {
        setMissing(metadata.labels, 'kubernetes.io/metadata.name', metadata.name);
      }
    }
  },
);

export const configMap: StructuralSchema = object({ binaryData: textMap, data: textMap, immutable: bool });

/** `v1/Secret`; `stringData` is write-only and moves into `data`. */
export const secret: StructuralSchema = computing(
  object({ data: textMap, immutable: bool, stringData: textMap, type: withDefault(text, 'Opaque') }),
  (target) => {
    if (isObject(target.stringData)) {
      const encoded = Object.entries(target.stringData).map(([key, value]) => [
        key,
        Buffer.from(String(value)).toString('base64'),
      ]);
      target.data = { ...(isObject(target.data) ? target.data : {}), ...Object.fromEntries(encoded) };
      Reflect.deleteProperty(target, 'stringData');
    }
  },
);

export const serviceAccount: StructuralSchema = object({
  automountServiceAccountToken: bool,
  imagePullSecrets: list(localReference),
  secrets: keyed(objectReference, 'name'),
});

const servicePort = computing(
  object(
    {
      ...each(text, 'appProtocol', 'name'),
      ...each(int32, 'nodePort', 'port'),
      protocol: withDefault(text, 'TCP'),
      targetPort: intOrString,
    },
    'port',
  ),
  (port) => setMissing(port, 'targetPort', port.port),
);

function completeService(spec: JsonObject): void {
  const isPublished = spec.type === 'NodePort' || spec.type === 'LoadBalancer';
  if (isPublished) {
    setMissing(spec, 'externalTrafficPolicy', 'Cluster');
  }
  if (isPublished || spec.type === 'ClusterIP') {
    setMissing(spec, 'internalTrafficPolicy', 'Cluster');
  }
  if (spec.type === 'LoadBalancer') {
    setMissing(spec, 'allocateLoadBalancerNodePorts', true);
  }
}

/** `v1/Service`. Cluster addresses are the server's to hand out, not a default. */
export const service: StructuralSchema = object({
  spec: always(
    computing(
      object({
        ...each(bool, 'allocateLoadBalancerNodePorts', 'publishNotReadyAddresses'),
        ...each(text, 'clusterIP', 'externalName', 'externalTrafficPolicy', 'internalTrafficPolicy'),
        ...each(text, 'ipFamilyPolicy', 'loadBalancerClass', 'loadBalancerIP', 'trafficDistribution'),
        ...each(list(text), 'clusterIPs', 'externalIPs', 'ipFamilies', 'loadBalancerSourceRanges'),
        healthCheckNodePort: int32,
        ports: keyed(servicePort, 'port', 'protocol'),
        selector: atomicTextMap,
        sessionAffinity: withDefault(text, 'None'),
        sessionAffinityConfig: object({ clientIP: object({ timeoutSeconds: int32 }) }),
        type: withDefault(text, 'ClusterIP'),
      }),
      completeService,
    ),
  ),
  status: always(
    object({
      conditions: conditions('lastTransitionTime'),
      loadBalancer: always(object({ ingress: list(open) })),
    }),
  ),
});

const taint = object({ ...each(text, 'effect', 'key', 'value'), timeAdded: instant }, 'effect', 'key');

const NODE_FACTS = [
  'architecture',
  'bootID',
  'containerRuntimeVersion',
  'kernelVersion',
  'kubeProxyVersion',
  'kubeletVersion',
  'machineID',
  'operatingSystem',
  'osImage',
  'systemUUID',
];

export const node: StructuralSchema = object({
  spec: always(
    object({
      configSource: open,
      ...each(text, 'externalID', 'podCIDR', 'providerID'),
      podCIDRs: set(text),
      taints: list(taint),
      unschedulable: bool,
    }),
  ),
  status: always(
    object({
      addresses: keyed(object(each(text, 'address', 'type'), 'address', 'type'), 'type'),
      ...each(quantities, 'allocatable', 'capacity'),
      conditions: conditions('lastHeartbeatTime', 'lastTransitionTime'),
      ...each(open, 'config', 'features'),
      daemonEndpoints: always(object({ kubeletEndpoint: always(object({ Port: always(int32, 0) })) })),
      nodeInfo: always(object({ ...each(always(text, ''), ...NODE_FACTS), swap: open })),
      ...each(list(open), 'images', 'runtimeHandlers', 'volumesAttached'),
      ...each(list(text), 'declaredFeatures', 'volumesInUse'),
      phase: text,
    }),
  ),
});

const eventSource = object(each(text, 'component', 'host'));
const eventSeries = object({ count: int32, lastObservedTime: instant });

/** `v1/Event`; its Go type has no optional times, so the server prints nulls. */
export const event: StructuralSchema = object(
  {
    ...each(text, 'action', 'message', 'reason', 'type'),
    ...each(always(text, ''), 'reportingComponent', 'reportingInstance'),
    count: int32,
    ...each(always(instant, null), 'eventTime', 'firstTimestamp', 'lastTimestamp'),
    involvedObject: always(objectReference),
    related: objectReference,
    series: eventSeries,
    source: always(eventSource),
  },
  'involvedObject',
);

/** `events.k8s.io/v1` Event: the same stored object under newer field names. */
export const newEvent: StructuralSchema = object({
  ...each(text, 'action', 'note', 'reason', 'reportingController', 'reportingInstance', 'type'),
  deprecatedCount: int32,
  ...each(always(instant, null), 'deprecatedFirstTimestamp', 'deprecatedLastTimestamp', 'eventTime'),
  deprecatedSource: always(eventSource),
  regarding: always(objectReference),
  related: objectReference,
  series: eventSeries,
});

export const lease: StructuralSchema = object({
  spec: always(
    object({
      ...each(instant, 'acquireTime', 'renewTime'),
      ...each(text, 'holderIdentity', 'preferredHolder', 'strategy'),
      ...each(int32, 'leaseDurationSeconds', 'leaseTransitions'),
    }),
  ),
});
