/*
 * npm run faults -- month [DAYS] [POLL-SECONDS]
 *
 * The founding example on real grids under KEDA's own rules (stand-ins for KEDA and the autoscaler): every value beside
 * an independent model, every replica count beside what KEDA's rules make of it. 30 days at KEDA's poll of 30 seconds.
 */
import process from 'node:process';
import { MONTH_CASES, runMonth } from './support/month.ts';
import { noTraces } from './support/month-model.ts';

const [days, poll] = process.argv.slice(2).map(Number);
if (noTraces !== '') console.log(`left out${noTraces}`);
else {
  for (const month of MONTH_CASES) {
    const outcome = await runMonth(month, days ?? 30, poll ?? 30);
    console.log(JSON.stringify({ name: month.name, days: days ?? 30, ...outcome }));
    if (outcome.errors + outcome.wrongValues + outcome.wrongReplicas > 0) process.exitCode = 1;
  }
}
