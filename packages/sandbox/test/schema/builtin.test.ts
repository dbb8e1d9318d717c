import { describe, expect, it } from 'vitest';
import { builtinSchemas } from '../../src/schema/builtin/index.ts';
import { applyDefaults } from '../../src/schema/defaults.ts';
import { pruneUnknown } from '../../src/schema/prune.ts';
import { validateObject } from '../../src/schema/validate.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- a test that asks for what is not there fails by that
type Loose = Record<string, any>;

/** An object as the API server would store it. */
function stored(type: string, object: Loose): Loose {
  const schema = builtinSchemas[type];
  const copy = structuredClone(object);
  pruneUnknown(schema, copy);
  applyDefaults(schema, copy);
  expect(validateObject(schema, copy)).toEqual([]);
  return copy;
}

const metadata = { name: 'w' };
const selector = { matchLabels: { app: 'w' } };

function template(container: object = {}, spec: object = {}): Loose {
  return {
    metadata: { labels: { app: 'w' } },
    spec: { containers: [{ name: 'web', image: 'nginx', ...container }], ...spec },
  };
}

describe('built-in kinds', () => {
  it('defaults a Deployment as kube-apiserver 1.36 does', () => {
    expect(stored('apps/v1/Deployment', { metadata, spec: { selector, template: template() } })).toEqual({
      metadata,
      spec: {
        replicas: 1,
        progressDeadlineSeconds: 600,
        revisionHistoryLimit: 10,
        selector,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
        template: {
          metadata: { labels: { app: 'w' } },
          spec: {
            containers: [
              {
                name: 'web',
                image: 'nginx',
                imagePullPolicy: 'Always',
                resources: {},
                terminationMessagePath: '/dev/termination-log',
                terminationMessagePolicy: 'File',
              },
            ],
            dnsPolicy: 'ClusterFirst',
            restartPolicy: 'Always',
            schedulerName: 'default-scheduler',
            securityContext: {},
            terminationGracePeriodSeconds: 30,
          },
        },
      },
      status: {},
    });
  });

  it('gives no rolling update to a Deployment that recreates', () => {
    const spec = { selector, template: template(), strategy: { type: 'Recreate' } };
    expect(stored('apps/v1/Deployment', { metadata, spec })['spec'].strategy).toEqual({ type: 'Recreate' });
  });

  it.each([
    ['nginx', 'Always'],
    ['nginx:latest', 'Always'],
    ['nginx:1.27', 'IfNotPresent'],
    ['registry:5000/nginx', 'Always'],
    ['registry:5000/nginx:1.27', 'IfNotPresent'],
    ['nginx@sha256:abc', 'IfNotPresent'],
  ])('pulls %s %s', (image, policy) => {
    const object = stored('apps/v1/Deployment', {
      metadata,
      spec: { selector, template: template({ image }) },
    });
    expect(object['spec'].template.spec.containers[0].imagePullPolicy).toBe(policy);
  });

  it('completes probes, ports and volumes', () => {
    const pod = template(
      { ports: [{ containerPort: 80 }], livenessProbe: { httpGet: { port: 80 } } },
      { volumes: [{ name: 'v' }, { name: 'c', configMap: { name: 'x' } }], serviceAccountName: 'sa' },
    );
    const { spec } = stored('apps/v1/Deployment', { metadata, spec: { selector, template: pod } })['spec']
      .template;
    expect(spec.containers[0]).toMatchObject({
      ports: [{ containerPort: 80, protocol: 'TCP' }],
      livenessProbe: {
        httpGet: { path: '/', port: 80, scheme: 'HTTP' },
        periodSeconds: 10,
        timeoutSeconds: 1,
        successThreshold: 1,
        failureThreshold: 3,
      },
    });
    expect(spec.volumes).toEqual([
      { name: 'v', emptyDir: {} },
      { name: 'c', configMap: { name: 'x', defaultMode: 420 } },
    ]);
    expect(spec.serviceAccount).toBe('sa');
  });

  it('lets a pod request what it is limited to', () => {
    const { spec } = template({ resources: { limits: { cpu: '1' }, requests: { memory: '1Gi' } } });
    const [container] = stored('v1/Pod', { metadata, spec })['spec'].containers;
    expect(container.resources.requests).toEqual({ cpu: '1', memory: '1Gi' });
  });

  it.each<[string, object, object]>([
    [
      'apps/v1/StatefulSet',
      { selector, template: template() },
      {
        podManagementPolicy: 'OrderedReady',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
      },
    ],
    [
      'apps/v1/DaemonSet',
      { selector, template: template() },
      {
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      },
    ],
    [
      'batch/v1/Job',
      { template: template({}, { restartPolicy: 'Never' }) },
      {
        completions: 1,
        parallelism: 1,
        backoffLimit: 6,
        completionMode: 'NonIndexed',
        suspend: false,
        podReplacementPolicy: 'TerminatingOrFailed',
      },
    ],
    [
      'batch/v1/CronJob',
      { schedule: '* * * * *', jobTemplate: { spec: { template: template() } } },
      {
        concurrencyPolicy: 'Allow',
        suspend: false,
        successfulJobsHistoryLimit: 3,
        failedJobsHistoryLimit: 1,
      },
    ],
    [
      'v1/Service',
      { ports: [{ port: 80 }] },
      {
        type: 'ClusterIP',
        sessionAffinity: 'None',
        internalTrafficPolicy: 'Cluster',
        ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      },
    ],
    [
      'autoscaling/v2/HorizontalPodAutoscaler',
      { maxReplicas: 3, scaleTargetRef: { kind: 'Deployment', name: 'w' } },
      {
        minReplicas: 1,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } },
          },
        ],
      },
    ],
  ])('defaults %s', (type, spec, expected) => {
    expect(stored(type, { metadata, spec })['spec']).toMatchObject(expected);
  });

  it('leaves completions open when only the parallelism is stated', () => {
    const { spec } = stored('batch/v1/Job', { metadata, spec: { parallelism: 3, template: template() } });
    expect(spec).not.toHaveProperty('completions');
    expect(spec.parallelism).toBe(3);
  });

  it('labels a Job like its pods, and a Namespace with its name', () => {
    expect(stored('batch/v1/Job', { metadata, spec: { template: template() } })['metadata'].labels).toEqual({
      app: 'w',
    });
    expect(stored('v1/Namespace', { metadata })['metadata'].labels).toEqual({
      'kubernetes.io/metadata.name': 'w',
    });
  });

  it('moves stringData into data', () => {
    expect(stored('v1/Secret', { metadata, data: { a: 'eA==' }, stringData: { b: 'y' } })).toEqual({
      metadata,
      type: 'Opaque',
      data: { a: 'eA==', b: 'eQ==' },
    });
  });

  it('prints the empty fields of an Event that its Go type prints', () => {
    expect(stored('v1/Event', { metadata, involvedObject: { kind: 'Pod' } })).toEqual({
      metadata,
      involvedObject: { kind: 'Pod' },
      source: {},
      eventTime: null,
      firstTimestamp: null,
      lastTimestamp: null,
      reportingComponent: '',
      reportingInstance: '',
    });
  });

  it('fills in the API group of RBAC references', () => {
    const subjects = [
      { kind: 'User', name: 'u' },
      { kind: 'ServiceAccount', name: 's', namespace: 'd' },
    ];
    const binding = stored('rbac.authorization.k8s.io/v1/RoleBinding', {
      metadata,
      roleRef: { kind: 'Role', name: 'r' },
      subjects,
    });
    expect(binding['roleRef'].apiGroup).toBe('rbac.authorization.k8s.io');
    expect(binding['subjects']).toEqual([
      { ...subjects[0], apiGroup: 'rbac.authorization.k8s.io' },
      subjects[1],
    ]);
  });

  it('refuses a container without an image', () => {
    const pod = { metadata, spec: { containers: [{ name: 'web' }] } };
    expect(validateObject(builtinSchemas['v1/Pod'], pod)).toEqual([
      { field: 'spec.containers[0].image', reason: 'FieldValueRequired', message: 'Required value' },
    ]);
  });

  it('refuses to change what is fixed at creation', () => {
    const job = (completions: number): Loose => ({ metadata, spec: { completions, template: template() } });
    const schema = builtinSchemas['batch/v1/Job'];
    expect(validateObject(schema, job(4), job(4))).toEqual([]);
    expect(validateObject(schema, job(3), job(4))).toEqual([
      {
        field: 'spec.completions',
        reason: 'FieldValueInvalid',
        message: 'Invalid value: 3: field is immutable',
      },
    ]);
  });

  it('drops unknown fields, and empty lists as if they were not there', () => {
    const object = { metadata: { name: 'w', finalizers: [] }, data: {}, nope: 1 };
    expect(stored('v1/ConfigMap', object)).toEqual({ metadata });
  });

  it.each(Object.keys(builtinSchemas))('defaults of %s are stable', (type) => {
    const schema = builtinSchemas[type];
    const once = { metadata: { name: 'w' } };
    applyDefaults(schema, once);
    const twice = structuredClone(once);
    applyDefaults(schema, twice);
    expect(twice).toEqual(once);
  });
});
