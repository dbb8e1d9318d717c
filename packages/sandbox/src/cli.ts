import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Sandbox, startSandbox } from './api/sandbox.ts';
import { karmadaDefinitions, type MemberOptions, startKarmadaStandIns } from './karmada/index.ts';
import { ocmDefinitions, startOcmStandIns } from './ocm/index.ts';
import type { Clock } from './runtime/clock.ts';

/** Where the command writes: lines for people and, separately, complaints. */
export interface Output {
  readonly info: (line: string) => void;
  readonly error: (line: string) => void;
}

const DEFAULT_PORT = 4281;
const DEFAULT_MEMBERS = 'amsterdam=azure/westeurope,frankfurt=aws/eu-central-1,paris=aws/eu-west-3';
/** Windvane's own definitions, where this runs from a clone. */
const OWN_DEFINITIONS = fileURLToPath(new URL('../../../deploy/hub/crd', import.meta.url));

const USAGE = `Usage: npm run sandbox -- [--port ${DEFAULT_PORT}] [--crds DIR]... [--karmada] [--ocm] [--members NAME=PROVIDER/REGION,...] [--kubeconfig FILE]

  --port        port on loopback; 0 takes a free one
  --crds        folder with CustomResourceDefinitions (*.yaml), beside those of Karmada, OCM and Windvane
  --karmada     run stand-ins for Karmada's controllers and its member clusters
  --ocm         run stand-ins for Open Cluster Management's controllers and its managed clusters
  --members     the member or managed clusters (default ${DEFAULT_MEMBERS})
  --kubeconfig  where to write the kubeconfig (default: the temporary folder)`;

/** A user's mistake: told in one line, without a stack trace. */
class UsageError extends Error {}

interface Settings {
  readonly port: number;
  readonly crds: readonly string[];
  readonly karmada: boolean;
  readonly ocm: boolean;
  readonly members: readonly MemberOptions[];
  readonly kubeconfig: string | undefined;
}

/** Runs a sandbox until `ended` resolves; answers the exit code. */
export async function runSandbox(
  args: readonly string[],
  output: Output,
  ended: Promise<unknown>,
): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    output.info(USAGE);
    return 0;
  }
  try {
    const settings = readArguments(args);
    const sandbox = await start(settings);
    await serve(settings, sandbox, output, ended);
    return 0;
  } catch (error) {
    output.error(`sandbox: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

async function serve(
  settings: Settings,
  sandbox: Sandbox,
  output: Output,
  ended: Promise<unknown>,
): Promise<void> {
  const port = new URL(sandbox.url).port;
  const file = settings.kubeconfig ?? join(tmpdir(), `windvane-sandbox-${port}.kubeconfig`);
  const standIns: StandIns[] = [];
  try {
    writeFileSync(file, sandbox.kubeconfig(), { mode: 0o600 });
    if (settings.karmada) standIns.push(await startKarmada(sandbox, settings.members));
    if (settings.ocm) standIns.push(await startOcm(sandbox, settings.members));
    const names = settings.members.map(({ name }) => name).join(', ');
    output.info(`Kubernetes API on ${sandbox.url} (everything in memory, nothing survives the end)`);
    if (settings.karmada) output.info(`Karmada stand-ins with members ${names}`);
    if (settings.ocm) output.info(`OCM stand-ins with managed clusters ${names}`);
    output.info(`Use it:  export KUBECONFIG=${file}`);
    const kinds = settings.ocm ? 'placements,placementdecisions' : 'propagationpolicies';
    output.info(`         kubectl get ${kinds},cpl -A`);
    output.info('Ctrl-C ends it.');
    await ended;
  } finally {
    await Promise.all(standIns.map((each) => each.stop()));
    await sandbox.stop();
    rmSync(file, { force: true });
  }
}

/** What runs beside the API server and ends with it. */
interface StandIns {
  stop(): Promise<void>;
}

const CLOCK: Clock = {
  now: Date.now,
  after(delay, task) {
    // What is due in ten minutes keeps nobody from ending now.
    setTimeout(task, delay).unref();
  },
};

function startKarmada(sandbox: Sandbox, members: readonly MemberOptions[]): Promise<StandIns> {
  return startKarmadaStandIns({
    kubeconfig: sandbox.kubeconfig(),
    clock: CLOCK,
    members,
    resourceVersion: sandbox.resourceVersion,
  });
}

/** OCM has no field for where a cluster stands: an annotation says it. */
function startOcm(sandbox: Sandbox, members: readonly MemberOptions[]): Promise<StandIns> {
  return startOcmStandIns({
    kubeconfig: sandbox.kubeconfig(),
    clock: CLOCK,
    clusters: members.map(({ name, provider = '', region = '' }) => ({
      name,
      annotations: { 'windvane.dev/location': `${provider}/${region}` },
    })),
    resourceVersion: sandbox.resourceVersion,
  });
}

async function start({ port, crds }: Settings): Promise<Sandbox> {
  try {
    return await startSandbox({ port, crds });
  } catch (error) {
    const inUse = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    if (inUse) throw new UsageError(`port ${port} is taken: end what listens there, or give another --port`);
    throw error;
  }
}

function readArguments(args: readonly string[]): Settings {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: 'string' },
      crds: { type: 'string', multiple: true },
      karmada: { type: 'boolean' },
      ocm: { type: 'boolean' },
      members: { type: 'string' },
      kubeconfig: { type: 'string' },
    },
  });
  const port = Number(values.port ?? DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new UsageError(`--port must be a number from 0 to 65535, got ${JSON.stringify(values.port)}`);
  }
  return {
    port,
    crds: [
      ...karmadaDefinitions,
      ...ocmDefinitions,
      ...definitionsIn(OWN_DEFINITIONS, false),
      ...(values.crds ?? []).flatMap((folder) => definitionsIn(folder, true)),
    ],
    karmada: values.karmada === true,
    ocm: values.ocm === true,
    members: (values.members ?? DEFAULT_MEMBERS).split(',').map(readMember),
    kubeconfig: values.kubeconfig,
  };
}

function readMember(text: string): MemberOptions {
  const match = /^([a-z0-9][-a-z0-9]*)=([^/]+)\/(.+)$/.exec(text.trim());
  if (match === null) {
    throw new UsageError(
      `--members: ${JSON.stringify(text)} is not NAME=PROVIDER/REGION, as in paris=aws/eu-west-3`,
    );
  }
  const [, name = '', provider = '', region = ''] = match;
  return { name, provider, region };
}

function definitionsIn(folder: string, required: boolean): string[] {
  let names: string[];
  try {
    // Folders of definitions often carry a kustomization, which is none.
    names = readdirSync(folder).filter((name) => /(?<!^kustomization)\.ya?ml$/.test(name));
  } catch (error) {
    if (!required) return [];
    throw new UsageError(`--crds: cannot read ${folder}`, { cause: error });
  }
  return names.sort().map((name) => readFileSync(join(folder, name), 'utf8'));
}
