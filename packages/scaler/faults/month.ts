/*
 * npm run faults -- month [DAYS] [POLL-SECONDS]
 *
 * The founding example on real grids under KEDA's own rules (stand-ins for KEDA and the autoscaler): every value beside
 * an independent model, every replica count beside what KEDA's rules make of it. 30 days at KEDA's poll of 30 seconds.
 * First, by the answers alone: what the suggested target would do, and what the forecast window does.
 */
import process from 'node:process';
import { runMonth } from './support/month.ts';
import { monthOfAnswers, withMetadata } from './support/month-answers.ts';
import { MONTH_CASES } from './support/month-cases.ts';
import { noTraces } from './support/month-model.ts';

const [days = 30, poll = 30] = process.argv.slice(2).map(Number);
const print = (name: string, outcome: object): void =>
  console.log(JSON.stringify({ name, days, ...outcome }));

if (noTraces !== '') console.log(`left out${noTraces}`);
else {
  for (const month of MONTH_CASES) {
    const said = monthOfAnswers(month, days, poll);
    print(`answers: ${month.name}`, said);
    if (said.suggestion !== null) {
      const targetValue = String(said.suggestion);
      const { allowed, starts } = monthOfAnswers(withMetadata(month, { targetValue }), days, poll);
      print(`answers: with the suggested target ${targetValue}`, { share: allowed / said.polls, starts });
    } else if (month.metadata['targetValue'] !== undefined) {
      const { allowed, beforeDirty, starts } = monthOfAnswers(
        withMetadata(month, { forecastWindow: undefined }),
        days,
        poll,
      );
      print('answers: without forecastWindow', { allowed, beforeDirty, starts });
    }
    if (said.wrong > 0) process.exitCode = 1;
  }
  for (const month of MONTH_CASES) {
    const outcome = await runMonth(month, days, poll);
    print(month.name, outcome);
    const missing = (days * 86_400) / poll + 1 - outcome.polls;
    if (missing + outcome.errors + outcome.wrongValues + outcome.wrongReplicas > 0) process.exitCode = 1;
  }
}
