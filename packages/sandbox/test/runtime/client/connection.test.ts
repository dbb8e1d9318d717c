import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { ApiStatusError, type Connection, connect } from '../../../src/runtime/client/connection.ts';

describe('a connection', () => {
  let server: Server;
  let connection: Connection;
  /** Requests that have arrived on the socket of a request. */
  let onSocket: WeakMap<object, number>;
  let arrived: number;
  let drop: (request: number, onItsSocket: number) => boolean;

  beforeEach(async () => {
    onSocket = new WeakMap();
    [arrived, drop] = [0, () => false];
    server = createServer((request, response) => {
      arrived += 1;
      const count = (onSocket.get(request.socket) ?? 0) + 1;
      onSocket.set(request.socket, count);
      if (drop(arrived, count)) {
        request.socket.resetAndDestroy();
        return;
      }
      request.resume();
      const found = request.url !== '/missing';
      response.writeHead(found ? 200 : 404, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(found ? { method: request.method } : { reason: 'NotFound', message: 'no such thing' }),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no address');
    const kubeconfig = {
      'current-context': 'c',
      clusters: [
        {
          name: 'c',
          cluster: { server: `http://127.0.0.1:${address.port}`, 'insecure-skip-tls-verify': true },
        },
      ],
      users: [{ name: 'u', user: {} }],
      contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    };
    connection = await connect(stringify(kubeconfig));
  });
  afterEach(async () => {
    connection.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const post = () =>
    connection.request('POST', '/things', { contentType: 'application/json', value: { a: 1 } });

  it('sends again what a socket that was kept too long did not carry', async () => {
    await post();
    drop = (_request, onItsSocket) => onItsSocket > 1;
    expect(await post()).toEqual({ method: 'POST' });
    expect(arrived).toBe(3);
  });

  it('does not send again what a fresh socket lost: it may have been seen', async () => {
    drop = () => true;
    await expect(post()).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(arrived).toBe(1);
  });

  it('turns an answer other than success into an error with its reason', async () => {
    const error: unknown = await connection.request('GET', '/missing').catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ApiStatusError);
    expect(error).toMatchObject({ code: 404, reason: 'NotFound', message: 'no such thing' });
  });
});
