import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { root } from './node.mjs';

const stamp = `${root}node_modules/.windvane-installed`;

/** What decides whether the installed packages are the right ones. */
function manifestHash() {
  const packages = readdirSync(`${root}packages`).map((name) => `packages/${name}/package.json`);
  const hash = createHash('sha256');
  for (const file of ['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', ...packages]) {
    if (existsSync(root + file)) hash.update(readFileSync(root + file));
  }
  return hash.digest('hex');
}

/** The pnpm that package.json pins, run through npx so that a machine with npm alone will do. */
function pnpmVersion() {
  const { packageManager } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
  return packageManager.replace(/\+.*/, '');
}

/** Installs the pinned dependencies unless those of this very lockfile are in place. Output goes to stderr. */
export function ensureDependencies() {
  const wanted = manifestHash();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  console.error(`windvane: installing dependencies (${pnpmVersion()}, Node 24); this happens once`);
  const result = spawnSync(
    'npx',
    [
      '--yes',
      '--package',
      pnpmVersion(),
      '--',
      'pnpm',
      'install',
      '--frozen-lockfile',
      '--reporter=append-only',
    ],
    { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, CI: 'true' } },
  );
  if (result.status !== 0) {
    throw new Error(
      'installing the dependencies failed (see above); check that the npm registry can be reached',
    );
  }
  writeFileSync(stamp, wanted);
}
