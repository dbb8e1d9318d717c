import { beforeAll, describe, expect, it } from 'vitest';
import type { Connected } from '../behaviour.test.ts';
import { JSON_PATCH, MERGE_PATCH, STRATEGIC_PATCH } from '../client.ts';
import { makePlace, type Place } from './fixtures.ts';

export function describePatches(connected: Connected): void {
  describe('PATCH', () => {
    let place: Place;
    beforeAll(async () => {
      place = await makePlace(connected());
    });

    it('merges, removes by null and replaces lists whole', async () => {
      const api = connected();
      const spec = {
        note: 'old',
        weights: [
          { name: 'a', weight: 1 },
          { name: 'b', weight: 2 },
        ],
      };
      await api.post(place.widgets, place.widget('merged', spec));
      const { status, body } = await api.patch(`${place.widgets}/merged`, MERGE_PATCH, {
        spec: { note: null, weights: [{ name: 'c', weight: 3 }] },
      });
      expect(status).toBe(200);
      expect(body.spec).toEqual({ colour: 'red', replicas: 1, weights: [{ name: 'c', weight: 3 }] });
    });

    it('applies the operations of a JSON patch, or none of them', async () => {
      const api = connected();
      const { body } = await api.post(place.widgets, place.widget('operated', { note: 'old' }));
      const path = `${place.widgets}/operated`;
      const { resourceVersion } = body.metadata;
      const done = await api.patch(path, JSON_PATCH, [
        { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
        { op: 'add', path: '/spec/weights', value: [{ name: 'a', weight: 1 }] },
        { op: 'add', path: '/spec/weights/-', value: { name: 'b', weight: 2 } },
        { op: 'replace', path: '/spec/colour', value: 'green' },
        { op: 'remove', path: '/spec/note' },
      ]);
      expect(done.status).toBe(200);
      expect(done.body.spec).toEqual({
        colour: 'green',
        replicas: 1,
        weights: [
          { name: 'a', weight: 1 },
          { name: 'b', weight: 2 },
        ],
      });
      const failed = await api.patch(path, JSON_PATCH, [
        { op: 'replace', path: '/spec/colour', value: 'blue' },
        { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      ]);
      expect(failed.status).toBe(422);
      expect(failed.body.reason).toBe('Invalid');
      expect((await api.get(path)).body).toEqual(done.body);
      const absent = await api.patch(path, JSON_PATCH, [{ op: 'test', path: '/spec/absent', value: 1 }]);
      expect(absent.status).toBe(422);
      const malformed = await api.patch(path, JSON_PATCH, { op: 'add' });
      expect(malformed.status).toBe(400);
    });

    it('merges lists of built-in kinds by their keys', async () => {
      const api = connected();
      await api.post(place.deployments, place.deployment('keyed'));
      const path = `${place.deployments}/keyed`;
      const containers = [{ name: 'side', image: 'registry.example/side:1' }];
      const added = await api.patch(path, STRATEGIC_PATCH, { spec: { template: { spec: { containers } } } });
      expect(added.status).toBe(200);
      const names = added.body.spec.template.spec.containers.map(
        (container: { name: string }) => container.name,
      );
      expect(names.toSorted()).toEqual(['main', 'side']);
      const removed = await api.patch(path, STRATEGIC_PATCH, {
        spec: { template: { spec: { containers: [{ name: 'side', $patch: 'delete' }] } } },
      });
      expect(removed.body.spec.template.spec.containers).toHaveLength(1);
    });

    it('answers 409 when the patch names another version, and 404 for an absent object', async () => {
      const api = connected();
      const { body } = await api.post(place.widgets, place.widget('versioned'));
      const path = `${place.widgets}/versioned`;
      await api.patch(path, MERGE_PATCH, { spec: { replicas: 2 } });
      const { resourceVersion } = body.metadata;
      const stale = await api.patch(path, MERGE_PATCH, {
        metadata: { resourceVersion },
        spec: { replicas: 3 },
      });
      expect(stale.status).toBe(409);
      expect((await api.patch(`${place.widgets}/none`, MERGE_PATCH, {})).status).toBe(404);
    });

    it('validates what comes out', async () => {
      const api = connected();
      await api.post(place.widgets, place.widget('valid'));
      const path = `${place.widgets}/valid`;
      const bad = await api.patch(path, MERGE_PATCH, { spec: { colour: 'pink' } });
      expect(bad.status).toBe(422);
      expect(bad.body.details.causes[0].field).toBe('spec.colour');
      const unknown = await api.patch(`${path}?fieldValidation=Strict`, MERGE_PATCH, { spec: { odd: 1 } });
      expect(unknown.status).toBe(422);
      expect(unknown.body.message).toContain('strict decoding error: unknown field "spec.odd"');
      const renamed = await api.patch(path, MERGE_PATCH, { metadata: { name: 'other' } });
      expect(renamed.status).toBe(400);
    });

    it('fills defaults again when their field is removed', async () => {
      const api = connected();
      await api.post(place.widgets, place.widget('again', { replicas: 7 }));
      const { body } = await api.patch(`${place.widgets}/again`, MERGE_PATCH, { spec: { replicas: null } });
      expect(body.spec.replicas).toBe(1);
    });

    it('records who changed what', async () => {
      const api = connected();
      await api.post(`${place.widgets}?fieldManager=maker`, place.widget('owned'));
      const path = `${place.widgets}/owned`;
      const patched = await api.patch(`${path}?fieldManager=tuner`, MERGE_PATCH, { spec: { note: 'mine' } });
      const managers = patched.body.metadata.managedFields;
      expect(managers).toMatchObject([
        { manager: 'maker', operation: 'Update', apiVersion: 'suite.example.com/v1', fieldsType: 'FieldsV1' },
        { manager: 'tuner', operation: 'Update', fieldsV1: { 'f:spec': { 'f:note': {} } } },
      ]);
      const status = await api.patch(`${path}/status?fieldManager=watcher`, MERGE_PATCH, {
        status: { phase: 'x' },
      });
      const entry = status.body.metadata.managedFields.find(
        (one: { manager: string }) => one.manager === 'watcher',
      );
      expect(entry).toMatchObject({ subresource: 'status', fieldsV1: { 'f:status': { 'f:phase': {} } } });
    });

    it('names the manager after the client when none is given', async () => {
      const { body } = await connected().post(place.widgets, place.widget('unnamed'));
      expect(body.metadata.managedFields[0].manager).toBe('suite');
    });
  });
}
