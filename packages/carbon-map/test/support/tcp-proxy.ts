import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP connection between a client and a server whose faults a test decides. */
export interface TcpProxy {
  readonly port: number;
  /** Time that each piece of an answer is held up, in milliseconds. */
  slowDown(millis: number): void;
  /** While true nothing gets through, either way, and nobody is told: as when packets are dropped. */
  partition(on: boolean): void;
  /** Connections made so far. */
  connections(): number;
  close(): Promise<void>;
}

/** @param target a port of the loopback or the path of a unix socket */
export async function startTcpProxy(target: number | string): Promise<TcpProxy> {
  let delay = 0;
  let cut = false;
  let made = 0;
  const sockets = new Set<Socket>();
  /** Connections made during a partition never come to be, not even after it. */
  const lost = new WeakSet<Socket>();

  function open(): Socket {
    return typeof target === 'number' ? connect(target, '127.0.0.1') : connect(target);
  }

  const server = createServer((client) => {
    made += 1;
    const upstream = open();
    if (cut) lost.add(client);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => sockets.delete(socket));
    }
    const passes = (): boolean => !cut && !lost.has(client);
    client.on('data', (data) => {
      if (passes()) upstream.write(data);
      // What is dropped once leaves a gap: the connection is of no use any more.
      else lost.add(client);
    });
    /** Pieces that are held up, in the order in which they came: none overtakes another. */
    const held: { readonly due: number; readonly data: Buffer }[] = [];
    const letGo = (): void => {
      while (held[0] !== undefined && held[0].due <= Date.now()) {
        const data = held.shift()?.data;
        if (passes() && client.writable) client.write(data ?? '');
      }
      if (held[0] !== undefined) setTimeout(letGo, Math.max(1, held[0].due - Date.now()));
    };
    upstream.on('data', (data) => {
      if (!passes()) lost.add(client);
      else if (delay === 0 && held.length === 0) client.write(data);
      else if (held.push({ due: Date.now() + delay, data }) === 1) setTimeout(letGo, delay);
    });
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => {
      if (passes()) client.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return {
    port: address.port,
    slowDown(millis) {
      delay = millis;
    },
    partition(on) {
      cut = on;
    },
    connections: () => made,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
