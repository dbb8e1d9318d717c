import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makePlace, type Place, WIDGETS } from './behaviour/fixtures.ts';
import {
  type Answer,
  APPLY_PATCH,
  type Client,
  clientOf,
  JSON_PATCH,
  type Json,
  MERGE_PATCH,
  STRATEGIC_PATCH,
} from './client.ts';
import { type ApiServer, realAssets } from './real-apiserver.ts';
import { serversUnderTest } from './servers.ts';

/** A small generator of numbers (mulberry32): one seed, one history. */
function random(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  };
}

interface Step {
  readonly text: string;
  readonly take: (api: Client, place: Place) => Promise<Answer>;
}

type Pick = <T>(choices: readonly T[]) => T;

const weights = (pick: Pick): Json =>
  pick([
    [],
    [{ name: 'a', weight: 1 }],
    [
      { name: 'b', weight: 2 },
      { name: 'a', weight: 3 },
    ],
    [{ name: 'a' }],
    [{ weight: 0 }],
  ]);
const ports = (pick: Pick): Json =>
  pick([
    [],
    [{ port: 80 }],
    [{ port: 443, name: 'tls' }],
    [{ port: 443 }, { port: 80, name: 'x' }],
    [{ port: 80 }, { port: 80 }],
    [{}],
  ]);

/** A part of a Widget's spec, now and then an invalid one. */
function specOf(pick: Pick): Json {
  const spec: Json = {};
  if (pick([true, true, true, false])) spec.colour = pick(['red', 'green', 'blue', 'red', 'green', 'pink']);
  if (pick([true, false])) spec.replicas = pick([0, 1, 2, 3, 10, 11, 'x', null]);
  if (pick([true, false, false])) spec.note = pick(['short', '', 'much too long']);
  if (pick([true, false])) spec.weights = weights(pick);
  if (pick([true, false])) spec.ports = ports(pick);
  if (pick([true, false, false])) spec.free = pick([{}, { a: 1 }, { a: { b: [1, 2] } }, { c: null }]);
  if (pick([true, false, false, false, false])) spec.unknown = pick([1, { a: 2 }]);
  return spec;
}

function metadataOf(pick: Pick, name: string): Json {
  const metadata: Json = { name };
  if (pick([true, false, false]))
    metadata.labels = pick([{ a: '1' }, { a: '2', b: '1' }, {}, { bad: 'not valid!' }]);
  if (pick([true, false, false])) metadata.annotations = pick([{ x: '1' }, { y: '' }, {}]);
  if (pick([true, false, false, false, false, false]))
    metadata.finalizers = pick([['suite.example.com/a'], []]);
  return metadata;
}

function stepOf(pick: Pick): Step {
  const name = pick(['one', 'two', 'three']);
  const manager = pick(['ann', 'bob', 'cyd']);
  const query = pick(['', '', '', '&force=true', '&dryRun=All', '&fieldValidation=Strict']);
  const custom = pick([true, true, false]);
  const identity = custom
    ? { apiVersion: 'suite.example.com/v1', kind: 'Widget' }
    : { apiVersion: 'apps/v1', kind: 'Deployment' };
  const path = (place: Place): string => `${custom ? place.widgets : place.deployments}/${name}`;
  const params = `?fieldManager=${manager}${query}`;
  const metadata = metadataOf(pick, name);
  const spec = custom ? specOf(pick) : deploymentSpec(pick);
  const body = { ...identity, metadata, spec };
  const verb = pick([
    'create',
    'apply',
    'apply',
    'apply',
    'merge',
    'merge',
    'json',
    'strategic',
    'put',
    'status',
    'delete',
    'applyStatus',
  ]);
  const text = `${verb} ${identity.kind}/${name} ${params} ${JSON.stringify(body)}`;
  const status = custom
    ? { phase: pick(['A', 'B']), replicas: pick([1, 'x', 2]) }
    : { replicas: pick([1, 2]), observedGeneration: 1 };
  switch (verb) {
    case 'create':
      return {
        text,
        take: (api, place) => api.post(`${path(place).replace(/\/[^/]+$/, '')}${params}`, body),
      };
    case 'apply':
      return { text, take: (api, place) => api.patch(`${path(place)}${params}`, APPLY_PATCH, body) };
    case 'merge':
      return {
        text,
        take: (api, place) =>
          api.patch(`${path(place)}${params.replace('&force=true', '')}`, MERGE_PATCH, { metadata, spec }),
      };
    case 'strategic':
      return {
        text,
        take: (api, place) =>
          api.patch(`${path(place)}${params.replace('&force=true', '')}`, STRATEGIC_PATCH, {
            metadata,
            spec,
          }),
      };
    case 'json': {
      const operations = Object.entries(spec).map(([key, value]) => ({
        op: pick(['add', 'replace', 'remove', 'test']),
        path: `/spec/${key}`,
        value,
      }));
      return {
        text: `${text} ${JSON.stringify(operations)}`,
        take: (api, place) =>
          api.patch(`${path(place)}${params.replace('&force=true', '')}`, JSON_PATCH, operations),
      };
    }
    case 'put':
      return {
        text,
        take: async (api, place) => {
          const live = await api.get(path(place));
          if (live.status !== 200) return live;
          const next = { ...live.body, spec, metadata: { ...live.body.metadata, labels: metadata.labels } };
          return api.put(`${path(place)}${params.replace('&force=true', '')}`, next);
        },
      };
    case 'status':
      return {
        text: `${text} ${JSON.stringify(status)}`,
        take: (api, place) =>
          api.patch(`${path(place)}/status${params.replace('&force=true', '')}`, MERGE_PATCH, {
            status,
            spec: { replicas: 3 },
          }),
      };
    case 'applyStatus':
      return {
        text: `${text} ${JSON.stringify(status)}`,
        take: (api, place) =>
          api.patch(`${path(place)}/status${params}`, APPLY_PATCH, {
            ...identity,
            metadata: { name },
            status,
          }),
      };
    default:
      return { text, take: (api, place) => api.delete(path(place)) };
  }
}

