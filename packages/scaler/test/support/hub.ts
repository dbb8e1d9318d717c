import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOUR, type Instant } from '@windvane/carbon-map';
import { onTestFinished } from 'vitest';
import type { Issued } from '../../../controller/test/support/certificates.ts';
import { NOW } from './outlooks.ts';

/** A zone as the hub's view has it. */
export function hubZone(
  id: string,
  hours: {
    present: number;
    ahead?: readonly number[];
    past?: readonly number[];
    at?: Instant;
    data?: string;
  },
): Record<string, unknown> {
  const { present, ahead = [], past = [], at = NOW, data = 'live' } = hours;
  const iso = (instant: Instant): string => new Date(instant).toISOString();
  return {
    id,
    name: id,
    current: {
      gramsPerKwh: present,
      signal: 'average',
      basis: 'lifecycle',
      source: 'test',
      estimated: false,
      validFrom: iso(at),
      validTo: iso(at + HOUR),
      fetchedAt: iso(at),
      data,
    },
    forecast:
      ahead.length === 0
        ? null
        : {
            source: 'test',
            issuedAt: iso(at),
            resolution: '1h',
            points: ahead.map((gramsPerKwh, hour) => ({ at: iso(at + (hour + 1) * HOUR), gramsPerKwh })),
          },
    history: past.length === 0 ? null : { start: iso(at - past.length * HOUR), values: past },
  };
}

export function hubView(
  zones: readonly Record<string, unknown>[],
  more: object = {},
): Record<string, unknown> {
  return {
    version: 1,
    issuedAt: new Date(NOW).toISOString(),
    frozen: false,
    cluster: { name: 'blue', zone: 'DE' },
    zones,
    shares: [],
    ...more,
  };
}

interface HubRequestSeen {
  readonly url: string;
  readonly authorization: string | undefined;
  readonly etag: string | undefined;
  readonly body: string;
}

/** An HTTP or HTTPS server that answers with what the test says; null breaks the connection. */
export interface FakeHub {
  readonly url: string;
  readonly tokenFile: string;
  readonly seen: HubRequestSeen[];
  answer: (request: HubRequestSeen) => { status: number; etag?: string; body: unknown } | null;
}

/** @param tls serves HTTPS with these files */
export async function fakeHub(tls: Issued | null = null): Promise<FakeHub> {
  const folder = mkdtempSync(join(tmpdir(), 'windvane-scaler-hub-'));
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'a-token-of-the-cluster\n');
  const hub: FakeHub = { url: '', tokenFile, seen: [], answer: () => null };
  const listener: RequestListener = (request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    request.on('end', () => {
      const { authorization, 'if-none-match': etag } = request.headers;
      const seen = { url: request.url ?? '', authorization, etag, body };
      hub.seen.push(seen);
      const answer = hub.answer(seen);
      if (answer === null) return response.destroy();
      const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
      response.writeHead(answer.status, answer.etag === undefined ? {} : { etag: answer.etag });
      return response.end(answer.status === 304 ? undefined : text);
    });
  };
  const server: Server =
    tls === null
      ? createServer(listener)
      : createSecureServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) }, listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    rmSync(folder, { recursive: true });
  });
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return Object.assign(hub, { url: `${tls === null ? 'http' : 'https'}://127.0.0.1:${port}` });
}
