import { beforeAll, describe, expect, it } from 'vitest';
import type { Connected } from '../behaviour.test.ts';
import { MERGE_PATCH } from '../client.ts';
import { makePlace, type Place } from './fixtures.ts';

export function describeWrites(connected: Connected): void {
  describe('POST and PUT', () => {
    let place: Place;
    beforeAll(async () => {
      place = await makePlace(connected());
    });

    it('fills in what the server sets', async () => {
      const api = connected();
      const { status, body } = await api.post(place.widgets, place.widget('filled'));
      expect(status).toBe(201);
      expect(body.metadata).toMatchObject({ name: 'filled', namespace: place.namespace, generation: 1 });
      expect(body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(body.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(Number(body.metadata.resourceVersion)).toBeGreaterThan(0);
      expect(body.spec).toEqual({ colour: 'red', replicas: 1 });
    });

    it('does not let a client choose what the server sets', async () => {
      const api = connected();
      const metadata = { uid: 'mine', creationTimestamp: '2001-01-01T00:00:00Z', generation: 7 };
      const { body } = await api.post(place.widgets, place.widget('chosen', {}, metadata));
      expect(body.metadata.uid).not.toBe('mine');
      expect(body.metadata.generation).toBe(1);
      expect(body.metadata.creationTimestamp).not.toBe('2001-01-01T00:00:00Z');
    });

    it('answers the same object to POST and GET', async () => {
      const api = connected();
      const made = await api.post(place.configMaps, place.configMap('same'));
      const read = await api.get(`${place.configMaps}/same`);
      expect(read.status).toBe(200);
      expect(read.body).toEqual(made.body);
      expect(read.contentType).toMatch(/^application\/json/);
    });

    it('takes apiVersion, kind and namespace from the path when the body names none', async () => {
      const api = connected();
      const { status, body } = await api.post(place.configMaps, { metadata: { name: 'bare' } });
      expect(status).toBe(201);
      expect(body).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
      expect(body.metadata.namespace).toBe(place.namespace);
    });

    it('completes generateName', async () => {
      const api = connected();
      const metadata = { name: undefined, generateName: 'run-' };
      const first = await api.post(place.widgets, place.widget('', {}, metadata));
      const second = await api.post(place.widgets, place.widget('', {}, metadata));
      expect(first.body.metadata.name).toMatch(/^run-[a-z0-9]{5}$/);
      expect(first.body.metadata.generateName).toBe('run-');
      expect(second.body.metadata.name).not.toBe(first.body.metadata.name);
    });

    it('counts generations by changes of the spec alone', async () => {
      const api = connected();
      await api.post(place.widgets, place.widget('counted'));
      const path = `${place.widgets}/counted`;
      const labelled = await api.patch(path, MERGE_PATCH, { metadata: { labels: { a: 'b' } } });
      expect(labelled.body.metadata.generation).toBe(1);
      const changed = await api.patch(path, MERGE_PATCH, { spec: { replicas: 3 } });
      expect(changed.body.metadata.generation).toBe(2);
      const status = await api.patch(`${path}/status`, MERGE_PATCH, { status: { phase: 'Fine' } });
      expect(status.body.metadata.generation).toBe(2);
    });

    it('counts generations of Deployments, and has none for ConfigMaps', async () => {
      const api = connected();
      const made = await api.post(place.deployments, place.deployment('counted'));
      expect(made.status).toBe(201);
      expect(made.body.metadata.generation).toBe(1);
      const changed = await api.patch(`${place.deployments}/counted`, MERGE_PATCH, { spec: { replicas: 5 } });
      expect(changed.body.metadata.generation).toBe(2);
      const plain = await api.post(place.configMaps, place.configMap('uncounted'));
      expect(plain.body.metadata).not.toHaveProperty('generation');
    });

    it('gives every write of anything a greater resourceVersion', async () => {
      const api = connected();
      const versions: number[] = [];
      for (const name of ['v1', 'v2', 'v3']) {
        const map = await api.post(place.configMaps, place.configMap(name));
        const widget = await api.post(place.widgets, place.widget(name));
        versions.push(
          Number(map.body.metadata.resourceVersion),
          Number(widget.body.metadata.resourceVersion),
        );
      }
      expect(versions).toEqual([...versions].sort((a, b) => a - b));
      expect(new Set(versions).size).toBe(versions.length);
    });

    it('replaces an object by PUT', async () => {
      const api = connected();
      const { body } = await api.post(place.widgets, place.widget('replaced', { note: 'old' }));
      const next = { ...body, spec: { colour: 'blue' } };
      const answer = await api.put(`${place.widgets}/replaced`, next);
      expect(answer.status).toBe(200);
      expect(answer.body.spec).toEqual({ colour: 'blue', replicas: 1 });
      expect(answer.body.metadata).toMatchObject({ uid: body.metadata.uid, generation: 2 });
    });

    it('refuses a PUT of an old version with 409', async () => {
      const api = connected();
      const { body } = await api.post(place.widgets, place.widget('stale'));
      await api.patch(`${place.widgets}/stale`, MERGE_PATCH, { spec: { replicas: 2 } });
      const answer = await api.put(`${place.widgets}/stale`, body);
      expect(answer.status).toBe(409);
      expect(answer.body).toMatchObject({ kind: 'Status', status: 'Failure', reason: 'Conflict', code: 409 });
      expect(answer.body.message).toContain('the object has been modified');
      expect(answer.body.details).toMatchObject({
        name: 'stale',
        group: 'suite.example.com',
        kind: 'widgets',
      });
    });

    it('wants a resourceVersion in a PUT of a custom resource, and none for a ConfigMap', async () => {
      const api = connected();
      await api.post(place.widgets, place.widget('unversioned'));
      const refused = await api.put(`${place.widgets}/unversioned`, place.widget('unversioned'));
      expect(refused.status).toBe(422);
      expect(refused.body.details.causes[0].field).toBe('metadata.resourceVersion');
      await api.post(place.configMaps, place.configMap('unversioned'));
      const map = place.configMap('unversioned', { other: 'one' });
      const taken = await api.put(`${place.configMaps}/unversioned`, map);
      expect(taken.status).toBe(200);
      expect(taken.body.data).toEqual({ other: 'one' });
    });

    it('does not make an absent object by PUT, except where the kind allows it', async () => {
      const api = connected();
      const absent = await api.put(`${place.configMaps}/absent`, place.configMap('absent'));
      expect(absent.status).toBe(404);
      const leases = `/apis/coordination.k8s.io/v1/namespaces/${place.namespace}/leases`;
      const lease = { metadata: { name: 'fresh' }, spec: { holderIdentity: 'me' } };
      const made = await api.put(`${leases}/fresh`, lease);
      expect(made.status).toBe(201);
    });

    it('changes nothing, not even the version, when an update changes nothing', async () => {
      const api = connected();
      const { body } = await api.post(place.widgets, place.widget('idle'));
      const put = await api.put(`${place.widgets}/idle`, body);
      expect(put.body).toEqual(body);
      const patched = await api.patch(`${place.widgets}/idle`, MERGE_PATCH, { spec: { colour: 'red' } });
      expect(patched.body).toEqual(body);
    });

    it('stores nothing under dryRun, and answers as if it had', async () => {
      const api = connected();
      const made = await api.post(`${place.widgets}?dryRun=All`, place.widget('dry'));
      expect(made.status).toBe(201);
      expect(made.body.spec.replicas).toBe(1);
      expect((await api.get(`${place.widgets}/dry`)).status).toBe(404);
      const real = await api.post(place.widgets, place.widget('dry'));
      const path = `${place.widgets}/dry`;
      const patched = await api.patch(`${path}?dryRun=All`, MERGE_PATCH, { spec: { replicas: 4 } });
      expect(patched.body.spec.replicas).toBe(4);
      expect(patched.body.metadata.generation).toBe(2);
      expect((await api.send('DELETE', `${path}?dryRun=All`)).status).toBe(200);
      expect((await api.get(path)).body).toEqual(real.body);
      const wrong = await api.post(`${place.widgets}?dryRun=Some`, place.widget('wrong'));
      expect(wrong.status).toBe(422);
    });

    it('reads YAML bodies', async () => {
      const api = connected();
      const yaml = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: from-yaml\ndata:\n  a: "1"\n';
      const answer = await api.send('POST', place.configMaps, yaml, { 'content-type': 'application/yaml' });
      expect(answer.status).toBe(201);
      expect(answer.body.data).toEqual({ a: '1' });
    });

    it('encodes stringData of Secrets and keeps their type', async () => {
      const api = connected();
      const secrets = `/api/v1/namespaces/${place.namespace}/secrets`;
      const made = await api.post(secrets, { metadata: { name: 's' }, stringData: { word: 'open' } });
      expect(made.body).toMatchObject({ type: 'Opaque', data: { word: 'b3Blbg==' } });
      expect(made.body).not.toHaveProperty('stringData');
    });

    it('fills in the defaults of built-in kinds', async () => {
      const api = connected();
      const { body } = await api.post(place.deployments, place.deployment('defaulted'));
      expect(body.spec).toMatchObject({
        progressDeadlineSeconds: 600,
        revisionHistoryLimit: 10,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      });
      expect(body.spec.template.spec).toMatchObject({
        restartPolicy: 'Always',
        dnsPolicy: 'ClusterFirst',
        schedulerName: 'default-scheduler',
        securityContext: {},
        terminationGracePeriodSeconds: 30,
      });
      expect(body.spec.template.spec.containers[0]).toMatchObject({
        imagePullPolicy: 'IfNotPresent',
        terminationMessagePath: '/dev/termination-log',
      });
    });

    it('makes Services, Jobs, Ingresses and autoscalers as a real server does', async () => {
      const api = connected();
      const root = `/api/v1/namespaces/${place.namespace}`;
      const ports = [{ port: 80 }];
      const service = await api.post(`${root}/services`, { metadata: { name: 'web' }, spec: { ports } });
      expect(service.body.spec).toMatchObject({
        type: 'ClusterIP',
        sessionAffinity: 'None',
        ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
        ipFamilyPolicy: 'SingleStack',
        internalTrafficPolicy: 'Cluster',
      });
      expect(service.body.spec.clusterIP).toMatch(/^10\./);
      const jobs = `/apis/batch/v1/namespaces/${place.namespace}/jobs`;
      const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'b' }] } };
      const job = await api.post(jobs, { metadata: { name: 'once' }, spec: { template } });
      expect(job.body.spec).toMatchObject({
        completions: 1,
        parallelism: 1,
        backoffLimit: 6,
        suspend: false,
        selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': job.body.metadata.uid } },
      });
      const labels = job.body.spec.template.metadata.labels;
      expect(labels['batch.kubernetes.io/job-name']).toBe('once');
      const scalers = `/apis/autoscaling/v2/namespaces/${place.namespace}/horizontalpodautoscalers`;
      const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
      const scaler = await api.post(scalers, {
        metadata: { name: 'web' },
        spec: { scaleTargetRef, maxReplicas: 3 },
      });
      expect(scaler.status).toBe(201);
      expect(scaler.body.spec.minReplicas).toBe(1);
    });

    it('keeps the two faces of Events in step', async () => {
      const api = connected();
      const event = {
        metadata: { name: 'told' },
        involvedObject: { kind: 'ConfigMap', namespace: place.namespace, name: 'a' },
        reason: 'Told',
        message: 'it was told',
        type: 'Normal',
        firstTimestamp: '2026-01-01T00:00:00Z',
        lastTimestamp: '2026-01-01T00:00:00Z',
        count: 1,
        source: { component: 'suite' },
      };
      const made = await api.post(`/api/v1/namespaces/${place.namespace}/events`, event);
      expect(made.status).toBe(201);
      const other = await api.get(`/apis/events.k8s.io/v1/namespaces/${place.namespace}/events/told`);
      expect(other.body).toMatchObject({
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        regarding: { kind: 'ConfigMap', name: 'a' },
        note: 'it was told',
        deprecatedCount: 1,
        deprecatedSource: { component: 'suite' },
      });
      expect(other.body.metadata.uid).toBe(made.body.metadata.uid);
    });
  });
}
