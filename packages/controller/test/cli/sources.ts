import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { HOUR, MINUTE } from '@windvane/carbon-map';
import { onTestFinished } from 'vitest';

/** What an API answers: a document, or a status with headers. */
export interface Answer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** An API on the loopback. */
export interface StandIn {
  readonly url: string;
  /** Paths with queries, in order. */
  readonly asked: readonly string[];
  close(): Promise<void>;
}

export async function startStandIn(answer: (path: string) => Answer): Promise<StandIn> {
  const asked: string[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const path = request.url ?? '';
    asked.push(path);
    const { status = 200, headers = {}, body = {} } = answer(path);
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Serves anything at all on the loopback until the test ends; gives its URL. */
export async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return `http://127.0.0.1:${address.port}`;
}

const minuteText = (at: number): string => `${new Date(at).toISOString().slice(0, 16)}Z`;

/** The present half hour of Great Britain or one of its regions, as NESO's API tells it. */
export function britain(grams: number): (path: string) => Answer {
  return (path) => {
    const from = Math.floor(Date.now() / (30 * MINUTE)) * 30 * MINUTE;
    const times = { from: minuteText(from), to: minuteText(from + 30 * MINUTE) };
    const rows = [{ ...times, intensity: { forecast: grams, actual: null, index: 'moderate' } }];
    const region = /regionid\/(\d+)$/.exec(path)?.[1];
    if (region === undefined) return { body: { data: rows } };
    return { body: { data: [{ regionid: Number(region), shortname: 'a region', data: rows }] } };
  };
}

/** Quarter hours of the last day up to now, as Energy-Charts tells them. */
export function energyCharts(grams: number): (path: string) => Answer {
  return () => {
    const last = Math.floor(Date.now() / (15 * MINUTE)) * 15 * MINUTE;
    const first = last - 24 * HOUR;
    const unixSeconds: number[] = [];
    for (let at = first; at < last; at += 15 * MINUTE) unixSeconds.push(at / 1_000);
    return {
      body: {
        unix_seconds: unixSeconds,
        co2eq: unixSeconds.map(() => grams),
        co2eq_forecast: unixSeconds.map(() => null),
        substitute: false,
        deprecated: false,
      },
    };
  };
}
