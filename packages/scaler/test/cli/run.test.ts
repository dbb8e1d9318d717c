import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { UserError } from '@windvane/controller/config';
import { startSandbox } from '@windvane/sandbox';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createAuthority } from '../../../controller/test/support/certificates.ts';
import { connectKeda } from '../support/keda.ts';
import { freePort } from '../support/port.ts';
import { startProgram } from '../support/program.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const trigger = {
  namespace: 'ai',
  name: 'train',
  metadata: { targetValue: '150', location: 'de', maxReplicas: '7', onMissingData: 'run' },
};
const off = { WINDVANE_WATCH: 'off' };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'windvane-scaler-run-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Whether nobody listens at an address. */
function isFree(address: string): Promise<boolean> {
  const [host = '', port = ''] = address.split(':');
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(Number(port), host, () => server.close(() => resolve(true)));
  });
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** The program as a process of its own; `stopAt` is the line, or what happens, at which it is told to end. */
function windvaneScaler(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
  stopAt: string | Promise<unknown> = '\n\n',
): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'] ?? '', ...environment },
  });
  let [out, err, told] = ['', '', false];
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    out += part;
    if (typeof stopAt === 'string' && out.includes(stopAt) && !told) told = child.kill('SIGTERM');
  });
  if (typeof stopAt !== 'string') void stopAt.then(() => child.kill('SIGTERM'));
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    err += part;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

