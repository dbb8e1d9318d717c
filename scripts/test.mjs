import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runChecks } from './check.mjs';
import { nodeBinary, root } from './setup/node.mjs';
import { ensureRedis } from './setup/redis.mjs';

/** Runs vitest on Node 24 and returns its counts; a crash counts as one failure. */
function runVitest(args) {
  const folder = mkdtempSync(join(tmpdir(), 'windvane-test-'));
  const summary = join(folder, 'summary.json');
  const reporters = ['--reporter=default', '--reporter=./scripts/summary-reporter.mjs'];
  const PATH = `${dirname(nodeBinary())}:${process.env.PATH}`;
  const result = spawnSync(nodeBinary(), ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, PATH, WINDVANE_TEST_SUMMARY: summary },
  });
  try {
    const counts = JSON.parse(readFileSync(summary, 'utf8'));
    if (result.status !== 0 && counts.failed === 0) counts.failed = 1;
    return counts;
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The checks, then the tests. Arguments narrow the run to some test files, without the checks. */
export async function test(args) {
  ensureRedis();
  if (!process.env.KUBEBUILDER_ASSETS) {
    console.log('KUBEBUILDER_ASSETS is not set: tests that need a Kubernetes API ran on the sandbox only.');
  }
  const checks = args.length === 0 ? runChecks() : { passed: 0, failed: 0, skipped: 0 };
  const tests = runVitest(args);
  const total = (key) => checks[key] + tests[key];
  console.log(`Tests: ${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
  return total('failed') === 0 ? 0 : 1;
}
