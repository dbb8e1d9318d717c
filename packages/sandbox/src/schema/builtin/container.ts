import { isObject, type JsonObject } from '../json.ts';
import type { StructuralSchema } from '../schema.ts';
import {
  always,
  atomic,
  bool,
  computing,
  each,
  int32,
  int64,
  intOrString,
  keyed,
  list,
  object,
  open,
  quantities,
  setMissing,
  text,
  withDefault,
} from './types.ts';

/** Containers of a pod (`core/v1.Container`) with the defaults of the API server. */

const keySelector = atomic(object({ key: text, name: text, optional: bool }, 'key'));

const environmentVariable = object(
  {
    ...each(text, 'name', 'value'),
    valueFrom: object({
      configMapKeyRef: keySelector,
      secretKeyRef: keySelector,
      fieldRef: atomic(object({ apiVersion: withDefault(text, 'v1'), fieldPath: text }, 'fieldPath')),
      fileKeyRef: atomic(open),
      resourceFieldRef: atomic(open),
    }),
  },
  'name',
);

const environmentSource = object({ name: text, optional: bool });

/** `resources` of containers, and of a pod as a whole. */
export const resourceRequirements: StructuralSchema = object({
  limits: quantities,
  requests: quantities,
  claims: { ...keyed(object(each(text, 'name', 'request'), 'name'), 'name') },
});

const httpGet = object(
  {
    path: withDefault(text, '/'),
    port: intOrString,
    host: text,
    scheme: withDefault(text, 'HTTP'),
    httpHeaders: list(object(each(text, 'name', 'value'), 'name', 'value')),
  },
  'port',
);
const exec = object({ command: list(text) });
const tcpSocket = object({ port: intOrString, host: text }, 'port');

const probe = object({
  exec,
  httpGet,
  tcpSocket,
  grpc: object({ port: int32, service: withDefault(text, '') }, 'port'),
  initialDelaySeconds: int32,
  periodSeconds: withDefault(int32, 10),
  timeoutSeconds: withDefault(int32, 1),
  successThreshold: withDefault(int32, 1),
  failureThreshold: withDefault(int32, 3),
  terminationGracePeriodSeconds: int64,
});

const hook = object({ exec, httpGet, tcpSocket, sleep: object({ seconds: int64 }, 'seconds') });

export const securityOptions: Readonly<Record<string, StructuralSchema>> = {
  appArmorProfile: open,
  seccompProfile: open,
  seLinuxOptions: open,
  windowsOptions: open,
  ...each(int64, 'runAsGroup', 'runAsUser'),
  runAsNonRoot: bool,
};

const securityContext = object({
  ...securityOptions,
  ...each(bool, 'allowPrivilegeEscalation', 'privileged', 'readOnlyRootFilesystem'),
  procMount: text,
  capabilities: object({ add: list(text), drop: list(text) }),
});

const port = object(
  {
    ...each(int32, 'containerPort', 'hostPort'),
    ...each(text, 'hostIP', 'name'),
    protocol: withDefault(text, 'TCP'),
  },
  'containerPort',
);

const volumeMount = object(
  {
    ...each(text, 'mountPath', 'mountPropagation', 'name', 'recursiveReadOnly', 'subPath', 'subPathExpr'),
    readOnly: bool,
  },
  'mountPath',
  'name',
);

/** A container of a pod, main or init. */
export const container: StructuralSchema = computing(
  object(
    {
      ...each(list(text), 'args', 'command'),
      env: keyed(environmentVariable, 'name'),
      envFrom: list(object({ prefix: text, configMapRef: environmentSource, secretRef: environmentSource })),
      ...each(text, 'image', 'imagePullPolicy', 'name', 'restartPolicy', 'workingDir'),
      lifecycle: object({ postStart: hook, preStop: hook, stopSignal: text }),
      ...each(probe, 'livenessProbe', 'readinessProbe', 'startupProbe'),
      ports: keyed(port, 'containerPort', 'protocol'),
      resizePolicy: list(object(each(text, 'resourceName', 'restartPolicy'))),
      resources: always(resourceRequirements),
      restartPolicyRules: list(open),
      securityContext,
      ...each(bool, 'stdin', 'stdinOnce', 'tty'),
      terminationMessagePath: withDefault(text, '/dev/termination-log'),
      terminationMessagePolicy: withDefault(text, 'File'),
      volumeDevices: keyed(object(each(text, 'devicePath', 'name'), 'devicePath', 'name'), 'devicePath'),
      volumeMounts: keyed(volumeMount, 'mountPath'),
    },
    'name',
    'image',
  ),
  choosePullPolicy,
);

/** An image with the tag `latest`, or with neither tag nor digest, is always pulled. */
function choosePullPolicy(target: JsonObject): void {
  const { image } = target;
  const name = typeof image === 'string' ? image.slice(image.lastIndexOf('/') + 1) : '';
  const isMoving = !name.includes('@') && (!name.includes(':') || name.endsWith(':latest'));
  setMissing(target, 'imagePullPolicy', isMoving ? 'Always' : 'IfNotPresent');
}

/** A pod's containers request what they are limited to, unless they say otherwise. */
export function requestLimits(containers: unknown): void {
  for (const item of Array.isArray(containers) ? containers : []) {
    const resources: unknown = isObject(item) ? item.resources : undefined;
    if (isObject(resources) && isObject(resources.limits)) {
      const requests = isObject(resources.requests) ? resources.requests : {};
      resources.requests = { ...resources.limits, ...requests };
    }
  }
}
