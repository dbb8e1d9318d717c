import { describe, expect, it } from 'vitest';
import type { Connected } from '../behaviour.test.ts';
import type { Client, Json } from '../client.ts';
import { GADGET_PATH, gadget } from './fixtures.ts';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

function definition(plural: string, kind: string): Json {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.late.example.com` },
    spec: {
      group: 'late.example.com',
      names: { plural, kind },
      scope: 'Cluster',
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: { type: 'object' } } } },
        },
      ],
    },
  };
}

/** Watches a definition until it is established, and a moment longer until its resource answers. */
async function established(api: Client, name: string, list: string): Promise<Json> {
  const watcher = api.watch(`${DEFINITIONS}?watch=true&fieldSelector=metadata.name%3D${name}`);
  for (;;) {
    const event = await watcher.next();
    const conditions: Json[] = event?.object.status?.conditions ?? [];
    if (!conditions.some(({ type, status }) => type === 'Established' && status === 'True')) continue;
    if ((await api.get(list)).status !== 200) {
      await new Promise((resolve) => setImmediate(resolve));
      while ((await api.get(list)).status !== 200);
    }
    watcher.close();
    return event?.object;
  }
}

export function describeDefinitions(connected: Connected): void {
  describe('CustomResourceDefinitions', () => {
    it('serves what is defined while it runs, and stops when the definition goes', async () => {
      const api = connected();
      const list = '/apis/late.example.com/v1/latecomers';
      expect((await api.get(list)).status).toBe(404);
      const made = await api.post(DEFINITIONS, definition('latecomers', 'Latecomer'));
      expect(made.status).toBe(201);
      expect(made.body.spec.names).toEqual({
        plural: 'latecomers',
        singular: 'latecomer',
        kind: 'Latecomer',
        listKind: 'LatecomerList',
      });
      const ready = await established(api, 'latecomers.late.example.com', list);
      expect(ready.status).toMatchObject({
        acceptedNames: made.body.spec.names,
        storedVersions: ['v1'],
        conditions: [
          { type: 'NamesAccepted', status: 'True' },
          { type: 'Established', status: 'True' },
        ],
      });
      expect(
        (
          await api.post(list, {
            apiVersion: 'late.example.com/v1',
            kind: 'Latecomer',
            metadata: { name: 'one' },
          })
        ).status,
      ).toBe(201);
      const groups = await api.get('/apis');
      expect(groups.body.groups.map((group: { name: string }) => group.name)).toContain('late.example.com');
      expect((await api.delete(`${DEFINITIONS}/latecomers.late.example.com`)).status).toBe(200);
      while ((await api.get(list)).status !== 404);
      expect((await api.get(list)).status).toBe(404);
    }, 30_000);

    it('refuses definitions that cannot be served', async () => {
      const api = connected();
      const misnamed = definition('things', 'Thing');
      misnamed.metadata.name = 'other.late.example.com';
      expect((await api.post(DEFINITIONS, misnamed)).status).toBe(422);
      const schemaless = definition('things', 'Thing');
      delete schemaless.spec.versions[0].schema;
      const answer = await api.post(DEFINITIONS, schemaless);
      expect(answer.status).toBe(422);
      expect(answer.body).toMatchObject({ reason: 'Invalid', details: { kind: 'CustomResourceDefinition' } });
    });

    it('serves one object in all versions', async () => {
      const api = connected();
      const made = await api.post(GADGET_PATH, gadget('both'));
      const older = GADGET_PATH.replace('/v1/', '/v1alpha1/');
      const read = await api.get(`${older}/both`);
      expect(read.body.apiVersion).toBe('suite.example.com/v1alpha1');
      expect(read.body.metadata.uid).toBe(made.body.metadata.uid);
      const changed = await api.put(`${older}/both`, { ...read.body, spec: { a: 2 } });
      expect(changed.status).toBe(200);
      const back = await api.get(`${GADGET_PATH}/both`);
      expect(back.body).toMatchObject({ apiVersion: 'suite.example.com/v1', spec: { a: 2 } });
      const list = await api.get(older);
      expect(list.body.items[0].apiVersion).toBe('suite.example.com/v1alpha1');
    });
  });
}
