import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { Millis } from '@windvane/carbon-map';
import { isToken } from '@windvane/controller/config';

/** Why the hub gave no answer; the message holds neither token nor answer. */
export class HubError extends Error {
  override readonly name = 'HubError';
  /** HTTP status; 0 when there was none. */
  readonly status: number;

  constructor(message: string, status = 0, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
  }
}

export interface HubConnection {
  readonly url: string;
  /** Both files are read anew for every request: Kubernetes replaces them while a pod runs. */
  readonly tokenFile: string;
  readonly caFile: string | null;
  /** Longest wait for an answer (10 s). */
  readonly timeout?: Millis;
}

interface HubRequest {
  readonly method: 'GET' | 'POST';
  /** With its query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly abort: AbortSignal;
}

interface HubAnswer {
  readonly status: number;
  readonly etag: string | null;
  readonly body: string;
}

/** A view of 50 zones with a month of hours each is about 300 kB. */
const LARGEST_ANSWER = 8_000_000;

/** One request to the hub, over TLS with the authorities of `caFile`. Throws {@link HubError}. */
export async function askHub(connection: HubConnection, ask: HubRequest): Promise<HubAnswer> {
  const token = await readToken(connection.tokenFile);
  const ca =
    connection.caFile === null
      ? {}
      : { ca: await readText(connection.caFile, 'WINDVANE_HUB_CA_FILE: the CA file') };
  const url = new URL(connection.url + ask.path);
  const timeout = AbortSignal.timeout(connection.timeout ?? 10_000);
  const options = {
    method: ask.method,
    headers: { Authorization: `Bearer ${token}`, Accept: 'application/json', ...ask.headers },
    signal: AbortSignal.any([ask.abort, timeout]),
    // A request a minute: a connection kept open would only hold on to what DNS and certificates once were.
    agent: false,
    ...ca,
  };
  return new Promise((resolve, reject) => {
    const failed = (error: unknown): void => reject(explained(error, timeout.aborted));
    try {
      const send = url.protocol === 'https:' ? requestHttps : requestHttp;
      const sent = send(url, options, (response) => {
        read(response).then(resolve, failed);
      });
      sent.on('error', failed);
      sent.end(ask.body);
    } catch (error) {
      failed(error);
    }
  });
}

async function read(response: IncomingMessage): Promise<HubAnswer> {
  response.setEncoding('utf8');
  let body = '';
  for await (const part of response) {
    body += String(part);
    if (body.length > LARGEST_ANSWER) {
      response.destroy();
      throw new HubError(`the hub's answer is larger than ${LARGEST_ANSWER / 1_000_000} MB`);
    }
  }
  return { status: response.statusCode ?? 0, etag: response.headers.etag ?? null, body };
}

async function readToken(path: string): Promise<string> {
  const what = 'WINDVANE_HUB_TOKEN_FILE: the token file';
  const token = (await readText(path, what)).trim();
  if (token === '') throw new HubError(`${what} ${path} is empty: put the token of this cluster in it`);
  if (isToken(token)) return token;
  throw new HubError(`${what} ${path} must hold one line, the token of this cluster, and nothing else`);
}

async function readText(path: string, what: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new HubError(
      `${what} ${path} cannot be read (${code}): name a file that this user may read`,
      0,
      error,
    );
  }
}

function explained(error: unknown, timedOut: boolean): HubError {
  if (error instanceof HubError) return error;
  if (timedOut) {
    return new HubError(
      'the hub did not answer in time: is WINDVANE_HUB_URL its address, and is the way open?',
      0,
      error,
    );
  }
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = code !== '' ? code : error instanceof Error ? error.message : String(error);
  const remedy = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/.test(code)
    ? 'its certificate must be valid, be for the host in WINDVANE_HUB_URL, and come from an authority in WINDVANE_HUB_CA_FILE'
    : 'is WINDVANE_HUB_URL its address, and is the way open?';
  return new HubError(`the hub cannot be reached (${reason}): ${remedy}`, 0, error);
}