describe('windvane-scaler', () => {
  it('answers KEDA and probes until it is told to stop, and leaves nothing running', async () => {
    const program = await startProgram(off);
    const keda = connectKeda(program.grpc);
    onTestFinished(() => keda.close());
    expect(await keda.poll(trigger)).toMatchObject({ value: 7, active: true, target: 1 });
    expect((await fetch(`${program.metrics}/readyz`)).status).toBe(200);
    await program.stop();
    expect(await Promise.all([program.grpc, program.metrics.slice('http://'.length)].map(isFree))).toEqual([
      true,
      true,
    ]);
    expect(program.lines.map(({ message }) => message).slice(-1)).toEqual(['stopping']);
    expect(program.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('stands where its configuration says that a location of its own lies', async () => {
    const config = file('located.yaml', 'carbon: { locations: { hall-7: DE } }');
    const program = await startProgram({ ...off, WINDVANE_CONFIG: config, WINDVANE_LOCATION: 'hall-7' });
    await program.stop();
    expect(program.lines.map(({ message }) => message)).toContain('windvane-scaler is running');
  });

  it('says what to do where no pod can lead', async () => {
    const sandbox = await startSandbox();
    onTestFinished(() => sandbox.stop());
    const kubeconfig = file('kubeconfig', sandbox.kubeconfig());
    const program = await startProgram({ WINDVANE_KUBECONFIG: kubeconfig, WINDVANE_NAMESPACE: 'nowhere' });
    const about = (): unknown =>
      program.lines.find(({ details }) => details['part'] === 'lease')?.details['err'];
    await expect.poll(about).toBeDefined();
    await program.stop();
    expect(String(about())).toMatch(/the namespace nowhere is not there.*: set WINDVANE_NAMESPACE to/);
  });

  it('ends with 0 at SIGTERM', async () => {
    const environment = { ...off, WINDVANE_LISTEN: '127.0.0.1:0', WINDVANE_METRICS_LISTEN: '127.0.0.1:0' };
    const { code, out, err } = await windvaneScaler([], environment, 'is running');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('"msg":"stopping"');
  }, 30_000);

  it.each(['doctor', 'uninstall'])(
    '%s ends at the first SIGTERM',
    async (verb) => {
      const silent = createServer((socket) => socket.on('error', () => {}));
      const asked = once(silent, 'connection');
      silent.listen(0, '127.0.0.1');
      await once(silent, 'listening');
      onTestFinished(() => void silent.close());
      const address = silent.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      const kubeconfig = file(
        `silent-${verb}`,
        JSON.stringify({
          clusters: [{ name: 'c', cluster: { server: `http://127.0.0.1:${port}` } }],
          users: [{ name: 'u', user: {} }],
          contexts: [{ name: 'x', context: { cluster: 'c', user: 'u' } }],
          'current-context': 'x',
        }),
      );
      const { code, out } = await windvaneScaler([verb], { WINDVANE_KUBECONFIG: kubeconfig }, asked);
      expect([code, out]).toEqual([130, '']);
    },
    30_000,
  );

  it('ends with 2 and one line per mistake', async () => {
    const { code, err } = await windvaneScaler([], {
      WINDVANE_LISTEN: 'everywhere',
      WINDVANE_HUB_URL: 'http://hub.example:4280',
      WINDVANE_TLS_CERT_FILE: '/tls.crt',
    });
    expect(code).toBe(2);
    const lines = err.trimEnd().split('\n');
    expect(lines.map((line) => /^windvane-scaler: ([A-Z_]+):/.exec(line)?.[1])).toEqual([
      'WINDVANE_HUB_URL',
      'WINDVANE_LISTEN',
      'TLS',
    ]);
  }, 30_000);

  it('ends with 2 when something is missing that it was already running without', async () => {
    const environment = {
      ...off,
      WINDVANE_LISTEN: '127.0.0.1:0',
      WINDVANE_METRICS_LISTEN: '127.0.0.1:0',
      WINDVANE_WEBHOOK_LISTEN: '127.0.0.1:0',
    };
    const { code, err } = await windvaneScaler([], environment);
    expect(code).toBe(2);
    expect(err).toMatch(/^windvane-scaler: WINDVANE_WEBHOOK_LISTEN: a certificate of its own .*\n$/);
  }, 30_000);

  it.each(['--help', '-h'])(
    'shows its usage for %s',
    async (help) => {
      const { code, out, err } = await windvaneScaler(['uninstall', help], off);
      expect([code, err]).toEqual([0, '']);
      expect(out).toContain('windvane-scaler uninstall [--release] [--json]');
    },
    30_000,
  );

  it('ends with 2 and one line for words that it does not know', async () => {
    const { code, out, err } = await windvaneScaler(['unistall', '--release'], off);
    expect([code, out]).toEqual([2, '']);
    expect(err).toBe(
      'windvane-scaler: unknown command "unistall" (did you mean uninstall?): there are run, doctor, uninstall; see windvane-scaler --help\n',
    );
  }, 30_000);
});

describe('a taken port of gRPC', () => {
  it('is told in one line, and not by the library as well', async () => {
    const other = await startProgram(off);
    onTestFinished(() => other.stop());
    const { code, err } = await windvaneScaler([], {
      ...off,
      WINDVANE_LISTEN: other.grpc,
      WINDVANE_METRICS_LISTEN: '127.0.0.1:0',
    });
    expect(code).toBe(2);
    expect(err).toMatch(/^windvane-scaler: WINDVANE_LISTEN: cannot listen on [^\n]*\n$/);
  }, 30_000);
});

describe('a start that cannot succeed', () => {
  const cases: readonly [string, () => Promise<Record<string, string>>, RegExp][] = [
    [
      'a configuration that is not there',
      async () => ({ WINDVANE_CONFIG: '/nowhere/windvane.yaml' }),
      /^WINDVANE_CONFIG: \/nowhere\/windvane\.yaml: cannot be read \(ENOENT\): name a file/,
    ],
    [
      'a configuration with a mistake',
      async () => ({ WINDVANE_CONFIG: file('bad.yaml', 'carbon: { refesh: 5m }') }),
      /^WINDVANE_CONFIG: .*bad\.yaml:1: carbon: unknown key "refesh"/,
    ],
    [
      'a source for a zone that is none',
      async () => ({
        WINDVANE_CONFIG: file(
          'zone.yaml',
          'carbon: { providers: [{ type: energy-charts, countries: { DEE: de } }] }',
        ),
      }),
      /^carbon\.providers\[0\]\.countries\.DEE: location "DEE" is not known \(did you mean DE/,
    ],
    [
      'a place that nobody knows',
      async () => ({ WINDVANE_LOCATION: 'us-eest-1' }),
      /^WINDVANE_LOCATION: location "us-eest-1" is not known \(did you mean us-east-1/,
    ],
    [
      'a place of many zones',
      async () => ({ WINDVANE_LOCATION: 'EU' }),
      /^WINDVANE_LOCATION: location "EU" stands for \d+ zones: write one cloud region or zone/,
    ],
    [
      'a certificate that is not there',
      async () => ({ WINDVANE_TLS_CERT_FILE: '/nowhere/tls.crt', WINDVANE_TLS_KEY_FILE: '/nowhere/tls.key' }),
      /^WINDVANE_TLS_CERT_FILE: the certificate \/nowhere\/tls\.crt cannot be read \(ENOENT\)/,
    ],
    [
      'a key that belongs to another certificate',
      async () => {
        const authority = createAuthority();
        const [one, other] = [authority.issue('one'), authority.issue('other')];
        return { WINDVANE_TLS_CERT_FILE: one.cert, WINDVANE_TLS_KEY_FILE: other.key };
      },
      /^WINDVANE_TLS_KEY_FILE: the key in .* does not belong to the certificate in .*: replace both together/,
    ],
    [
      'a kubeconfig that is not there',
      async () => ({ WINDVANE_WATCH: 'on', WINDVANE_KUBECONFIG: '/nowhere/kubeconfig' }),
      /^WINDVANE_KUBECONFIG: \/nowhere\/kubeconfig cannot be read/,
    ],
    [
      'a port of gRPC that is taken',
      async () => ({ WINDVANE_LISTEN: await taken() }),
      /^WINDVANE_LISTEN: cannot listen on 127\.0\.0\.1:\d+: choose a free port/,
    ],
    [
      'a port of the metrics that is taken',
      async () => ({ WINDVANE_METRICS_LISTEN: await taken() }),
      /^WINDVANE_METRICS_LISTEN: cannot listen on 127\.0\.0\.1:\d+ \(EADDRINUSE\)/,
    ],
  ];
  /** An address that another program listens on. */
  async function taken(): Promise<string> {
    const address = `127.0.0.1:${await freePort()}`;
    const other = await startProgram({ ...off, WINDVANE_LISTEN: address });
    onTestFinished(() => other.stop());
    return address;
  }

  it.each(cases)('says what to mend, and leaves nothing running: %s', async (_, environment, words) => {
    const free = {
      WINDVANE_LISTEN: `127.0.0.1:${await freePort()}`,
      WINDVANE_METRICS_LISTEN: `127.0.0.1:${await freePort()}`,
    };
    const given = { ...off, ...free, ...(await environment()) };
    const error = await startProgram(given).then(
      () => null,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UserError);
    expect(error instanceof UserError ? error.lines.join('\n') : '').toMatch(words);
    for (const address of Object.values(free)) expect(await isFree(address)).toBe(true);
  });
});
