import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { nodeBinary, root } from './setup/node.mjs';

/** One command per promise of `npm run check`; import cycles and floating promises are rules of the linter. */
/** @type {[name: string, command: string, args: string[]][]} */
const steps = [
  ['types of the packages', 'tsc', ['-b']],
  ['types of the tests', 'tsc', ['-p', 'tsconfig.tests.json']],
  ['linter', 'oxlint', ['--type-aware', '--quiet']],
  ['formatter', 'biome', ['check', '--reporter=summary']],
  ['unused exports and dependencies', 'knip', ['--no-progress', '--no-config-hints']],
];

/** Runs every step and prints a line for each; returns the counts, in the shape of a test run. */
export function runChecks() {
  const PATH = `${dirname(nodeBinary())}:${root}node_modules/.bin:${process.env.PATH}`;
  let failed = 0;
  for (const [name, command, args] of steps) {
    const started = Date.now();
    const result = spawnSync(command, args, { cwd: root, env: { ...process.env, PATH }, encoding: 'utf8' });
    const ok = result.status === 0;
    console.log(`${ok ? 'ok  ' : 'FAIL'} ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
    if (!ok) {
      failed += 1;
      console.log(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`);
    }
  }
  return { passed: steps.length - failed, failed, skipped: 0 };
}

export function check() {
  return runChecks().failed === 0 ? 0 : 1;
}
