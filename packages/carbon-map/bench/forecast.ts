/*
 * npm run bench -- forecast
 *
 * Windvane's own forecast on a year of twelve zones, walk-forward: issued every day at 00:00Z for the 24 hours ahead with
 * nothing known but hours that were over by then, which is what the published forecasts beside the traces had too. Held
 * against "same hour yesterday" in every zone and against the published ones on average.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { report } from '../../../scripts/figure.ts';
import {
  createReplayProvider,
  DAY,
  HOUR,
  type Instant,
  ownForecast,
  type ReplayProvider,
} from '../src/index.ts';

const traces = resolve(import.meta.dirname, '../../../../shared/traces');
/** First day that has a published forecast. */
const FIRST_ISSUE: Instant = Date.parse('2022-01-10T00:00:00Z');
/** More than any forecaster asks for. */
const HISTORY = 60 * DAY;

interface Score {
  /** Mean absolute percentage errors over all hours ahead. */
  readonly ours: number;
  readonly published: number;
  readonly yesterday: number;
  /** Mean absolute error in g/kWh, what we expected it to be, and how many forecasts. */
  readonly error: number;
  readonly expected: number;
  readonly issues: number;
  /** Time of one forecast in milliseconds. */
  readonly millis: number;
}

async function score(replay: ReplayProvider, zone: string, to: Instant): Promise<Score> {
  const rows = await replay.history(zone, 0, to);
  const actual = new Map(rows.map((row) => [row.validFrom, row.gramsPerKwh]));
  const sums = { ours: 0, published: 0, yesterday: 0, error: 0, expected: 0 };
  let hours = 0;
  let issues = 0;
  let spent = 0;
  for (let issue = FIRST_ISSUE; issue + DAY <= to; issue += DAY) {
    const known = await replay.history(zone, issue - HISTORY, issue);
    const began = performance.now();
    const ours = ownForecast(known, issue, DAY)?.points ?? [];
    spent += performance.now() - began;
    const published = (await replay.forecast(zone, issue, DAY))?.points ?? [];
    issues += 1;
    for (let hour = 0; hour < 24; hour++) {
      const at = issue + hour * HOUR;
      const truth = actual.get(at) ?? Number.NaN;
      const off = (value: number | undefined): number => Math.abs((value ?? Number.NaN) - truth);
      sums.ours += off(ours[hour]?.gramsPerKwh) / truth;
      sums.published += off(published[hour]?.gramsPerKwh) / truth;
      sums.yesterday += off(actual.get(at - DAY)) / truth;
      sums.error += off(ours[hour]?.gramsPerKwh);
      sums.expected += ours[hour]?.expectedError ?? 0;
      hours += 1;
    }
  }
  const mean = (sum: number): number => sum / hours;
  return {
    ours: 100 * mean(sums.ours),
    published: 100 * mean(sums.published),
    yesterday: 100 * mean(sums.yesterday),
    error: mean(sums.error),
    expected: mean(sums.expected),
    issues,
    millis: spent / issues,
  };
}

async function main(): Promise<void> {
  if (!existsSync(join(traces, 'intensity.csv'))) {
    console.log(JSON.stringify({ name: 'forecast', skipped: `no traces at ${traces}` }));
    return;
  }
  const replay = createReplayProvider({
    csv: { path: join(traces, 'intensity.csv') },
    forecasts: { path: join(traces, 'forecasts.csv') },
  });
  const { zones, to } = await replay.load();
  const scores: Score[] = [];
  for (const zone of zones) {
    const result = await score(replay, zone, to);
    scores.push(result);
    report(`forecast.day1.${zone}`, result.ours, '% mean absolute error', { atMost: result.yesterday });
    report(`forecast.day1.${zone}.published`, result.published, '% mean absolute error');
    report(`forecast.day1.${zone}.againstPublished`, result.ours / result.published, 'ours / published');
    report(`forecast.day1.${zone}.expectedErrorRatio`, result.expected / result.error, 'expected / actual');
  }
  const mean = (of: (result: Score) => number): number =>
    scores.reduce((sum, result) => sum + of(result), 0) / scores.length;
  const published = mean((result) => result.published);
  report(
    'forecast.day1.mean.yesterday',
    mean((result) => result.yesterday),
    '% mean absolute error',
  );
  report('forecast.day1.mean.published', published, '% mean absolute error');
  report(
    'forecast.day1.mean',
    mean((result) => result.ours),
    '% mean absolute error',
    { atMost: published },
  );
  report(
    'forecast.issues',
    mean((result) => result.issues),
    'per zone',
  );
  report(
    'forecast.time',
    mean((result) => result.millis),
    'ms per forecast',
  );
}

await main();
