/*
 * npm run faults -- scaler
 *
 * A whole scaler under every fault of its sources, asked by KEDA's client every half hour on a virtual clock: what was
 * answered, by whose numbers and why. No call may fail in any row, and every answer must be the one that is documented.
 */
import process from 'node:process';
import { type FaultOutcome, ROWS, runRow } from './support/rows.ts';

function line(cells: readonly (string | number)[]): string {
  const widths = [46, 6, 7, 6, 8, 60];
  return cells
    .map((cell, i) => String(cell).padEnd(widths[i] ?? 0))
    .join(' ')
    .trimEnd();
}

console.log(line(['fault', 'polls', 'errors', 'wrong', 'allowed', 'answered by']));
const outcomes: FaultOutcome[] = [];
for (const row of ROWS) {
  const outcome = await runRow(row);
  outcomes.push(outcome);
  const from = [...outcome.from].map(([key, count]) => `${key} ${count}`).join(', ');
  console.log(line([row.name, outcome.polls, outcome.errors, outcome.wrong, outcome.allowed, from]));
}
const sum = (of: (outcome: FaultOutcome) => number): number =>
  outcomes.reduce((total, each) => total + of(each), 0);
const errors = sum((outcome) => outcome.errors);
const wrong = sum((outcome) => outcome.wrong);
console.log(
  JSON.stringify({
    name: 'faults.scaler',
    rows: outcomes.length,
    polls: sum(({ polls }) => polls),
    errors,
    wrong,
  }),
);
if (errors + wrong > 0) process.exitCode = 1;
