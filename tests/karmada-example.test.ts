import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { startProgram } from '../packages/controller/test/process/processes.ts';
import { kubectlBinary } from '../packages/sandbox/test/api/kubectl.ts';

const root = new URL('..', import.meta.url).pathname;
const page = readFileSync(join(root, 'examples/karmada/README.md'), 'utf8');

/** The commands of the section, block by block, without what follows a `#`. */
const blocks = [...page.slice(page.indexOf('## Without a Karmada')).matchAll(/```sh\n([\s\S]*?)```/g)].map(
  ([, text = '']) =>
    text
      .split('\n')
      .map((line) => line.replace(/\s+#.*/, '').trim())
      .filter((line) => line !== ''),
);
const run = promisify(execFile);

it('the README of examples/karmada, in the sandbox: a deployment follows the wind', async () => {
  const [serve = [], applying = [], running = [], looking = []] = blocks;
  const folder = mkdtempSync(join(tmpdir(), 'windvane-readme-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const kubectl = await kubectlBinary();
  const environment = { PATH: process.env['PATH'] ?? '', HOME: folder };

  const [start = ''] = serve;
  expect(start).toMatch(/^npm run sandbox -- --port 4281 /);
  const args = start.replace('npm run sandbox -- --port 4281', '--port 0').split(' ');
  const file = join(folder, 'kubeconfig');
  const sandbox = startProgram('packages/sandbox/src/main.ts', [...args, '--kubeconfig', file]);
  onTestFinished(() => sandbox.end('SIGTERM'));
  const [, kubeconfig = ''] = await sandbox.line(/export KUBECONFIG=(\S+)/);
  expect(kubeconfig).toBe(file);

  /** Runs one line of the page that calls kubectl. */
  async function step(line: string): Promise<string> {
    expect(line).toMatch(/^kubectl /);
    const words = line.split(' ').slice(1);
    const { stdout } = await run(kubectl, words, { cwd: root, env: { ...environment, KUBECONFIG: file } });
    return stdout;
  }
  /** Until the line prints what fits: whoever follows the page looks again as well. */
  async function until(line: string, fits: RegExp): Promise<void> {
    for (let text = await step(line); !fits.test(text); text = await step(line)) await pause(500);
  }

  const [apply = '', bindings = ''] = applying;
  expect(await step(apply)).toContain('deployment.apps/training created');
  await until(bindings, /(replicas: 4[\s\S]*){3}/);

  const [configure = '', controller = ''] = running;
  const [, text = ''] = /^printf '(.*)' > windvane.yaml$/.exec(configure) ?? [];
  expect(controller).toBe(
    'WINDVANE_KARMADA_KUBECONFIG=$KUBECONFIG npm run windvane -- run --config windvane.yaml',
  );
  const config = join(folder, 'windvane.yaml');
  // Beside what the page says: another port, as many may be taken.
  writeFileSync(config, `${text.replaceAll('\\n', '\n')}api: { listen: "127.0.0.1:0" }\n`);
  const windvane = startProgram('packages/controller/src/cli/main.ts', ['run', '--config', config], {
    WINDVANE_KARMADA_KUBECONFIG: file,
  });
  onTestFinished(() => windvane.end('SIGKILL'));
  await windvane.line(/this replica leads/);

  const [statuses = '', policy = ''] = looking;
  await until(statuses, /training-deployment[\s\S]*stockholm [5-8]/);
  await until(policy, /manager: windvane\n/);
  expect(await step(policy)).toMatch(/staticWeightList:[\s\S]*- stockholm\n/);
  expect(windvane.text()).not.toContain('"level":50');
}, 300_000);
