import http from 'node:http';
import https from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { type ApiObject, isObject, type JsonObject } from './object.ts';
import { trusted } from './trust.ts';

/** An answer other than success, with the fields of its `Status` body. */
export class ApiStatusError extends Error {
  readonly code: number;
  readonly reason: string;

  constructor(code: number, reason: string, message: string) {
    super(message);
    this.name = 'ApiStatusError';
    this.code = code;
    this.reason = reason;
  }
}

export function isStatusCode(error: unknown, code: number): boolean {
  return error instanceof ApiStatusError && error.code === code;
}

interface RequestBody {
  readonly contentType: string;
  readonly value: unknown;
}

/** One line of a watch. */
export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: ApiObject;
}

/** HTTP to one API server with the credentials of a kubeconfig, on kept-alive sockets. */
export interface Connection {
  /** @throws ApiStatusError for any answer from 400 up; network errors as they come. */
  request(method: string, path: string, body?: RequestBody): Promise<JsonObject>;
  /** A list with the metadata of its items alone. */
  listMetadata(path: string): Promise<JsonObject>;
  /** Calls `onEvent` for each line until the server ends the stream or `signal` aborts. */
  watch(path: string, onEvent: (event: WatchEvent) => void, signal: AbortSignal): Promise<void>;
  close(): void;
}

// Watches hold a socket each for good, so they have an agent of their own.
const REQUEST_SOCKETS = 16;

const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

interface Target {
  readonly base: URL;
  readonly headers: http.OutgoingHttpHeaders;
  readonly requests: http.Agent;
  readonly watches: http.Agent;
}

async function openTarget(kubeconfig: string): Promise<Target> {
  const config = new KubeConfig();
  config.loadFromString(kubeconfig);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new Error('the kubeconfig names no current cluster');
  const options: https.RequestOptions = {};
  await config.applyToHTTPSOptions(options);
  const base = new URL(server);
  const { ca, cert, key, rejectUnauthorized } = options;
  const tls = {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
  };
  const agent = (maxSockets: number): http.Agent =>
    base.protocol === 'https:'
      ? new https.Agent({ keepAlive: true, maxSockets, ...tls })
      : new http.Agent({ keepAlive: true, maxSockets });
  const headers = { ...trusted<http.OutgoingHttpHeaders | undefined>(options.headers) };
  if (typeof options.auth === 'string') {
    headers['authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
  }
  return { base, headers, requests: agent(REQUEST_SOCKETS), watches: agent(Number.POSITIVE_INFINITY) };
}

function statusError(code: number, text: string): ApiStatusError {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const status = isObject(body) ? body : {};
  const reason = typeof status['reason'] === 'string' ? status['reason'] : '';
  const message = typeof status['message'] === 'string' ? status['message'] : text.slice(0, 200);
  return new ApiStatusError(code, reason, message === '' ? `HTTP ${code}` : message);
}

async function readText(response: http.IncomingMessage): Promise<string> {
  response.setEncoding('utf8');
  let text = '';
  for await (const chunk of response) text += String(chunk);
  return text;
}

interface SendOptions {
  readonly body?: RequestBody | undefined;
  readonly signal?: AbortSignal;
  readonly accept?: string;
}

function send(
  target: Target,
  agent: http.Agent,
  method: string,
  path: string,
  options: SendOptions = {},
): Promise<http.IncomingMessage> {
  const { body, signal, accept = 'application/json' } = options;
  const payload = body === undefined ? undefined : JSON.stringify(body.value);
  const url = new URL(target.base.pathname.replace(/\/$/, '') + path, target.base);
  const transport = target.base.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const request = transport.request(url, {
      method,
      agent,
      ...(signal === undefined ? {} : { signal }),
      headers: {
        ...target.headers,
        accept,
        ...(body === undefined || payload === undefined
          ? {}
          : { 'content-type': body.contentType, 'content-length': Buffer.byteLength(payload) }),
      },
    });
    request.on('error', (error) => {
      // The server let go of an idle socket just as we took it up again: nobody has seen the request.
      const stale = request.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
      if (stale && signal?.aborted !== true) resolve(send(target, agent, method, path, options));
      else reject(error);
    });
    request.on('response', resolve);
    request.end(payload);
  });
}

async function readEvents(
  response: http.IncomingMessage,
  onEvent: (event: WatchEvent) => void,
): Promise<void> {
  response.setEncoding('utf8');
  let rest = '';
  for await (const chunk of response) {
    const lines = (rest + String(chunk)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') onEvent(trusted<WatchEvent>(JSON.parse(line)));
  }
}

/** Reads the kubeconfig text; nothing is sent before the first request. */
export async function connect(kubeconfig: string): Promise<Connection> {
  const target = await openTarget(kubeconfig);
  const answer = async (method: string, path: string, options: SendOptions): Promise<JsonObject> => {
    const response = await send(target, target.requests, method, path, options);
    const text = await readText(response);
    const code = response.statusCode ?? 0;
    if (code >= 400) throw statusError(code, text);
    return trusted<JsonObject>(JSON.parse(text));
  };
  return {
    request: (method, path, body) => answer(method, path, { body }),
    listMetadata: (path) => answer('GET', path, { accept: METADATA_LIST }),
    async watch(path, onEvent, signal) {
      const response = await send(target, target.watches, 'GET', path, { signal });
      const code = response.statusCode ?? 0;
      if (code >= 400) throw statusError(code, await readText(response));
      await readEvents(response, onEvent);
    },
    close() {
      target.requests.destroy();
      target.watches.destroy();
    },
  };
}
