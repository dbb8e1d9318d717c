/*
 * npm run faults -- gate [--zone DE] [--from 2022-05-10] [--hours 72] [--runs 300] [--seed 1]
 *
 * Jobs at the gate on a real grid, minute by minute, two pods that take turns and restart, hours without data: none may
 * be late, let go twice or suspended again. Intensities against starting at once and against somebody who knew the future.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { type GateOutcome, runGate } from '../test/gate/support/run.ts';
import { NO_TRACES, readTrace } from '../test/support/traces.ts';

const { values } = parseArgs({
  options: {
    zone: { type: 'string', default: 'DE,US-CAL-CISO,GB' },
    from: { type: 'string', default: '2022-05-10' },
    hours: { type: 'string', default: '72' },
    runs: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
  },
});

function isFaulty(outcome: GateOutcome): boolean {
  const { released, jobs, late, suspendedAgain, releasedTwice, foreignTouched, foreignTold } = outcome;
  return released < jobs || late + suspendedAgain + releasedTwice + foreignTouched > 0 || foreignTold < 2;
}

if (NO_TRACES === '') {
  for (const zone of values.zone.split(',')) {
    const outcome = await runGate({
      trace: readTrace(zone),
      from: Date.parse(`${values.from}T00:00:00Z`),
      hours: Number(values.hours),
      jobs: Number(values.runs),
      seed: Number(values.seed),
    });
    const { atOnce, gate, clairvoyant } = outcome;
    const percent = (grams: number): number => Math.round(1000 * (1 - grams / atOnce)) / 10;
    console.log(
      JSON.stringify({
        name: 'faults.gate',
        zone,
        ...outcome,
        atOnce: Math.round(atOnce * 10) / 10,
        gate: Math.round(gate * 10) / 10,
        clairvoyant: Math.round(clairvoyant * 10) / 10,
        savingPercent: percent(gate),
        clairvoyantPercent: percent(clairvoyant),
        captureRatio: Math.round((1000 * (atOnce - gate)) / (atOnce - clairvoyant)) / 1000,
      }),
    );
    if (isFaulty(outcome)) process.exitCode = 1;
  }
} else {
  console.log(`faults.gate: nothing to play${NO_TRACES}`);
}
