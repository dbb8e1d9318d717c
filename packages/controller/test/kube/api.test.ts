import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { KubeApi } from '../../src/kube/api.ts';
import { connectKube } from '../../src/kube/connect.ts';
import { KubeError } from '../../src/kube/errors.ts';
import { createEventRecorder, EVENT } from '../../src/kube/events.ts';
import type { KubeObject, ResourceType } from '../../src/kube/resource.ts';
import { testServers } from '../planes/karmada/support/servers.ts';

const CONFIG_MAP: ResourceType = {
  group: '',
  version: 'v1',
  plural: 'configmaps',
  kind: 'ConfigMap',
  namespaced: true,
};
const UNKNOWN: ResourceType = {
  group: 'example.com',
  version: 'v1',
  plural: 'things',
  kind: 'Thing',
  namespaced: true,
};
const map = (name: string, data: Record<string, string>): KubeObject => ({
  metadata: { namespace: 'default', name },
  data,
});

const kubeconfig = (server: string): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'k', user: 'u' } }],
    clusters: [{ name: 'k', cluster: { server } }],
    users: [{ name: 'u', user: {} }],
  });

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function errorOf(promise: Promise<unknown>): Promise<KubeError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof KubeError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

for (const server of testServers('Kubernetes client')) {
  describe(`the client on ${server.name}`, () => {
    let api: KubeApi;
    let other: KubeApi;
    let stop: () => Promise<void>;
    beforeAll(async () => {
      const running = await server.start([]);
      stop = () => running.stop();
      api = connectKube({ kubeconfig: running.kubeconfig() });
      other = connectKube({ kubeconfig: running.kubeconfig(), manager: 'somebody' });
    });
    afterAll(() => stop());

    it('creates, reads, replaces, patches and deletes', async () => {
      const created = await api.create(CONFIG_MAP, map('crud', { a: '1' }));
      expect(await api.get(CONFIG_MAP, created.metadata)).toMatchObject({ data: { a: '1' } });
      await api.replace(CONFIG_MAP, { ...created, data: { b: '2' } });
      await api.mergePatch(CONFIG_MAP, created.metadata, { data: { c: '3' } });
      const patched = await api.jsonPatch(CONFIG_MAP, created.metadata, [
        { op: 'test', path: '/data/c', value: '3' },
        { op: 'replace', path: '/data/c', value: '4' },
      ]);
      expect(patched['data']).toEqual({ b: '2', c: '4' });
      await api.delete(CONFIG_MAP, created.metadata);
      expect((await errorOf(api.get(CONFIG_MAP, created.metadata))).kind).toBe('not-found');
    });

    it('tells the ways of failing apart', async () => {
      const first = await api.create(CONFIG_MAP, map('fail', { a: '1' }));
      expect((await errorOf(api.create(CONFIG_MAP, map('fail', {})))).kind).toBe('already-exists');
      await api.mergePatch(CONFIG_MAP, first.metadata, { data: { a: '2' } });
      expect((await errorOf(api.replace(CONFIG_MAP, first))).kind).toBe('conflict');
      const wrongUid = { metadata: { uid: 'other' } };
      expect((await errorOf(api.mergePatch(CONFIG_MAP, first.metadata, wrongUid))).kind).toMatch(
        /conflict|invalid/,
      );
      const invalid = await errorOf(api.create(CONFIG_MAP, map('Not A Name', {})));
      expect(invalid).toMatchObject({ kind: 'invalid', retryable: false });
      expect((await errorOf(api.get(UNKNOWN, { namespace: 'default', name: 'x' }))).kind).toBe('not-found');
    });

    it('applies as windvane, and learns who owns what it may not take', async () => {
      await other.apply(CONFIG_MAP, map('owned', { a: 'theirs' }));
      const mine = map('owned', { a: 'mine' });
      const conflict = await errorOf(api.apply(CONFIG_MAP, mine));
      expect(conflict).toMatchObject({ kind: 'field-conflict', managers: ['somebody'] });
      const forced = await api.apply(CONFIG_MAP, mine, { force: true, dryRun: true });
      expect(forced['data']).toEqual({ a: 'mine' });
      expect((await api.get(CONFIG_MAP, mine.metadata))['data']).toEqual({ a: 'theirs' });
      const taken = await api.apply(CONFIG_MAP, mine, { force: true });
      expect(taken.metadata.managedFields?.map((entry) => entry.manager)).toContain('windvane');
      const stale = { ...mine, metadata: { ...mine.metadata, resourceVersion: '1' } };
      expect((await errorOf(api.apply(CONFIG_MAP, stale))).kind).toBe('conflict');
    });

    it('fetches every page of a list, and watches from where it ends', async () => {
      for (const name of ['p1', 'p2', 'p3', 'p4', 'p5']) {
        await api.create(CONFIG_MAP, {
          ...map(name, {}),
          metadata: { namespace: 'default', name, labels: { page: 'yes' } },
        });
      }
      const list = await api.list(CONFIG_MAP, {
        namespace: 'default',
        labelSelector: 'page=yes',
        pageSize: 2,
      });
      expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['p1', 'p2', 'p3', 'p4', 'p5']);
      const abort = new AbortController();
      const events = api.watch(CONFIG_MAP, {
        namespace: 'default',
        resourceVersion: list.resourceVersion,
        timeoutSeconds: 30,
        signal: abort.signal,
      });
      const iterator = events[Symbol.asyncIterator]();
      const first = iterator.next();
      await api.create(CONFIG_MAP, map('later', {}));
      expect((await first).value).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'later' } } });
      const next = errorOf(iterator.next());
      abort.abort();
      expect((await next).kind).toBe('aborted');
    });

    it('knows what is served', async () => {
      expect(await api.serves(CONFIG_MAP)).toBe(true);
      expect(await api.serves({ ...CONFIG_MAP, plural: 'nothings' })).toBe(false);
      expect(await api.serves(UNKNOWN)).toBe(false);
    });

    it('writes Events once and counts repetitions', async () => {
      const about = await api.create(CONFIG_MAP, map('told', {}));
      const failures: unknown[] = [];
      const recorder = createEventRecorder(api, (error) => failures.push(error));
      const note = { type: 'Normal', reason: 'Tested', message: 'once upon a time' } as const;
      for (let times = 0; times < 3; times += 1) await recorder.record(CONFIG_MAP, about, note);
      await recorder.record(CONFIG_MAP, about, { ...note, message: 'another' });
      const { items } = await api.list(EVENT, { namespace: 'default' });
      const told = items.filter((event) => event['reason'] === 'Tested');
      expect(new Set(told.map((event) => event['count']))).toEqual(new Set([1, 3]));
      expect(told[0]).toMatchObject({
        involvedObject: { kind: 'ConfigMap', name: 'told', namespace: 'default' },
      });
      expect(failures).toEqual([]);
    });
  });
}

