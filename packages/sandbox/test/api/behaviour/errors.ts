import { beforeAll, describe, expect, it } from 'vitest';
import type { Connected } from '../behaviour.test.ts';
import { MERGE_PATCH, STRATEGIC_PATCH } from '../client.ts';
import { GADGET_PATH, gadget, makePlace, type Place } from './fixtures.ts';

export function describeErrors(connected: Connected): void {
  describe('errors', () => {
    let place: Place;
    beforeAll(async () => {
      place = await makePlace(connected());
    });

    it('answers 404 with the whole Status for an absent object', async () => {
      const { status, body } = await connected().get(`${place.widgets}/none`);
      expect(status).toBe(404);
      expect(body).toEqual({
        kind: 'Status',
        apiVersion: 'v1',
        metadata: {},
        status: 'Failure',
        message: 'widgets.suite.example.com "none" not found',
        reason: 'NotFound',
        details: { name: 'none', group: 'suite.example.com', kind: 'widgets' },
        code: 404,
      });
    });

    it('leaves the group out for the core group', async () => {
      const { body } = await connected().get(`${place.configMaps}/none`);
      expect(body.message).toBe('configmaps "none" not found');
      expect(body.details).toEqual({ name: 'none', kind: 'configmaps' });
    });

    it('answers 404 for resources and versions that are not served', async () => {
      const api = connected();
      const unknown = await api.get(`/api/v1/namespaces/${place.namespace}/nosuch`);
      expect(unknown.status).toBe(404);
      expect(unknown.body.message).toBe('the server could not find the requested resource');
      expect((await api.get('/apis/suite.example.com/v9/widgets')).status).toBe(404);
      expect((await api.get('/apis/nobody.example.com/v1/things')).status).toBe(404);
      expect((await api.get('/nowhere')).status).toBe(404);
    });

    it('answers 404 for a write into a namespace that does not exist', async () => {
      const api = connected();
      const path = place.configMaps.replace(place.namespace, 'no-such-place');
      const { status, body } = await api.post(path, { metadata: { name: 'a' } });
      expect(status).toBe(404);
      expect(body.message).toBe('namespaces "no-such-place" not found');
      expect(body.details).toEqual({ name: 'no-such-place', kind: 'namespaces' });
      const list = await api.get(path);
      expect(list.status).toBe(200);
      expect(list.body.items).toEqual([]);
    });

    it('answers 409 AlreadyExists', async () => {
      const api = connected();
      await api.post(place.configMaps, place.configMap('twice'));
      const { status, body } = await api.post(place.configMaps, place.configMap('twice'));
      expect(status).toBe(409);
      expect(body).toMatchObject({
        reason: 'AlreadyExists',
        message: 'configmaps "twice" already exists',
        details: { name: 'twice', kind: 'configmaps' },
      });
    });

    it('answers 422 with a cause per field', async () => {
      const widget = place.widget('Bad_Name', { colour: 'pink', replicas: 99, note: 'far too long' });
      const { status, body } = await connected().post(place.widgets, widget);
      expect(status).toBe(422);
      expect(body.reason).toBe('Invalid');
      expect(body.details).toMatchObject({ name: 'Bad_Name', group: 'suite.example.com', kind: 'Widget' });
      const fields = body.details.causes.map((cause: { field: string }) => cause.field);
      expect(fields).toEqual(
        expect.arrayContaining(['metadata.name', 'spec.colour', 'spec.replicas', 'spec.note']),
      );
      const colour = body.details.causes.find((cause: { field: string }) => cause.field === 'spec.colour');
      expect(colour.reason).toBe('FieldValueNotSupported');
      expect(colour.message).toContain('supported values: "red", "green", "blue"');
    });

    it('words a single violation as a real server does', async () => {
      const api = connected();
      const missing = await api.post(place.widgets, { ...place.widget('m'), spec: {} });
      expect(missing.body.message).toBe(
        'Widget.suite.example.com "m" is invalid: spec.colour: Required value',
      );
      const mistyped = await api.post(place.widgets, place.widget('t', { replicas: 'many' }));
      expect(mistyped.status).toBe(422);
      expect(mistyped.body.details.causes[0]).toEqual({
        reason: 'FieldValueTypeInvalid',
        message: 'Invalid value: "string": spec.replicas in body must be of type integer: "string"',
        field: 'spec.replicas',
      });
      const range = await api.post(place.widgets, place.widget('r', { replicas: 11 }));
      expect(range.body.message).toBe(
        'Widget.suite.example.com "r" is invalid: spec.replicas: Invalid value: 11: spec.replicas in body should be less than or equal to 10',
      );
    });

    it('refuses bad names, labels and owners', async () => {
      const api = connected();
      const causes = async (metadata: object): Promise<string[]> => {
        const { status, body } = await api.post(place.configMaps, { metadata: { name: 'ok', ...metadata } });
        expect(status).toBe(422);
        return body.details.causes.map((cause: { field: string }) => cause.field);
      };
      expect(await causes({ name: 'Upper' })).toEqual(['metadata.name']);
      expect(await causes({ name: '' })).toEqual(['metadata.name']);
      expect(await causes({ labels: { 'bad key!': 'x' } })).toEqual(['metadata.labels']);
      expect(await causes({ labels: { key: 'bad value!' } })).toEqual(['metadata.labels']);
      expect(await causes({ annotations: { 'bad key!': 'x' } })).toEqual(['metadata.annotations']);
      expect(
        await causes({ ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'p', uid: '' }] }),
      ).toEqual(['metadata.ownerReferences.uid']);
    });

    it('refuses a body that contradicts the path', async () => {
      const api = connected();
      const kind = await api.post(place.configMaps, {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'a' },
      });
      expect(kind.status).toBe(400);
      const unknown = await api.post(place.widgets, { metadata: { name: 'a' }, spec: { colour: 'red' } });
      expect(unknown.status).toBe(400);
      expect(unknown.body.message).toMatch(/^the object provided is unrecognized \(must be of type Widget\)/);
      const elsewhere = await api.post(place.configMaps, { metadata: { name: 'a', namespace: 'default' } });
      expect(elsewhere.status).toBe(400);
      expect(elsewhere.body.message).toContain('does not match the namespace');
      await api.post(place.configMaps, place.configMap('named'));
      const name = await api.put(`${place.configMaps}/named`, place.configMap('other'));
      expect(name.status).toBe(400);
      expect(name.body.message).toBe(
        'the name of the object (other) does not match the name on the URL (named)',
      );
    });

    it('refuses bodies that are no JSON, and content types that it does not know', async () => {
      const api = connected();
      const broken = await api.send('POST', place.configMaps, '{"metadata":', {
        'content-type': 'application/json',
      });
      expect(broken.status).toBe(400);
      const strange = await api.send('POST', place.configMaps, 'x', { 'content-type': 'text/strange' });
      expect(strange.status).toBe(415);
      const accept = await api.get(place.configMaps, 'text/html');
      expect(accept.status).toBe(406);
    });

    it('answers 405 for methods that a resource does not have', async () => {
      const api = connected();
      expect((await api.send('PUT', place.configMaps, {})).status).toBe(405);
      expect((await api.send('POST', `${place.configMaps}/a`, {})).status).toBe(405);
      expect((await api.post('/api/v1/configmaps', { metadata: { name: 'a' } })).status).toBe(405);
    });

    it('answers 415 for a strategic merge patch of a custom resource', async () => {
      const api = connected();
      await api.post(place.widgets, place.widget('strategic'));
      const { status, body } = await api.patch(`${place.widgets}/strategic`, STRATEGIC_PATCH, { spec: {} });
      expect(status).toBe(415);
      expect(body.reason).toBe('UnsupportedMediaType');
    });

    it('refuses a resourceVersion on creation', async () => {
      const map = place.configMap('versioned', {}, { resourceVersion: '1' });
      const { status, body } = await connected().post(place.configMaps, map);
      expect(status).toBe(500);
      expect(body.message).toBe('resourceVersion should not be set on objects to be created');
    });

    it('warns of unknown fields, refuses them under Strict, is silent under Ignore', async () => {
      const api = connected();
      const widget = (name: string): object =>
        place.widget(name, { nonsense: 1, ports: [{ port: 1, odd: 2 }] });
      const warned = await api.post(place.widgets, widget('warned'));
      expect(warned.status).toBe(201);
      expect(warned.body.spec).toEqual({ colour: 'red', replicas: 1, ports: [{ port: 1, name: 'web' }] });
      expect(warned.warnings).toHaveLength(2);
      expect(warned.warnings.join()).toContain('unknown field \\"spec.nonsense\\"');
      const silent = await api.post(`${place.widgets}?fieldValidation=Ignore`, widget('silent'));
      expect(silent.warnings).toEqual([]);
      const strict = await api.post(`${place.widgets}?fieldValidation=Strict`, widget('strict'));
      expect(strict.status).toBe(400);
      expect(strict.body.message).toBe(
        'Widget in version "v1" cannot be handled as a Widget: strict decoding error: unknown field "spec.nonsense", unknown field "spec.ports[0].odd"',
      );
      const builtIn = { ...place.deployment('strict'), extra: true };
      const refused = await api.post(`${place.deployments}?fieldValidation=Strict`, builtIn);
      expect(refused.status).toBe(400);
      expect(refused.body.message).toContain('unknown field "extra"');
    });

    it('keeps unknown fields where the schema says so', async () => {
      const free = { anything: { at: ['all'] } };
      const { body, warnings } = await connected().post(place.widgets, place.widget('free', { free }));
      expect(body.spec.free).toEqual(free);
      expect(warnings).toEqual([]);
    });

    it('serves a custom resource without status subresource as one piece', async () => {
      const api = connected();
      const { body } = await api.post(GADGET_PATH, { ...gadget('whole'), status: { b: 2 } });
      expect(body.status).toEqual({ b: 2 });
      expect((await api.get(`${GADGET_PATH}/whole/status`)).status).toBe(404);
      const changed = await api.patch(`${GADGET_PATH}/whole`, MERGE_PATCH, { status: { b: 3 } });
      expect(changed.body.status).toEqual({ b: 3 });
      expect(changed.body.metadata.generation).toBe(2);
    });
  });
}
