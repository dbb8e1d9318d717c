import { createServer, type ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ApiStatusError, type Connection, connect } from '../../../src/runtime/client/connection.ts';
import { createInformer, type Informer } from '../../../src/runtime/client/informer.ts';
import type { ApiObject } from '../../../src/runtime/client/object.ts';
import type { Resource } from '../../../src/runtime/client/resource.ts';

const THINGS: Resource = { apiVersion: 'v1', kind: 'Thing', plural: 'things', namespaced: true };

function thing(name: string, version: number): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'Thing',
    metadata: { name, namespace: 'ns', uid: name, resourceVersion: String(version) },
  };
}

/** A server that answers as the test says: lists from `items`, watches held open until the test ends them. */
async function startScripted() {
  const state = { items: [thing('a', 5)], version: 5, lists: 0, failLists: 0 };
  const watches: { from: string | null; response: ServerResponse }[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://localhost');
    if (url.searchParams.get('watch') === 'true') {
      response.writeHead(200).flushHeaders();
      watches.push({ from: url.searchParams.get('resourceVersion'), response });
      return;
    }
    state.lists += 1;
    if (state.failLists > 0) {
      state.failLists -= 1;
      response.writeHead(500).end('not a status');
      return;
    }
    response
      .writeHead(200)
      .end(JSON.stringify({ metadata: { resourceVersion: String(state.version) }, items: state.items }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const kubeconfig = stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'c', cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true } },
    ],
    users: [{ name: 'u', user: { token: 'secret' } }],
    contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'x',
  });
  return {
    state,
    watches,
    kubeconfig,
    send: (type: string, object: unknown) =>
      watches.at(-1)?.response.write(`${JSON.stringify({ type, object })}\n`),
    endWatch: () => watches.at(-1)?.response.end(),
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

describe('an informer', () => {
  let server: Awaited<ReturnType<typeof startScripted>>;
  let connection: Connection;
  let informer: Informer;
  const open = async (): Promise<void> => {
    server = await startScripted();
    connection = await connect(server.kubeconfig);
    informer = createInformer(connection, THINGS);
    await informer.start();
    await expect.poll(() => server.watches.length).toBe(1);
  };
  afterEach(async () => {
    await informer.stop();
    connection.close();
    server.stop();
  });

  it('lists, then watches from there', async () => {
    await open();
    expect(server.watches[0]?.from).toBe('5');
    server.send('ADDED', thing('b', 6));
    server.send('MODIFIED', thing('a', 7));
    server.send('DELETED', thing('b', 8));
    await expect.poll(() => informer.store.get('ns/a')?.metadata.resourceVersion).toBe('7');
    await expect.poll(() => informer.store.get('ns/b')).toBeUndefined();
  });

  it('goes on where it was when a watch ends', async () => {
    await open();
    server.send('MODIFIED', thing('a', 9));
    await expect.poll(() => informer.store.get('ns/a')?.metadata.resourceVersion).toBe('9');
    server.endWatch();
    await expect.poll(() => server.watches.length).toBe(2);
    expect(server.watches[1]?.from).toBe('9');
    expect(server.state.lists).toBe(1);
  });

  it('lists anew when its place in the history is gone, and notices what went meanwhile', async () => {
    await open();
    server.state.items = [thing('c', 20)];
    server.state.version = 20;
    server.state.failLists = 2;
    server.send('ERROR', { kind: 'Status', code: 410, message: 'too old' });
    await expect.poll(() => informer.store.get('ns/c')?.metadata.resourceVersion).toBe('20');
    expect(informer.store.get('ns/a')).toBeUndefined();
    await expect.poll(() => server.watches.at(-1)?.from).toBe('20');
  });

  it('takes what a write returned at once, and is caught up when its event has come', async () => {
    await open();
    informer.wrote(thing('a', 10));
    expect(informer.store.get('ns/a')?.metadata.resourceVersion).toBe('10');
    // An event from before the write is no step back.
    server.send('MODIFIED', thing('a', 9));
    server.send('MODIFIED', thing('b', 11));
    await expect.poll(() => informer.store.get('ns/b')).toBeDefined();
    expect(informer.store.get('ns/a')?.metadata.resourceVersion).toBe('10');
    // Written at 10, deleted at 12, and only then the answer of the write.
    server.send('DELETED', thing('a', 12));
    await expect.poll(() => informer.store.get('ns/a')).toBeUndefined();
    informer.wrote(thing('a', 10));
    expect(informer.store.get('ns/a')).toBeUndefined();
  });

  it('waits for a deletion to be seen', async () => {
    await open();
    informer.expectDeleted('ns/a', 'a');
    expect([informer.caughtUp(), informer.pending('ns/a')]).toEqual([false, true]);
    server.send('DELETED', thing('a', 13));
    await expect.poll(() => informer.caughtUp()).toBe(true);
    expect(informer.pending('ns/a')).toBe(false);
  });

  it('knows whether it holds what the server holds', async () => {
    await open();
    expect(await informer.matchesServer()).toBe(true);
    server.state.items = [thing('a', 5), thing('b', 6)];
    expect(await informer.matchesServer()).toBe(false);
    server.send('ADDED', thing('b', 6));
    await expect.poll(() => informer.matchesServer()).toBe(true);
  });

  it('tells errors of the server by their code, whatever their body', async () => {
    await open();
    server.state.failLists = 1;
    const failure = connection.request('GET', '/api/v1/things');
    await expect(failure).rejects.toBeInstanceOf(ApiStatusError);
    await expect(failure).rejects.toMatchObject({ code: 500, message: 'not a status' });
  });
});
