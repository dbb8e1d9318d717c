import type { JsonObject } from '../json.ts';
import { objectMetaSchema } from '../object-meta.ts';
import type { StructuralSchema } from '../schema.ts';
import { container, requestLimits, resourceRequirements, securityOptions } from './container.ts';
import {
  always,
  atomic,
  atomicTextMap,
  bool,
  computing,
  conditions,
  each,
  instant,
  int32,
  int64,
  keyed,
  labelSelector,
  list,
  localReference,
  object,
  open,
  quantities,
  quantity,
  setMissing,
  text,
  withDefault,
} from './types.ts';

/** Pods and the pod template that all workloads share. */

const nodeSelectorTerm = atomic(open);

const podAffinityTerm = object(
  {
    ...each(labelSelector, 'labelSelector', 'namespaceSelector'),
    ...each(list(text), 'matchLabelKeys', 'mismatchLabelKeys', 'namespaces'),
    topologyKey: text,
  },
  'topologyKey',
);

const podAffinity = object({
  preferredDuringSchedulingIgnoredDuringExecution: list(
    object({ podAffinityTerm, weight: int32 }, 'podAffinityTerm', 'weight'),
  ),
  requiredDuringSchedulingIgnoredDuringExecution: list(podAffinityTerm),
});

const affinity = object({
  nodeAffinity: object({
    preferredDuringSchedulingIgnoredDuringExecution: list(
      object({ preference: nodeSelectorTerm, weight: int32 }, 'preference', 'weight'),
    ),
    requiredDuringSchedulingIgnoredDuringExecution: atomic(
      object({ nodeSelectorTerms: list(nodeSelectorTerm) }),
    ),
  }),
  podAffinity,
  podAntiAffinity: podAffinity,
});

const topologySpread = object(
  {
    labelSelector,
    matchLabelKeys: list(text),
    ...each(int32, 'maxSkew', 'minDomains'),
    ...each(text, 'nodeAffinityPolicy', 'nodeTaintsPolicy', 'topologyKey', 'whenUnsatisfiable'),
  },
  'maxSkew',
  'topologyKey',
  'whenUnsatisfiable',
);

const toleration = object({ ...each(text, 'effect', 'key', 'operator', 'value'), tolerationSeconds: int64 });

const fileItems = list(object({ ...each(text, 'key', 'path'), mode: int32 }, 'key', 'path'));

function files(properties: Readonly<Record<string, StructuralSchema>>): StructuralSchema {
  return object({ ...properties, defaultMode: withDefault(int32, 0o644) });
}

const volumeSources: Readonly<Record<string, StructuralSchema>> = {
  configMap: files({ name: text, optional: bool, items: fileItems }),
  secret: files({ secretName: text, optional: bool, items: fileItems }),
  downwardAPI: files({ items: list(open) }),
  projected: files({ sources: list(open) }),
  emptyDir: object({ medium: text, sizeLimit: quantity }),
  hostPath: object({ path: text, type: withDefault(text, '') }, 'path'),
  persistentVolumeClaim: object({ claimName: text, readOnly: bool }, 'claimName'),
  ...each(open, 'csi', 'ephemeral', 'image', 'nfs', 'iscsi', 'fc', 'glusterfs', 'rbd', 'cephfs', 'cinder'),
  ...each(open, 'awsElasticBlockStore', 'azureDisk', 'azureFile', 'gcePersistentDisk', 'gitRepo', 'flocker'),
  ...each(open, 'flexVolume', 'photonPersistentDisk', 'portworxVolume', 'quobyte', 'scaleIO', 'storageos'),
  vsphereVolume: open,
};

const volume = computing(object({ ...volumeSources, name: text }, 'name'), (target) => {
  if (!Object.keys(volumeSources).some((source) => Object.hasOwn(target, source))) {
    target.emptyDir = {};
  }
});

const RETAIN_KEYS = { 'x-kubernetes-patch-strategy': 'merge,retainKeys' };