function deploymentSpec(pick: Pick): Json {
  const container = (): Json => ({
    name: pick(['main', 'side']),
    ...pick([
      { image: 'i:1' },
      { image: 'i:2' },
      { image: 'i:1', env: [{ name: 'A', value: pick(['1', '2']) }] },
    ]),
  });
  const spec: Json = {
    selector: { matchLabels: { app: 'x' } },
    template: {
      metadata: { labels: { app: 'x', ...pick([{}, { v: '1' }]) } },
      spec: {
        containers: pick([
          [container()],
          [container()],
          [
            { name: 'main', image: 'i:1' },
            { name: 'side', image: 'i:9' },
          ],
        ]),
      },
    },
  };
  if (pick([true, false])) spec.replicas = pick([0, 1, 5]);
  if (pick([true, false, false])) delete spec.selector;
  if (pick([true, false, false])) delete spec.template;
  return spec;
}

/** What two servers cannot agree on is left out: uids, versions, times, and the order of managers of one second. */
function comparable({ status, body }: Answer, place: Place): Json {
  const text = JSON.stringify(body)
    .replaceAll(place.namespace, 'NAMESPACE')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UID')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
    .replaceAll(/(\\*"resourceVersion\\*":\\*")\d+/g, '$1RV');
  const copy: Json = JSON.parse(text);
  const managers = copy?.metadata?.managedFields;
  if (Array.isArray(managers)) {
    managers.sort((a, b) =>
      JSON.stringify([a.manager, a.operation, a.subresource]) <
      JSON.stringify([b.manager, b.operation, b.subresource])
        ? -1
        : 1,
    );
  }
  if (copy?.kind !== 'Status') return { status, body: copy };
  const fields = (copy.details?.causes ?? []).map((cause: Json) => `${cause.reason} ${cause.field}`);
  return {
    status,
    reason: copy.reason,
    fields: [...new Set<string>(fields)].sort((a, b) => (a < b ? -1 : 1)),
  };
}

const assets = realAssets();

/** Seeds of the histories; any others must do as well. */
const HISTORIES = Array.from({ length: 12 }, (_, index) => index);
const STEPS = 40;

describe.runIf(assets !== undefined)('the sandbox and a real server side by side', () => {
  let servers: ApiServer[] = [];
  beforeAll(async () => {
    servers = await Promise.all(serversUnderTest('side by side').map(({ start }) => start([WIDGETS])));
  }, 180_000);
  afterAll(() => Promise.all(servers.map((server) => server.stop())));

  it.each(HISTORIES)(
    'answer history %i alike',
    async (seed) => {
      const next = random(seed);
      const pick: Pick = (choices) => {
        const [choice] = choices.slice(next(choices.length));
        if (choice === undefined) throw new Error('nothing to choose from');
        return choice;
      };
      const sides = await Promise.all(
        servers.map(clientOf).map(async (api) => ({ api, place: await makePlace(api) })),
      );
      for (let index = 0; index < STEPS; index += 1) {
        const step = stepOf(pick);
        const answers: Json[] = [];
        for (const { api, place } of sides) answers.push(comparable(await step.take(api, place), place));
        const [sandbox, real] = answers;
        expect({ index, step: step.text, answer: sandbox }).toEqual({ index, step: step.text, answer: real });
      }
    },
    60_000,
  );
});
