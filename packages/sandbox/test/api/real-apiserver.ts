import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseAllDocuments, stringify } from 'yaml';

/** An API server as tests use it: the sandbox and a real one look the same from here. */
export interface ApiServer {
  readonly name: string;
  readonly url: string;
  /** Headers that let a request in. */
  readonly headers: Readonly<Record<string, string>>;
  /** PEM of the certificate authority, for https. */
  readonly ca: string | undefined;
  kubeconfig(): string;
  stop(): Promise<void>;
}

/** The folder named by `KUBEBUILDER_ASSETS`, when it holds both binaries. */
export function realAssets(): string | undefined {
  const folder = process.env['KUBEBUILDER_ASSETS'];
  if (folder === undefined || folder === '') return undefined;
  return ['etcd', 'kube-apiserver'].every((name) => existsSync(join(folder, name))) ? folder : undefined;
}

const TOKEN = 'test-token';
const START_TIMEOUT_MS = 90_000;

/**
 * Starts etcd and kube-apiserver in a folder of their own on free loopback ports, as envtest does, and
 * posts `crds` (YAML texts).
 * @throws Error with the end of the servers' logs when they do not become ready
 */
export async function startRealApiServer(assets: string, crds: readonly string[] = []): Promise<ApiServer> {
  const folder = await mkdtemp(join(tmpdir(), 'apiserver-'));
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()];
  const processes: Started[] = [];
  const stop = async (): Promise<void> => {
    for (const child of processes.toReversed()) await child.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    processes.push(start(join(assets, 'etcd'), etcdFlags(folder, client, peer)));
    await writeCredentials(folder);
    const apiserver = start(join(assets, 'kube-apiserver'), apiserverFlags(folder, client, secure));
    processes.push(apiserver);
    const url = `https://127.0.0.1:${secure}`;
    const ca = await untilReady(url, folder, apiserver);
    const server: ApiServer = {
      name: 'kube-apiserver',
      url,
      headers: { authorization: `Bearer ${TOKEN}` },
      ca,
      kubeconfig: () => kubeconfig(url, ca),
      stop,
    };
    await postDefinitions(server, crds);
    return server;
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One request to a server of either kind over https. */
function sendSecure(
  server: Pick<ApiServer, 'url' | 'headers' | 'ca'>,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      `${server.url}${path}`,
      { method, headers: { ...server.headers, ...headers }, ca: server.ca, agent: false },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () =>
          resolve({
            status: incoming.statusCode ?? 0,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

interface Started {
  readonly log: () => string;
  readonly exited: () => boolean;
  readonly stop: () => Promise<void>;
}

function start(binary: string, flags: readonly string[]): Started {
  const child: ChildProcess = spawn(binary, flags, { stdio: ['ignore', 'pipe', 'pipe'] });
  let log = '';
  const keep = (chunk: Buffer): void => {
    log = `${log}${chunk.toString()}`.slice(-4000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  // A test run that ends early must not leave servers behind.
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => {
      process.off('exit', kill);
      resolve();
    });
    child.once('error', () => resolve());
  });
  return {
    log: () => log,
    exited: () => child.exitCode !== null,
    async stop() {
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(killer);
    },
  };
}

function etcdFlags(folder: string, client: number, peer: number): string[] {
  const clientUrl = `http://127.0.0.1:${client}`;
  const peerUrl = `http://127.0.0.1:${peer}`;
  return [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${clientUrl}`,
    `--advertise-client-urls=${clientUrl}`,
    `--listen-peer-urls=${peerUrl}`,
    `--initial-advertise-peer-urls=${peerUrl}`,
    `--initial-cluster=default=${peerUrl}`,
    '--unsafe-no-fsync=true',
    '--log-level=error',
  ];
}

function apiserverFlags(folder: string, etcd: number, secure: number): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcd}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${secure}`,
    `--cert-dir=${folder}`,
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    '--service-cluster-ip-range=10.0.0.0/24',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${join(folder, 'sa.pem')}`,
    `--service-account-signing-key-file=${join(folder, 'sa.pem')}`,
    // Without controllers nobody makes the default service account, which pods would have to wait for.
    '--disable-admission-plugins=ServiceAccount',
  ];
}

async function writeCredentials(folder: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(join(folder, 'sa.pem'), privateKey.export({ type: 'pkcs1', format: 'pem' }));
  await writeFile(join(folder, 'tokens.csv'), `${TOKEN},test,test,system:masters\n`);
}

async function untilReady(url: string, folder: string, apiserver: Started): Promise<string> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  const certificate = join(folder, 'apiserver.crt');
  while (Date.now() < deadline && !apiserver.exited()) {
    if (existsSync(certificate)) {
      const ca = await readFile(certificate, 'utf8');
      const server = { url, ca, headers: { authorization: `Bearer ${TOKEN}` } };
      const answer = await sendSecure(server, 'GET', '/readyz').catch(() => undefined);
      const space = await sendSecure(server, 'GET', '/api/v1/namespaces/default').catch(() => undefined);
      if (answer?.status === 200 && space?.status === 200) return ca;
    }
    await delay(200);
  }
  throw new Error(`kube-apiserver did not become ready: ${apiserver.log()}`);
}

async function postDefinitions(server: ApiServer, crds: readonly string[]): Promise<void> {
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const names: string[] = [];
  for (const text of crds) {
    for (const document of parseAllDocuments(text)) {
      const body = JSON.stringify(document.toJS());
      if (body === 'null') continue;
      const answer = await sendSecure(server, 'POST', path, { 'content-type': 'application/json' }, body);
      if (answer.status !== 201) throw new Error(`definition refused: ${answer.text}`);
      const { metadata }: { metadata: { name: string } } = JSON.parse(answer.text);
      names.push(metadata.name);
    }
  }
  for (const name of names) await untilEstablished(server, `${path}/${name}`);
}

interface Definition {
  spec: { group: string; names: { plural: string }; versions: { name: string; served: boolean }[] };
  status?: { conditions?: { type: string; status: string }[] };
}

/** Waits until a definition is served: its condition says so, and a moment later its lists answer. */
async function untilEstablished(server: ApiServer, path: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    const { text } = await sendSecure(server, 'GET', path);
    const { spec, status }: Definition = JSON.parse(text);
    const established = status?.conditions?.some(
      (entry) => entry.type === 'Established' && entry.status === 'True',
    );
    const version = spec.versions.find((entry) => entry.served)?.name;
    const list = `/apis/${spec.group}/${version}/${spec.names.plural}`;
    if (established === true && (await sendSecure(server, 'GET', list)).status === 200) return;
    await delay(50);
  }
  throw new Error(`${path} was not established`);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no TCP address');
  return address.port;
}

function kubeconfig(url: string, ca: string): string {
  const name = `real-${new URL(url).port}`;
  const data = Buffer.from(ca).toString('base64');
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': data } }],
    users: [{ name, user: { token: TOKEN } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  });
}
