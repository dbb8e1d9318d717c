import {
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  type KubernetesObject,
  makeInformer,
  Watch,
} from '@kubernetes/client-node';
import { afterEach, describe, expect, it } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/index.ts';
import { WIDGETS } from './behaviour/fixtures.ts';
import { type Client, clientOf } from './client.ts';

let running: Sandbox[] = [];

async function launch(
  options: SandboxOptions = {},
): Promise<{ sandbox: Sandbox; api: Client; config: KubeConfig }> {
  const sandbox = await startSandbox({ crds: [WIDGETS], ...options });
  running.push(sandbox);
  const config = new KubeConfig();
  config.loadFromString(sandbox.kubeconfig());
  const headers = options.token === undefined ? {} : { authorization: `Bearer ${options.token}` };
  const server = {
    name: 'sandbox',
    url: sandbox.url,
    headers,
    ca: undefined,
    kubeconfig: sandbox.kubeconfig,
  };
  return { sandbox, config, api: clientOf({ ...server, stop: sandbox.stop }) };
}

afterEach(async () => {
  await Promise.all(running.map((sandbox) => sandbox.stop()));
  running = [];
});

const configMap = (name: string): object => ({ metadata: { name } });
const MAPS = '/api/v1/namespaces/default/configmaps';

describe('a sandbox', () => {
  it('comes with the namespaces of a fresh cluster', async () => {
    const { config } = await launch();
    const { items } = await config.makeApiClient(CoreV1Api).listNamespace();
    expect(items.map((item) => item.metadata?.name)).toEqual([
      'default',
      'kube-node-lease',
      'kube-public',
      'kube-system',
    ]);
    expect(items[0]?.metadata?.creationTimestamp).toBeInstanceOf(Date);
  });

  it('lives by the clock that it is given', async () => {
    const { api } = await launch({ now: () => Date.parse('2030-05-06T07:08:09Z') });
    const { body } = await api.post(MAPS, configMap('timed'));
    expect(body.metadata.creationTimestamp).toBe('2030-05-06T07:08:09Z');
    expect(body.metadata.managedFields ?? []).toEqual([]);
  });

  it('tells the version of its newest change', async () => {
    const { sandbox, api } = await launch();
    const { body } = await api.post(MAPS, configMap('a'));
    expect(sandbox.resourceVersion()).toBe(Number(body.metadata.resourceVersion));
  });

  it('tells the version of the newest change of one resource, deletions included', async () => {
    const { sandbox, api } = await launch();
    const maps = { apiVersion: 'v1', plural: 'configmaps' };
    const widgets = { apiVersion: 'suite.example.com/v1', plural: 'widgets' };
    const newest = (): readonly number[] => [maps, widgets].map((each) => sandbox.resourceVersion.of(each));
    expect(newest()).toEqual([0, 0]);
    await api.post(MAPS, configMap('a'));
    const made = sandbox.resourceVersion();
    expect(newest()).toEqual([made, 0]);
    await api.delete(`${MAPS}/a`);
    expect(newest()).toEqual([made + 1, 0]);
    expect(sandbox.resourceVersion.of({ apiVersion: 'no/v1', plural: 'such' })).toBe(0);
  });

  it('asks for its token, when it has one', async () => {
    const { sandbox, config } = await launch({ token: 'secret' });
    const refused = await fetch(`${sandbox.url}/api/v1/namespaces`);
    expect(refused.status).toBe(401);
    expect(await refused.json()).toMatchObject({ kind: 'Status', reason: 'Unauthorized', code: 401 });
    expect((await fetch(`${sandbox.url}/healthz`)).status).toBe(200);
    const { items } = await config.makeApiClient(CoreV1Api).listNamespace();
    expect(items).toHaveLength(4);
  });

  it('takes the last of two definitions of one name', async () => {
    const { api } = await launch({
      crds: [WIDGETS, WIDGETS.replace('shortNames: [wd]', 'shortNames: [gizmo]')],
    });
    const { body } = await api.get('/apis/suite.example.com/v1');
    const widgets = body.resources.find((one: { name: string }) => one.name === 'widgets');
    expect(widgets.shortNames).toEqual(['gizmo']);
  });

  it('refuses to start with a definition that cannot be served', async () => {
    await expect(startSandbox({ crds: [WIDGETS.replace('kind: Widget,', '')] })).rejects.toThrow(
      /widgets.suite.example.com/,
    );
  });

  it('answers 410 to watches and lists beyond its history', async () => {
    const { api, sandbox } = await launch({ historyLimit: 3 });
    const from = sandbox.resourceVersion();
    const first = await api.get(`${MAPS}?limit=1`);
    for (let index = 0; index < 12; index += 1) await api.post(MAPS, configMap(`m${index}`));
    const watcher = api.watch(`${MAPS}?watch=true&resourceVersion=${from}`);
    const event = await watcher.next();
    expect(event).toMatchObject({ type: 'ERROR', object: { kind: 'Status', reason: 'Expired', code: 410 } });
    expect(await watcher.next()).toBeUndefined();
    const exact = await api.get(`${MAPS}?resourceVersion=${from}&resourceVersionMatch=Exact`);
    expect(exact.status).toBe(410);
    expect(first.status).toBe(200);
    const page = await api.get(`${MAPS}?limit=2`);
    for (let index = 0; index < 12; index += 1) await api.delete(`${MAPS}/m${index}`);
    const next = await api.get(`${MAPS}?limit=2&continue=${encodeURIComponent(page.body.metadata.continue)}`);
    expect(next.status).toBe(410);
    expect(next.body.reason).toBe('Expired');
  });

  it('sends bookmarks to those who asked for them', async () => {
    const { api, sandbox } = await launch({ bookmarkInterval: 5 });
    const from = sandbox.resourceVersion();
    const watcher = api.watch(`${MAPS}?watch=true&allowWatchBookmarks=true&resourceVersion=${from}`);
    await watcher.status;
    await api.post('/api/v1/namespaces/default/secrets', configMap('elsewhere'));
    let bookmark = await watcher.next();
    while (Number(bookmark?.object.metadata.resourceVersion) < sandbox.resourceVersion())
      bookmark = await watcher.next();
    watcher.close();
    expect(bookmark).toMatchObject({ type: 'BOOKMARK', object: { kind: 'ConfigMap', apiVersion: 'v1' } });
  });

  it('feeds an informer of the Kubernetes client', async () => {
    const { config, api } = await launch();
    const widgets = '/apis/suite.example.com/v1/namespaces/default/widgets';
    const widget = (name: string): object => ({
      apiVersion: 'suite.example.com/v1',
      kind: 'Widget',
      metadata: { name },
      spec: { colour: 'red' },
    });
    await api.post(widgets, widget('before'));
    const objects = config.makeApiClient(CustomObjectsApi);
    const where = { group: 'suite.example.com', version: 'v1', namespace: 'default', plural: 'widgets' };
    const informer = makeInformer<KubernetesObject>(config, widgets, () =>
      objects.listNamespacedCustomObject(where),
    );
    const heard: string[] = [];
    let wake: () => void = () => undefined;
    const hear = (type: string) => (object: KubernetesObject) => {
      heard.push(`${type} ${object.metadata?.name}`);
      wake();
    };
    for (const type of ['add', 'update', 'delete'] as const) informer.on(type, hear(type));
    informer.on('error', () => undefined);
    const until = async (entry: string): Promise<void> => {
      while (!heard.includes(entry)) await new Promise<void>((resolve) => (wake = resolve));
    };
    await informer.start();
    await until('add before');
    await api.post(widgets, widget('after'));
    await until('add after');
    await api.patch(`${widgets}/after`, 'application/merge-patch+json', { spec: { colour: 'blue' } });
    await until('update after');
    await api.delete(`${widgets}/after`);
    await until('delete after');
    await informer.stop();
    expect(heard).toEqual(['add before', 'add after', 'update after', 'delete after']);
  });

  it('ends the watches of the Kubernetes client when it stops', async () => {
    const { config, sandbox } = await launch();
    const ended = new Promise<unknown>((resolve) => {
      const watch = new Watch(config);
      void watch.watch('/api/v1/namespaces', {}, () => void sandbox.stop(), resolve);
    });
    await expect(ended).resolves.toSatisfy((error) => error === null || error instanceof Error);
    running = [];
  });
});
