/*
 * npm run faults -- map
 *
 * Every HTTP source under every fault for 30 simulated minutes, by a virtual clock: once with another source behind it,
 * once with the yearly average only. The map must be served all the time, with values that somebody sent, under the right
 * source, age and kind, and the source must be back soon after the fault.
 */
import { MINUTE, SECOND } from '../src/index.ts';
import { FAULTS } from './support/faults.ts';
import { type Outcome, runFault } from './support/run.ts';
import { SOURCES } from './support/sources.ts';

/** A quarter of an hour of proving itself, and the longest pause of breaker, retry and round before it. */
const LONGEST_RECOVERY = (15 * MINUTE + 10 * MINUTE) / SECOND;

function failureOf(outcome: Outcome): string {
  const reasons: string[] = [];
  if (outcome.impossible > 0) reasons.push('impossible value');
  if (outcome.mislabelled > 0) reasons.push('wrong label');
  if (outcome.recovery === null || outcome.recovery > LONGEST_RECOVERY) reasons.push('late');
  return reasons.join(', ');
}

function row(cells: readonly (string | number)[]): string {
  const widths = [20, 20, 10, 42, 8, 8, 8, 10];
  return cells
    .map((cell, i) => String(cell).padEnd(widths[i] ?? 0))
    .join(' ')
    .trimEnd();
}

async function main(): Promise<void> {
  const only = process.argv.slice(2);
  const outcomes: Outcome[] = [];
  console.log(
    row(['source', 'fault', 'behind it', 'served from', 'live s', 'wrong', 'asked', 'back after', 'verdict']),
  );
  for (const source of SOURCES.filter(({ name }) => only.length === 0 || only.includes(name))) {
    for (const fault of FAULTS) {
      for (const withSecond of [true, false]) {
        const outcome = await runFault(source, fault, withSecond);
        outcomes.push(outcome);
        const { served, live, impossible, mislabelled, requests, recovery } = outcome;
        const back = recovery === null ? 'never' : `${recovery} s`;
        const behind = withSecond ? 'second' : 'average';
        const cells = [
          source.name,
          fault.name,
          behind,
          served.join(' > '),
          live,
          impossible + mislabelled,
          requests,
          back,
        ];
        console.log(row([...cells, failureOf(outcome) || 'ok']));
      }
    }
  }
  const failed = outcomes.filter((outcome) => failureOf(outcome) !== '');
  const sum = (of: (outcome: Outcome) => number): number =>
    outcomes.reduce((total, each) => total + of(each), 0);
  console.log(
    JSON.stringify({
      name: 'faults.map',
      runs: outcomes.length,
      failed: failed.length,
      impossibleValues: sum(({ impossible }) => impossible),
      wrongLabels: sum(({ mislabelled }) => mislabelled),
      longestRecoverySeconds: Math.max(...outcomes.map(({ recovery }) => recovery ?? Infinity)),
    }),
  );
  if (failed.length > 0) process.exitCode = 1;
}

await main();