describe('connectKube', () => {
  it('says in one line which server cannot be reached, and what to check', async () => {
    const closed = createServer();
    await new Promise<void>((resolve) => {
      closed.listen(0, '127.0.0.1', resolve);
    });
    const port = portOf(closed);
    await new Promise((resolve) => closed.close(resolve));
    const error = await errorOf(
      connectKube({ kubeconfig: kubeconfig(`http://127.0.0.1:${port}`) }).list(CONFIG_MAP),
    );
    expect(error.kind).toBe('unreachable');
    expect(error.message).toMatch(
      new RegExp(`^API server http://127.0.0.1:${port} cannot be reached \\(ECONNREFUSED\\); check`),
    );
    expect(error.message).not.toContain('\n');
  });

  it.each([
    ['a file that is not there', { path: '/nowhere/config' }, '/nowhere/config cannot be read'],
    ['text that is no kubeconfig', { kubeconfig: '{' }, 'cannot be read'],
    [
      'an unknown context',
      { kubeconfig: kubeconfig('http://x'), context: 'prod' },
      'has no context "prod"; it has c',
    ],
    [
      'a server that is no URL',
      { kubeconfig: kubeconfig('not a url') },
      'names no cluster with a server URL',
    ],
    [
      'an empty kubeconfig',
      { kubeconfig: '{}' },
      'the given kubeconfig names no context: set current-context',
    ],
    [
      'a password in the server',
      { kubeconfig: kubeconfig('http://u:s3cret@x') },
      'the given kubeconfig: the server of cluster "k" holds a user, password or query: leave it out, and put credentials under users',
    ],
    [
      'a token in the server',
      { kubeconfig: kubeconfig('http://x/?token=s3cret') },
      'holds a user, password or query',
    ],
  ])('explains %s', (_, connection, words) => {
    expect(() => connectKube(connection)).toThrow(words);
    expect(() => connectKube(connection)).toThrow(KubeError);
    expect(() => connectKube(connection)).not.toThrow('s3cret');
  });

  it('says where it looked when there is no kubeconfig', () => {
    vi.stubEnv('KUBECONFIG', undefined);
    vi.stubEnv('HOME', '/nowhere');
    onTestFinished(() => void vi.unstubAllEnvs());
    expect(() => connectKube()).toThrow('no kubeconfig: there is none in KUBECONFIG or ~/.kube/config');
  });

  it.each(['line1\nline2s3cret', 'häß-s3cret'])(
    'sends no token that no header can carry: %j',
    async (token) => {
      const { users: _, ...rest } = JSON.parse(kubeconfig('http://127.0.0.1:1'));
      const api = connectKube({
        kubeconfig: JSON.stringify({ ...rest, users: [{ name: 'u', user: { token } }] }),
      });
      const error = await errorOf(api.list(CONFIG_MAP));
      expect(error).toMatchObject({ kind: 'misconfigured' });
      expect(error.message).toBe(
        'credentials for http://127.0.0.1:1 cannot be used: the token of the kubeconfig is none: put one line of ASCII in it',
      );
    },
  );

  describe('at something that is no API server', () => {
    let web: Server;
    beforeAll(async () => {
      web = createServer((_request, response) => {
        response.end('<html>hello</html>');
      });
      await new Promise<void>((resolve) => {
        web.listen(0, '127.0.0.1', resolve);
      });
    });
    afterAll(() => {
      web.closeAllConnections();
      web.close();
    });

    it('says so', async () => {
      const port = portOf(web);
      const api = connectKube({ kubeconfig: kubeconfig(`http://127.0.0.1:${port}`) });
      const error = await errorOf(api.get(CONFIG_MAP, { namespace: 'default', name: 'x' }));
      expect(error).toMatchObject({ kind: 'misconfigured' });
      expect(error.message).toContain('does not answer like Kubernetes (no JSON)');
    });
  });
});
