import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Answer, APPLY_PATCH, type Client, clientOf, type Json, MERGE_PATCH } from '../api/client.ts';
import { type ApiServer, realAssets } from '../api/real-apiserver.ts';
import { serversUnderTest } from '../api/servers.ts';
import { thing, thingSchema } from './thing.ts';

const definition = stringify({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'things', kind: 'Thing' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: thingSchema },
        subresources: { status: {} },
      },
    ],
  },
});

const COLLECTION = '/apis/example.com/v1/namespaces/default/things';

const short = fc.constantFrom('a', 'b', 'c');
const ports = fc.uniqueArray(
  fc.record(
    { port: fc.integer({ min: 1, max: 3 }), protocol: fc.constant('TCP'), name: short },
    { requiredKeys: ['port'] },
  ),
  { selector: ({ port }) => port, maxLength: 3 },
);
const specs = fc.record(
  {
    size: fc.integer({ min: 1, max: 2 }),
    maybe: fc.constantFrom(null, 'z'),
    tags: fc.uniqueArray(short, { maxLength: 3 }),
    list: fc.array(short, { maxLength: 2 }),
    ports,
    labels: fc.dictionary(short, short, { maxKeys: 3 }),
    atom: fc.record({ x: short, y: short }, { requiredKeys: [] }),
    free: fc.constantFrom({}, { a: 1 }, { a: { b: 1 } }, { a: { b: 1, c: [1] } }, { a: [1] }, { a: null }),
  },
  { requiredKeys: [] },
);
const steps = fc.record({
  op: fc.constantFrom('apply', 'force', 'merge', 'put', 'status'),
  manager: fc.constantFrom('x', 'y', 'z'),
  spec: specs,
  labels: fc.dictionary(short, short, { maxKeys: 1 }),
});
type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;

async function take({ op, manager, spec, labels }: Step, client: Client): Promise<Answer> {
  const path = `${COLLECTION}/t`;
  const query = `?fieldManager=${manager}`;
  const object = thing(spec, { labels });
  if (op === 'merge') {
    return client.patch(`${path}${query}`, MERGE_PATCH, { spec, metadata: { labels } });
  }
  if (op === 'status') {
    return client.patch(`${path}/status${query}`, MERGE_PATCH, { status: spec, spec });
  }
  if (op === 'put') {
    const { body } = await client.get(path);
    const metadata = { ...object['metadata'], resourceVersion: body.metadata.resourceVersion };
    return client.put(`${path}${query}`, { ...object, metadata });
  }
  return client.patch(`${path}${query}${op === 'force' ? '&force=true' : ''}`, APPLY_PATCH, object);
}

/** What two servers must agree on: not identities and times, nor the order in which Go walks its maps. */
function comparable({ status, body }: Answer): Json {
  if (status >= 400) {
    return { status, message: body.message, causes: body.details?.causes?.map(printed).sort() };
  }
  const { labels, managedFields = [] } = body.metadata;
  const owners = managedFields.map(({ time, ...entry }: Json) => ({ ...entry, timed: time !== undefined }));
  return { status, spec: body.spec, fate: body.status, labels, owners: owners.sort(byIdentity) };
}

function printed(value: unknown): string {
  return JSON.stringify(value);
}

function byIdentity(left: Json, right: Json): number {
  const identity = ({ manager, operation, subresource }: Json): string =>
    `${manager} ${operation} ${subresource}`;
  return identity(left) < identity(right) ? -1 : 1;
}

/** Ownership is the part of an API server that is hardest to get right, so chance looks for the cases. */
describe.skipIf(realAssets() === undefined)('the sandbox and a kube-apiserver (KUBEBUILDER_ASSETS)', () => {
  const servers: ApiServer[] = [];

  beforeAll(async () => {
    for (const { start } of serversUnderTest('field ownership')) {
      servers.push(await start([definition]));
    }
  }, 120_000);

  afterAll(async () => {
    for (const server of servers) {
      await server.stop();
    }
  });

  it('agree on values, owners and conflicts after any history', async () => {
    const clients = servers.map(clientOf);
    const property = fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 6 }), async (history) => {
      for (const client of clients) {
        await client.delete(`${COLLECTION}/t`);
        const created = await client.post(`${COLLECTION}?fieldManager=creator`, thing({ size: 1 }));
        expect(created.status).toBe(201);
      }
      for (const step of history) {
        const [ours, theirs] = await Promise.all(clients.map((client) => take(step, client)));
        expect(ours && comparable(ours)).toEqual(theirs && comparable(theirs));
      }
    });
    await fc.assert(property, { numRuns: 100 });
  }, 120_000);
});
