// The big counts of the plane of Open Cluster Management: random Placements compared with what the stand-in decides, and
// random surges with slow and failing newcomers and killed controllers.
// `npm run faults -- ocm [--placements 2000] [--surges 500] [--ticks 1000] [--seed 1]`
import { parseArgs } from 'node:util';
import { compareRandomPlacements } from '../test/planes/ocm/support/expectations.ts';
import { type SurgeRun, surgeRun } from '../test/planes/ocm/support/surges.ts';
import { tremble } from '../test/planes/ocm/support/trembling.ts';

const { values } = parseArgs({
  options: {
    placements: { type: 'string', default: '2000' },
    surges: { type: 'string', default: '500' },
    ticks: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
  },
});
const seed = Number(values.seed);
let wrong = 0;

const placements = Number(values.placements);
if (placements > 0) {
  const { compared, disagreements } = await compareRandomPlacements(seed, placements);
  wrong += disagreements.length;
  process.stdout.write(`${JSON.stringify({ compared, disagreements: disagreements.slice(0, 5) })}\n`);
}

const runs: SurgeRun[] = [];
for (let index = 0; index < Number(values.surges); index += 1) {
  const run = await surgeRun(seed + index);
  runs.push(run);
  if (run.violations.length > 0) process.stdout.write(`${JSON.stringify(run)}\n`);
}
const sum = (of: (run: SurgeRun) => number): number => runs.reduce((total, run) => total + of(run), 0);
wrong += sum(({ violations }) => violations.length);
if (runs.length > 0) {
  process.stdout.write(
    `${JSON.stringify({
      surges: runs.length,
      completed: sum(({ moves }) => moves),
      rolledBack: sum(({ rolledBack }) => rolledBack),
      kills: sum(({ kills }) => kills),
      putBacks: sum((run) => run.putBacks),
      violations: sum(({ violations }) => violations.length),
    })}\n`,
  );
}

const ticks = Number(values.ticks);
if (ticks > 0) {
  const seen = await tremble(seed, ticks);
  wrong += seen.moves + seen.steeringWrites + Math.max(0, seen.publishedWrites - 19);
  process.stdout.write(`${JSON.stringify({ ticks, ...seen })}\n`);
}
process.exitCode = wrong > 0 ? 1 : 0;
