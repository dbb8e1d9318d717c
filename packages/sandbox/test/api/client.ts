import { type IncomingMessage, request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import type { ApiServer } from './real-apiserver.ts';

/** JSON of any shape: tests look into it and fail when it is not as they expect. */
// oxlint-disable-next-line typescript/no-explicit-any
export type Json = any;

/** An answer with its body parsed. */
export interface Answer {
  readonly status: number;
  readonly body: Json;
  readonly warnings: readonly string[];
  readonly contentType: string;
}

export const JSON_PATCH = 'application/json-patch+json';
export const MERGE_PATCH = 'application/merge-patch+json';
export const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
export const APPLY_PATCH = 'application/apply-patch+yaml';
export const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** A client of one API server, over the wire and without any library. */
export interface Client {
  readonly server: ApiServer;
  send(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  get(path: string, accept?: string): Promise<Answer>;
  post(path: string, body: unknown): Promise<Answer>;
  put(path: string, body: unknown): Promise<Answer>;
  patch(path: string, type: string, body: unknown): Promise<Answer>;
  delete(path: string, body?: unknown): Promise<Answer>;
  watch(path: string): Watcher;
}

/** A watch under way. */
export interface Watcher {
  /** The status code, once the server has answered. */
  readonly status: Promise<number>;
  /** The next event; undefined when the server has ended the watch. */
  next(): Promise<{ type: string; object: Json } | undefined>;
  /** The next `count` events. */
  take(count: number): Promise<{ type: string; object: Json }[]>;
  close(): void;
}

export function clientOf(server: ApiServer): Client {
  const send: Client['send'] = async (method, path, body, headers = {}) => {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    const incoming = await open(server, method, path, { ...type, ...headers }, text);
    const answer = await readAll(incoming);
    const warning = incoming.headers['warning'];
    return {
      status: incoming.statusCode ?? 0,
      body: parse(answer),
      warnings: Array.isArray(warning) ? warning : (warning?.split(/, (?=299)/) ?? []),
      contentType: incoming.headers['content-type'] ?? '',
    };
  };
  return {
    server,
    send,
    get: (path, accept = 'application/json') => send('GET', path, undefined, { accept }),
    post: (path, body) => send('POST', path, body),
    put: (path, body) => send('PUT', path, body),
    patch: (path, type, body) => send('PATCH', path, body, { 'content-type': type }),
    delete: (path, body) => send('DELETE', path, body),
    watch: (path) => watch(server, path),
  };
}

function open(
  server: ApiServer,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<IncomingMessage> {
  const request = server.url.startsWith('https') ? requestSecure : requestPlain;
  const options = {
    method,
    headers: {
      'user-agent': 'suite/1.0',
      // Node frames the body of a DELETE only when its length is named.
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
      ...server.headers,
      ...headers,
    },
    ca: server.ca,
    agent: false as const,
  };
  return new Promise((resolve, reject) => {
    const outgoing = request(`${server.url}${path}`, options, resolve);
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function readAll(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function watch(server: ApiServer, path: string): Watcher {
  const events: { type: string; object: Json }[] = [];
  const waiting: ((event: { type: string; object: Json } | undefined) => void)[] = [];
  let ended = false;
  let stream: IncomingMessage | undefined;
  const end = (): void => {
    ended = true;
    for (const resolve of waiting.splice(0)) resolve(undefined);
  };
  const opened = open(server, 'GET', path, { accept: 'application/json' });
  const status = opened.then((incoming) => {
    stream = incoming;
    let rest = '';
    incoming.setEncoding('utf8');
    incoming.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const event = JSON.parse(line);
        const resolve = waiting.shift();
        if (resolve === undefined) events.push(event);
        else resolve(event);
      }
    });
    incoming.on('end', end);
    incoming.on('error', end);
    incoming.on('close', end);
    return incoming.statusCode ?? 0;
  });
  const next: Watcher['next'] = async () => {
    await status;
    const event = events.shift();
    if (event !== undefined || ended) return event;
    return new Promise((resolve) => {
      waiting.push(resolve);
    });
  };
  return {
    status,
    next,
    async take(count) {
      const taken = [];
      while (taken.length < count) {
        const event = await next();
        if (event === undefined) break;
        taken.push(event);
      }
      return taken;
    },
    close() {
      stream?.destroy();
    },
  };
}
