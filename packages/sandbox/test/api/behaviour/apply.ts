import { beforeAll, describe, expect, it } from 'vitest';
import type { Connected } from '../behaviour.test.ts';
import { type Answer, APPLY_PATCH, JSON_PATCH, MERGE_PATCH } from '../client.ts';
import { makePlace, type Place } from './fixtures.ts';

export function describeApply(connected: Connected): void {
  describe('server-side apply', () => {
    let place: Place;
    const apply = (name: string, manager: string, spec: object, query = ''): Promise<Answer> =>
      connected().patch(`${place.widgets}/${name}?fieldManager=${manager}${query}`, APPLY_PATCH, {
        apiVersion: 'suite.example.com/v1',
        kind: 'Widget',
        metadata: { name },
        spec,
      });
    beforeAll(async () => {
      place = await makePlace(connected());
    });

    it('creates what is absent and owns what it named', async () => {
      const { status, body } = await apply('made', 'one', { colour: 'red' });
      expect(status).toBe(201);
      expect(body.spec).toEqual({ colour: 'red', replicas: 1 });
      expect(body.metadata.managedFields).toMatchObject([
        { manager: 'one', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:colour': {} } } },
      ]);
      expect(body.metadata.managedFields[0].fieldsV1['f:spec']).not.toHaveProperty('f:replicas');
    });

    it('changes nothing when applied again', async () => {
      const first = await apply('again', 'one', { colour: 'red', weights: [{ name: 'a', weight: 1 }] });
      const second = await apply('again', 'one', { colour: 'red', weights: [{ name: 'a', weight: 1 }] });
      expect(second.status).toBe(200);
      expect(second.body).toEqual(first.body);
    });

    it('conflicts over a field of another manager, and takes it by force', async () => {
      await apply('fought', 'one', { colour: 'red', replicas: 2 });
      const refused = await apply('fought', 'two', { colour: 'blue' });
      expect(refused.status).toBe(409);
      expect(refused.body).toMatchObject({
        kind: 'Status',
        status: 'Failure',
        reason: 'Conflict',
        message: 'Apply failed with 1 conflict: conflict with "one": .spec.colour',
        details: {
          causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.spec.colour' }],
        },
      });
      const taken = await apply('fought', 'two', { colour: 'blue' }, '&force=true');
      expect(taken.status).toBe(200);
      expect(taken.body.spec).toEqual({ colour: 'blue', replicas: 2 });
      const lost = await apply('fought', 'one', { colour: 'red', replicas: 2 });
      expect(lost.status).toBe(409);
    });

    it('shares a field that both apply with one value', async () => {
      await apply('shared', 'one', { colour: 'red' });
      const both = await apply('shared', 'two', { colour: 'red' });
      expect(both.status).toBe(200);
      const owners = both.body.metadata.managedFields.map((entry: { manager: string }) => entry.manager);
      expect(owners.toSorted()).toEqual(['one', 'two']);
    });

    it('removes what its manager applied before and applies no more', async () => {
      await apply('dropped', 'one', { colour: 'red', note: 'gone', replicas: 4 });
      const { body } = await apply('dropped', 'one', { colour: 'red' });
      expect(body.spec).toEqual({ colour: 'red', replicas: 1 });
    });

    it('treats an atomic list as one field', async () => {
      await apply('atomic', 'one', { colour: 'red', weights: [{ name: 'a', weight: 1 }] });
      const refused = await apply('atomic', 'two', { weights: [{ name: 'b', weight: 2 }] });
      expect(refused.status).toBe(409);
      expect(refused.body.details.causes[0].field).toBe('.spec.weights');
      const forced = await apply('atomic', 'two', { weights: [{ name: 'b', weight: 2 }] }, '&force=true');
      expect(forced.body.spec.weights).toEqual([{ name: 'b', weight: 2 }]);
      const owner = forced.body.metadata.managedFields.find(
        (entry: { manager: string }) => entry.manager === 'two',
      );
      expect(owner.fieldsV1).toEqual({ 'f:spec': { 'f:weights': {} } });
    });

    it('merges a keyed list by its keys', async () => {
      await apply('keyed', 'one', { colour: 'red', ports: [{ port: 80 }] });
      const { status, body } = await apply('keyed', 'two', { ports: [{ port: 443, name: 'tls' }] });
      expect(status).toBe(200);
      expect(body.spec.ports).toEqual([
        { port: 80, name: 'web' },
        { port: 443, name: 'tls' },
      ]);
    });

    it('conflicts with whoever wrote by another verb', async () => {
      const api = connected();
      await api.post(`${place.widgets}?fieldManager=maker`, place.widget('updated'));
      const refused = await apply('updated', 'one', { colour: 'blue' });
      expect(refused.status).toBe(409);
      expect(refused.body.details.causes[0].message).toMatch(
        /^conflict with "maker" using suite\.example\.com\/v1/,
      );
      await apply('taken', 'one', { colour: 'red' });
      await api.patch(`${place.widgets}/taken?fieldManager=hand`, MERGE_PATCH, { spec: { colour: 'blue' } });
      const back = await apply('taken', 'one', { colour: 'red' });
      expect(back.status).toBe(409);
      expect(back.body.message).toContain('conflict with "hand" using suite.example.com/v1');
    });

    it('gives fields up when their entry is taken out of managedFields', async () => {
      const api = connected();
      await apply('released', 'one', { colour: 'red', weights: [{ name: 'a', weight: 1 }] });
      const { body } = await apply('released', 'two', { note: 'keep' });
      const rest = body.metadata.managedFields.filter(
        (entry: { manager: string }) => entry.manager !== 'one',
      );
      const { status, body: after } = await api.patch(
        `${place.widgets}/released?fieldManager=two`,
        JSON_PATCH,
        [
          { op: 'test', path: '/metadata/resourceVersion', value: body.metadata.resourceVersion },
          { op: 'replace', path: '/metadata/managedFields', value: rest },
        ],
      );
      expect(status).toBe(200);
      expect(after.spec.weights).toEqual([{ name: 'a', weight: 1 }]);
      expect(after.metadata.managedFields.map((entry: { manager: string }) => entry.manager)).toEqual([
        'two',
      ]);
      expect((await apply('released', 'three', { colour: 'blue' })).status).toBe(200);
    });

    it('applies status through its subresource', async () => {
      const api = connected();
      await apply('status', 'one', { colour: 'red' });
      const body = {
        apiVersion: 'suite.example.com/v1',
        kind: 'Widget',
        metadata: { name: 'status' },
        spec: { colour: 'blue' },
        status: { phase: 'Applied' },
      };
      const path = `${place.widgets}/status/status?fieldManager=observer`;
      const answer = await api.patch(path, APPLY_PATCH, body);
      expect(answer.status).toBe(200);
      expect(answer.body.status).toEqual({ phase: 'Applied' });
      expect(answer.body.spec.colour).toBe('red');
      const absent = await api.patch(path.replace('/status/status', '/absent/status'), APPLY_PATCH, {
        ...body,
        metadata: { name: 'absent' },
      });
      expect(absent.status).toBe(404);
    });

    it('is refused without a manager, with managedFields, or with another name', async () => {
      const api = connected();
      const body = {
        apiVersion: 'suite.example.com/v1',
        kind: 'Widget',
        metadata: { name: 'r' },
        spec: { colour: 'red' },
      };
      const nobody = await api.patch(`${place.widgets}/r`, APPLY_PATCH, body);
      expect(nobody.status).toBe(422);
      expect(nobody.body.message).toContain('fieldManager: Required value: is required for apply patch');
      const managed = {
        ...body,
        metadata: { name: 'r', managedFields: [{ manager: 'x', operation: 'Apply' }] },
      };
      expect((await api.patch(`${place.widgets}/r?fieldManager=a`, APPLY_PATCH, managed)).status).toBe(400);
      const other = { ...body, metadata: { name: 'other' } };
      expect((await api.patch(`${place.widgets}/r?fieldManager=a`, APPLY_PATCH, other)).status).toBe(400);
      const uid = { ...body, metadata: { name: 'r', uid: '00000000-0000-0000-0000-000000000000' } };
      expect((await api.patch(`${place.widgets}/r?fieldManager=a`, APPLY_PATCH, uid)).status).toBe(409);
    });

    it('creates in spite of a resourceVersion, and leaves a live uid alone', async () => {
      const api = connected();
      const body = {
        apiVersion: 'suite.example.com/v1',
        kind: 'Widget',
        metadata: { name: 'versioned', resourceVersion: '1' },
        spec: { colour: 'red' },
      };
      const path = `${place.widgets}/versioned?fieldManager=a`;
      expect((await api.patch(path, APPLY_PATCH, body)).status).toBe(201);
      expect((await api.patch(path, APPLY_PATCH, body)).status).toBe(409);
      const uid = { ...body, metadata: { name: 'versioned', uid: '00000000-0000-0000-0000-000000000000' } };
      const other = await api.patch(path, APPLY_PATCH, uid);
      expect(other.status).toBe(422);
      expect(other.body.details.causes[0]).toMatchObject({
        field: 'metadata.uid',
        reason: 'FieldValueInvalid',
      });
      const put = { ...place.widget('versioned'), metadata: { ...uid.metadata, resourceVersion: '1' } };
      expect((await api.put(`${place.widgets}/versioned`, put)).status).toBe(409);
    });

    it('reads YAML, and stores nothing under dryRun', async () => {
      const api = connected();
      const yaml =
        'apiVersion: suite.example.com/v1\nkind: Widget\nmetadata: {name: yaml}\nspec: {colour: green}\n';
      const path = `${place.widgets}/yaml?fieldManager=a`;
      const dry = await api.send('PATCH', `${path}&dryRun=All`, yaml, { 'content-type': APPLY_PATCH });
      expect(dry.status).toBe(201);
      expect((await api.get(`${place.widgets}/yaml`)).status).toBe(404);
      const real = await api.send('PATCH', path, yaml, { 'content-type': APPLY_PATCH });
      expect(real.body.spec.colour).toBe('green');
    });

    it('refuses a partial object that would be invalid', async () => {
      const { status } = await apply('partial', 'one', { weights: [{ name: 'a', weight: 1 }] });
      expect(status).toBe(422);
    });

    it('applies built-in kinds with their merge keys', async () => {
      const api = connected();
      const path = `${place.deployments}/applied?fieldManager=`;
      const made = await api.patch(`${path}one`, APPLY_PATCH, place.deployment('applied', 3));
      expect(made.status).toBe(201);
      const partial = {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'applied' },
        spec: { template: { spec: { containers: [{ name: 'side', image: 'registry.example/side:1' }] } } },
      };
      const both = await api.patch(`${path}two`, APPLY_PATCH, partial);
      expect(both.status).toBe(200);
      expect(both.body.spec.template.spec.containers).toHaveLength(2);
      const scaled = { ...partial, spec: { replicas: 9 } };
      const refused = await api.patch(`${path}three`, APPLY_PATCH, scaled);
      expect(refused.status).toBe(409);
      expect(refused.body.details.causes[0].field).toBe('.spec.replicas');
    });
  });
}
