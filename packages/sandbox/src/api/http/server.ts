import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { ServiceAddresses } from '../admission/call.ts';
import { ADMIN, type UserInfo, type Users } from '../authorization/users.ts';
import type { ApiCore } from '../core.ts';
import { ApiError } from '../errors.ts';
import { answer } from './answer.ts';
import type { Reply } from './reply.ts';
import { sendWatch } from './send-watch.ts';

/** Bodies beyond this are refused, as a real server does. */
const BODY_LIMIT_BYTES = 3 * 1024 * 1024;

/** Settings of the HTTP side. */
export interface ServerOptions {
  /** When given, every request but health checks must carry it as a bearer token. */
  readonly token: string | undefined;
  /** Users beside the administrator. */
  readonly users: Users;
  /** Milliseconds between the bookmarks of a watch. */
  readonly bookmarkInterval: number;
  /** Where the Services of webhooks are. */
  readonly services: ServiceAddresses;
}

/** The API over HTTP; the caller makes it listen. */
export function createApiServer(core: ApiCore, options: ServerOptions): Server {
  const server = createServer((request, response) => {
    serve(core, options, request, response).catch((error: unknown) => fail(response, error));
  });
  // Watches are silent for long: neither side may take that for a dead connection.
  server.requestTimeout = 0;
  server.timeout = 0;
  // As long as kube-apiserver keeps an idle connection: a client may count on one that it used a moment ago.
  server.keepAliveTimeout = 90_000;
  return server;
}

async function serve(
  core: ApiCore,
  options: ServerOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://sandbox');
  const user = authenticate(options, request, url.pathname);
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(request.headers)) {
    headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  const warnings: string[] = [];
  const asked = {
    method: request.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers,
    user,
    body: await readBody(request),
    warnings,
  };
  const reply = await answer(core, asked, options.services);
  if (warnings.length > 0) {
    response.setHeader(
      'Warning',
      warnings.map((text) => `299 - ${JSON.stringify(text)}`),
    );
  }
  if ('watch' in reply) sendWatch(reply, response, options.bookmarkInterval);
  else send(response, reply);
}

function send(response: ServerResponse, reply: Exclude<Reply, { watch: unknown }>): void {
  const text = typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body);
  response.writeHead(reply.code, { 'content-type': 'application/json', ...reply.headers });
  response.end(text);
}

function fail(response: ServerResponse, error: unknown): void {
  const failure =
    error instanceof ApiError
      ? error
      : new ApiError(500, 'InternalError', `Internal error occurred: ${String(error)}`);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  send(response, { code: failure.code, body: failure.body() });
}

const unauthorized = (): ApiError => new ApiError(401, 'Unauthorized', 'Unauthorized');

function authenticate({ token, users }: ServerOptions, request: IncomingMessage, path: string): UserInfo {
  const sent = request.headers.authorization?.replace(/^Bearer /, '');
  const user = users.get(sent ?? '');
  if (user !== undefined) return user;
  if (sent !== undefined && sent !== token && users.size > 0) throw unauthorized();
  if (token === undefined || /^\/(healthz|livez|readyz)/.test(path) || sent === token) return ADMIN;
  throw unauthorized();
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) {
      throw new ApiError(413, 'RequestEntityTooLarge', `limit is ${BODY_LIMIT_BYTES}`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