const podSpecFields: Readonly<Record<string, StructuralSchema>> = {
  ...each(int64, 'activeDeadlineSeconds'),
  affinity,
  ...each(bool, 'automountServiceAccountToken', 'hostIPC', 'hostNetwork', 'hostPID', 'hostUsers'),
  ...each(bool, 'enableServiceLinks', 'setHostnameAsFQDN', 'shareProcessNamespace'),
  containers: always(keyed(container, 'name'), null),
  ...each(keyed(container, 'name'), 'initContainers', 'ephemeralContainers'),
  dnsConfig: object({
    ...each(list(text), 'nameservers', 'searches'),
    options: list(object(each(text, 'name', 'value'))),
  }),
  dnsPolicy: withDefault(text, 'ClusterFirst'),
  hostAliases: keyed(object({ ip: text, hostnames: list(text) }, 'ip'), 'ip'),
  ...each(text, 'hostname', 'hostnameOverride', 'nodeName', 'preemptionPolicy', 'priorityClassName'),
  ...each(text, 'runtimeClassName', 'serviceAccount', 'serviceAccountName', 'subdomain'),
  imagePullSecrets: keyed(localReference, 'name'),
  nodeSelector: atomicTextMap,
  os: object({ name: text }, 'name'),
  overhead: quantities,
  priority: int32,
  readinessGates: list(object({ conditionType: text }, 'conditionType')),
  resourceClaims: { ...keyed(open, 'name'), ...RETAIN_KEYS },
  resources: resourceRequirements,
  restartPolicy: withDefault(text, 'Always'),
  schedulerName: withDefault(text, 'default-scheduler'),
  schedulingGates: keyed(object({ name: text }, 'name'), 'name'),
  schedulingGroup: open,
  securityContext: withDefault(
    object({
      ...securityOptions,
      fsGroup: int64,
      ...each(text, 'fsGroupChangePolicy', 'seLinuxChangePolicy', 'supplementalGroupsPolicy'),
      supplementalGroups: list(int64),
      sysctls: list(object(each(text, 'name', 'value'), 'name', 'value')),
    }),
    {},
  ),
  terminationGracePeriodSeconds: withDefault(int64, 30),
  tolerations: list(toleration),
  topologySpreadConstraints: keyed(topologySpread, 'topologyKey', 'whenUnsatisfiable'),
  volumes: { ...keyed(volume, 'name'), ...RETAIN_KEYS },
};

/** `serviceAccount` is the old name of `serviceAccountName`; the API server keeps both. */
function copyServiceAccount(spec: JsonObject): void {
  const account = spec.serviceAccountName ?? spec.serviceAccount;
  if (account !== undefined) {
    setMissing(spec, 'serviceAccountName', account);
    setMissing(spec, 'serviceAccount', account);
  }
}

const podSpec = computing(object(podSpecFields, 'containers'), copyServiceAccount);

/** `spec.template` of workloads. */
export const podTemplate: StructuralSchema = always(
  object({ metadata: always(objectMetaSchema), spec: always(podSpec) }),
);

const containerStatus = object(
  {
    ...each(text, 'containerID', 'image', 'imageID', 'name', 'stopSignal'),
    ...each(bool, 'ready', 'started'),
    restartCount: int32,
    ...each(open, 'lastState', 'state', 'user', 'resources', 'allocatedResources'),
    allocatedResourcesStatus: keyed(open, 'name'),
    volumeMounts: keyed(open, 'mountPath'),
  },
  'name',
);

const podStatus = object({
  ...each(text, 'hostIP', 'message', 'nominatedNodeName', 'phase', 'podIP', 'qosClass', 'reason', 'resize'),
  ...each(list(containerStatus), 'containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'),
  conditions: conditions('lastProbeTime', 'lastTransitionTime'),
  hostIPs: list(object({ ip: text }, 'ip')),
  podIPs: keyed(object({ ip: text }, 'ip'), 'ip'),
  observedGeneration: int64,
  startTime: instant,
  resourceClaimStatuses: { ...keyed(open, 'name'), ...RETAIN_KEYS },
  ...each(open, 'resources', 'allocatedResources', 'extendedResourceClaimStatus'),
  nodeAllocatableResourceClaimStatuses: list(open),
});

/** `v1/Pod`. */
export const pod: StructuralSchema = object({
  spec: always(
    computing(
      object({ ...podSpecFields, enableServiceLinks: withDefault(bool, true) }, 'containers'),
      (spec) => {
        copyServiceAccount(spec);
        requestLimits(spec.containers);
        requestLimits(spec.initContainers);
      },
    ),
  ),
  status: always(podStatus),
});
