import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type CarbonProvider,
  createLocationResolver,
  DAY,
  HOUR,
  type Instant,
  ProviderError,
  type Reading,
  startOfHour,
} from '@windvane/carbon-map';
import { type Scaler, startScaler } from '../../src/app/scaler.ts';
import { createMemoryDisk } from '../../src/source/hub/disk.ts';
import { createHubSource, type HubSource } from '../../src/source/hub/hub.ts';
import { createOwnSource, type OwnSource } from '../../src/source/own.ts';
import { createWallClock, type WallClock } from './wall-clock.ts';

/** Noon: dirty until midnight. */
const START: Instant = Date.parse('2022-05-10T12:00:00Z');
const PAIR = { signal: 'average', basis: 'lifecycle' } as const;

/** The grid as it really is: clean for the first six hours of every day. */
export function truth(at: Instant): number {
  return at % DAY < 6 * HOUR ? 100 : 400;
}

/** A scaler with all its sources, each of which can be taken away. */
export interface World {
  /** The scaler's. The hub and the provider know the true time. */
  readonly clock: WallClock;
  readonly address: string;
  readonly health: { hub: boolean; provider: boolean };
  /** Faults that the scaler counted or logged, by part. */
  readonly logged: string[];
  scaler(): Scaler;
  /** Asks every source once, as its interval would. */
  refresh(): Promise<void>;
  /** Ends the scaler and starts it anew on the same port, with or without what it had written. */
  restart(options?: { readonly wiped: boolean }): Promise<void>;
  stop(): Promise<void>;
}

function hours(from: Instant, count: number): number[] {
  return Array.from({ length: count }, (_, hour) => truth(from + hour * HOUR));
}

/** The hub's view of zone DE: a month of history, two days of forecast that come true. */
function view(at: Instant): object {
  const hour = startOfHour(at);
  const iso = (instant: Instant): string => new Date(instant).toISOString();
  return {
    version: hour / HOUR,
    issuedAt: iso(at),
    frozen: false,
    cluster: { name: 'blue', zone: 'DE' },
    zones: [
      {
        id: 'DE',
        name: 'Germany',
        current: {
          ...PAIR,
          gramsPerKwh: truth(hour),
          source: 'hub',
          estimated: false,
          validFrom: iso(hour),
          validTo: iso(hour + HOUR),
          fetchedAt: iso(at),
          data: 'live',
        },
        forecast: {
          source: 'hub',
          issuedAt: iso(hour),
          resolution: '1h',
          points: hours(hour + HOUR, 48).map((gramsPerKwh, index) => ({
            at: iso(hour + (index + 1) * HOUR),
            gramsPerKwh,
          })),
        },
        history: { start: iso(hour - 720 * HOUR), values: hours(hour - 720 * HOUR, 720) },
      },
    ],
    shares: [],
  };
}

function reading(at: Instant): Reading {
  const validFrom = startOfHour(at);
  return {
    ...PAIR,
    zone: 'DE',
    gramsPerKwh: truth(validFrom),
    source: 'own',
    estimated: false,
    validFrom,
    validTo: validFrom + HOUR,
    fetchedAt: at,
  };
}

export async function startWorld(): Promise<World> {
  const clock = createWallClock(START);
  const folder = mkdtempSync(join(tmpdir(), 'windvane-scaler-faults-'));
  const disk = join(folder, 'state');
  const tokenFile = join(folder, 'token');
  writeFileSync(tokenFile, 'a-token-of-the-cluster');
  const health = { hub: true, provider: true };
  const logged: string[] = [];

  const hubServer = createServer((request, response) => {
    request.resume();
    if (!health.hub) response.destroy();
    else if (request.method === 'POST') response.end('{"data":{"reportHolds":0}}');
    else response.end(JSON.stringify(view(clock.trueTime())));
  });
  const url = `http://127.0.0.1:${await listening(hubServer)}`;
  const connection = { url, tokenFile, caFile: null };

  const provider: CarbonProvider = {
    name: 'own',
    pair: PAIR,
    countsAsFresh: true,
    covers: () => true,
    async latest() {
      if (!health.provider) throw new ProviderError('unavailable', 'own', 'does not answer');
      return reading(clock.trueTime());
    },
    forecast: async () => null,
    async history(_zone, from, to) {
      if (!health.provider) throw new ProviderError('unavailable', 'own', 'does not answer');
      const count = Math.max(0, Math.floor((to - from) / HOUR));
      return Array.from({ length: count }, (_, hour) => reading(startOfHour(from) + hour * HOUR));
    },
  };

  const resolver = createLocationResolver();
  const log = {
    info: () => {},
    warn: () => {},
    error: (details: Readonly<Record<string, unknown>>) => void logged.push(String(details['part'])),
  };
  let parts: { hub: HubSource | null; own: OwnSource | null } = { hub: null, own: null };
  let running: Scaler | null = null;
  let port = 0;

  async function start(): Promise<void> {
    parts = { hub: null, own: null };
    const scaler = await startScaler({
      clock,
      resolver,
      location: 'de',
      own: (zones, failed) =>
        (parts.own = createOwnSource({ clock, resolver, chain: () => [provider], zones, failed })),
      hub: {
        source: (zones, { lost, back }) =>
          (parts.hub = createHubSource({
            clock,
            cluster: 'blue',
            connection,
            disk: createMemoryDisk(disk, lost),
            zones,
            lost,
            back,
          })),
        report: async () => {},
      },
      kube: null,
      listen: { host: '127.0.0.1', port },
      metricsListen: { host: '127.0.0.1', port: 0 },
      credentials: null,
      log,
    });
    port = scaler.grpcPort;
    running = scaler;
  }

  await start();
  return {
    clock,
    address: `127.0.0.1:${port}`,
    health,
    logged,
    scaler() {
      if (running === null) throw new Error('the scaler does not run');
      return running;
    },
    async refresh() {
      await Promise.all([parts.hub?.ask(), parts.own?.refresh()]);
    },
    async restart({ wiped } = { wiped: false }) {
      await running?.stop();
      if (wiped) rmSync(disk, { recursive: true, force: true });
      await start();
    },
    async stop() {
      await running?.stop();
      hubServer.closeAllConnections();
      hubServer.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      resolve(address !== null && typeof address === 'object' ? address.port : 0);
    });
  });
}
