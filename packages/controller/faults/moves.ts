// Moves workloads at random through everything that may happen to them, with every second seed also to what is around
// them (clusters, Karmada, freezes, opt-ins), and counts what fell below what it had to keep.
// `npm run faults -- moves [--sequences 1000] [--seed 1] [--json]`
import { parseArgs } from 'node:util';
import { moveAtRandom, type Outcome } from '../test/planes/karmada/support/availability.ts';
import { testServers } from '../test/planes/karmada/support/servers.ts';

const TOGETHER = 20;
const ROUNDS = 5;

const { values } = parseArgs({
  options: {
    sequences: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const wanted = Number(values.sequences);
const [server] = testServers('moves');
if (server === undefined) throw new Error('there is always a sandbox');

const outcomes: Outcome[] = [];
const sum = (of: (each: Outcome) => number): number => outcomes.reduce((total, each) => total + of(each), 0);
for (let seed = Number(values.seed); sum((each) => each.sequences) < wanted; seed += 1) {
  const outcome = await moveAtRandom(server, {
    seed,
    units: TOGETHER,
    rounds: ROUNDS,
    trouble: seed % 2 === 0,
  });
  outcomes.push(outcome);
  const { sequences, violations, left, completed, rolledBack, ended, kills } = outcome;
  process.stdout.write(
    `seed ${seed}: ${sequences} workloads, ${completed} moves completed, ${rolledBack} rolled back, ${ended} ended, ${kills} kills; ${violations.length} fell too low, ${left.length} left behind\n`,
  );
  for (const { workload, floor, totals, log } of violations) {
    process.stdout.write(
      `  ${workload}: ${totals.available} available, at least ${floor} expected\n    ${log.join('\n    ')}\n`,
    );
  }
}
const result = {
  sequences: sum((each) => each.sequences),
  completed: sum((each) => each.completed),
  rolledBack: sum((each) => each.rolledBack),
  ended: sum((each) => each.ended),
  kills: sum((each) => each.kills),
  violations: sum((each) => each.violations.length),
  left: sum((each) => each.left.length),
};
process.stdout.write(`${JSON.stringify(result)}\n`);
process.exitCode = result.violations + result.left > 0 ? 1 : 0;
