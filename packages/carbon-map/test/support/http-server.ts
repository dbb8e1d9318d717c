import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** A real HTTP server on the loopback whose answers a test decides. */
export interface TestServer {
  readonly url: string;
  /** What it was asked, in order: path with query, and headers. */
  readonly requests: IncomingMessage[];
  answer(handler: Handler): void;
  close(): Promise<void>;
}

export async function startHttpServer(): Promise<TestServer> {
  let handler: Handler = (_request, response) => response.writeHead(500).end();
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handler(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    answer(next) {
      handler = next;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Answers with a JSON document. */
export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Handler {
  return raw(JSON.stringify(body), status, { 'content-type': 'application/json', ...headers });
}

/** Answers with this very text: for what JSON.stringify would mend, such as NaN. */
export function raw(body: string, status = 200, headers: Record<string, string> = {}): Handler {
  return (_request, response) => response.writeHead(status, headers).end(body);
}
