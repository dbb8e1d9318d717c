/*
 * npm run faults -- redis
 *
 * Two processes on one real Redis that fails, in real time: killed and started again, slow by half a second, partitioned
 * for a minute, full; and the death of the process that writes. Takes about four minutes. The map must be served all the
 * time, by one writer at a time, never a version older than one seen before, and fresh again within 15 seconds of the end
 * of the fault or of the death.
 */
import { findRedisServer } from '../test/support/redis-server.ts';
import { REDIS_FAULTS } from './support/redis-faults.ts';
import { type RedisOutcome, runRedisFault } from './support/redis-run.ts';

/** Seconds. */
const LONGEST_RECOVERY = 15;

function failureOf(outcome: RedisOutcome): string {
  const reasons: string[] = [];
  if (outcome.backwards > 0) reasons.push('backwards');
  if (outcome.bothWrote > 0) reasons.push('two writers');
  if (outcome.unserved > 0) reasons.push('unserved');
  if (outcome.recovery === null || outcome.recovery > LONGEST_RECOVERY) reasons.push('late');
  if (outcome.told === false) reasons.push('not told');
  if (outcome.wentOn === false) reasons.push('nobody wrote');
  return reasons.join(', ');
}

function row(cells: readonly (string | number)[]): string {
  const widths = [30, 9, 7, 9, 11, 9, 11, 10, 8];
  return cells
    .map((cell, i) => String(cell).padEnd(widths[i] ?? 0))
    .join(' ')
    .trimEnd();
}

async function main(): Promise<void> {
  const path = findRedisServer();
  if (path === null) {
    console.log(JSON.stringify({ name: 'faults.redis', skipped: 'no redis-server on PATH' }));
    return;
  }
  const only = process.argv.slice(2);
  const outcomes: RedisOutcome[] = [];
  console.log(
    row([
      'fault',
      'lasted s',
      'reads',
      'unserved',
      'backwards',
      'written',
      'two writers',
      'back after',
      'verdict',
    ]),
  );
  for (const fault of REDIS_FAULTS.filter(({ name }) => only.length === 0 || only.includes(name))) {
    const outcome = await runRedisFault(path, fault);
    outcomes.push(outcome);
    const { reads, unserved, backwards, written, bothWrote, recovery } = outcome;
    const back = recovery === null ? 'never' : `${recovery.toFixed(1)} s`;
    console.log(
      row([
        fault.name,
        outcome.lasted.toFixed(1),
        reads,
        unserved,
        backwards,
        written,
        bothWrote,
        back,
        failureOf(outcome) || 'ok',
      ]),
    );
  }
  const failed = outcomes.filter((outcome) => failureOf(outcome) !== '');
  const sum = (of: (outcome: RedisOutcome) => number): number =>
    outcomes.reduce((total, each) => total + of(each), 0);
  console.log(
    JSON.stringify({
      name: 'faults.redis',
      runs: outcomes.length,
      failed: failed.length,
      reads: sum(({ reads }) => reads),
      backwards: sum(({ backwards }) => backwards),
      twoWriters: sum(({ bothWrote }) => bothWrote),
      longestRecoverySeconds: Math.max(...outcomes.map(({ recovery }) => recovery ?? Infinity)),
    }),
  );
  if (failed.length > 0) process.exitCode = 1;
}

await main();
