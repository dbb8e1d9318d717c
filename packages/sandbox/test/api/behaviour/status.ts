import { beforeAll, describe, expect, it } from 'vitest';
import type { Connected } from '../behaviour.test.ts';
import { JSON_PATCH, MERGE_PATCH } from '../client.ts';
import { makePlace, type Place } from './fixtures.ts';

export function describeStatus(connected: Connected): void {
  describe('subresources', () => {
    let place: Place;
    beforeAll(async () => {
      place = await makePlace(connected());
    });

    it('drops the status of a new object', async () => {
      const api = connected();
      const widget = { ...place.widget('fresh'), status: { phase: 'Mine' } };
      expect((await api.post(place.widgets, widget)).body).not.toHaveProperty('status');
      const deployment = { ...place.deployment('fresh'), status: { replicas: 9 } };
      expect((await api.post(place.deployments, deployment)).body.status).toEqual({});
    });

    it('takes nothing but status on status, and everything but status on the object', async () => {
      const api = connected();
      const { body } = await api.post(place.widgets, place.widget('apart'));
      const both = { ...body, spec: { colour: 'blue' }, status: { phase: 'New' } };
      const status = await api.put(`${place.widgets}/apart/status`, both);
      expect(status.status).toBe(200);
      expect(status.body.spec.colour).toBe('red');
      expect(status.body.status).toEqual({ phase: 'New' });
      const whole = await api.put(`${place.widgets}/apart`, { ...status.body, spec: both.spec, status: {} });
      expect(whole.body.spec.colour).toBe('blue');
      expect(whole.body.status).toEqual({ phase: 'New' });
    });

    it('keeps metadata out of the status of a custom resource', async () => {
      const api = connected();
      await api.post(place.widgets, place.widget('labelled'));
      const patch = { metadata: { labels: { a: 'b' }, annotations: { c: 'd' } }, status: { phase: 'Ok' } };
      const { body } = await api.patch(`${place.widgets}/labelled/status`, MERGE_PATCH, patch);
      expect(body.status).toEqual({ phase: 'Ok' });
      expect(body.metadata).not.toHaveProperty('labels');
      expect(body.metadata).not.toHaveProperty('annotations');
    });

    it('validates, prunes and versions status like anything else', async () => {
      const api = connected();
      const { body } = await api.post(place.widgets, place.widget('checked'));
      const path = `${place.widgets}/checked/status`;
      const bad = await api.patch(path, MERGE_PATCH, { status: { replicas: 'x' } });
      expect(bad.status).toBe(422);
      const pruned = await api.patch(path, MERGE_PATCH, { status: { phase: 'A', unknown: 1 } });
      expect(pruned.body.status).toEqual({ phase: 'A' });
      const stale = await api.put(path, { ...body, status: { phase: 'B' } });
      expect(stale.status).toBe(409);
    });

    it('writes the status of a Deployment', async () => {
      const api = connected();
      await api.post(place.deployments, place.deployment('busy'));
      const path = `${place.deployments}/busy/status`;
      const status = { replicas: 2, readyReplicas: 1, observedGeneration: 1 };
      const { body } = await api.patch(path, MERGE_PATCH, { spec: { replicas: 7 }, status });
      expect(body.status).toEqual(status);
      expect(body.spec.replicas).toBe(2);
      expect(body.metadata.generation).toBe(1);
    });

    it('refuses status of an absent object', async () => {
      const answer = await connected().patch(`${place.widgets}/absent/status`, MERGE_PATCH, { status: {} });
      expect(answer.status).toBe(404);
    });

    it('shows and writes the scale of a Deployment', async () => {
      const api = connected();
      const made = await api.post(place.deployments, place.deployment('scaled', 2));
      const path = `${place.deployments}/scaled/scale`;
      const scale = await api.get(path);
      expect(scale.body).toMatchObject({
        kind: 'Scale',
        apiVersion: 'autoscaling/v1',
        metadata: { name: 'scaled', namespace: place.namespace, uid: made.body.metadata.uid },
        spec: { replicas: 2 },
        status: { replicas: 0, selector: 'app=scaled' },
      });
      const put = await api.put(path, { ...scale.body, spec: { replicas: 4 } });
      expect(put.status).toBe(200);
      expect(put.body.spec.replicas).toBe(4);
      const stale = await api.put(path, { ...scale.body, spec: { replicas: 5 } });
      expect(stale.status).toBe(409);
      const patched = await api.patch(path, MERGE_PATCH, { spec: { replicas: 6 } });
      expect(patched.body.spec.replicas).toBe(6);
      const after = await api.get(`${place.deployments}/scaled`);
      expect(after.body.spec.replicas).toBe(6);
      expect(after.body.metadata.generation).toBe(3);
    });

    it('shows and writes the scale of a custom resource', async () => {
      const api = connected();
      await api.post(place.widgets, place.widget('scaled', { replicas: 3 }));
      const path = `${place.widgets}/scaled/scale`;
      expect((await api.get(path)).body.spec).toEqual({ replicas: 3 });
      const patch = [{ op: 'replace', path: '/spec/replicas', value: 5 }];
      expect((await api.patch(path, JSON_PATCH, patch)).body.spec).toEqual({ replicas: 5 });
      expect((await api.get(`${place.widgets}/scaled`)).body.spec.replicas).toBe(5);
      expect((await api.get(`${place.configMaps}/a/scale`)).status).toBe(404);
    });
  });
}
