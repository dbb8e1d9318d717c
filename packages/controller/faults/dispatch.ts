// Plays Jobs with mixed latest starts over recorded grids, with freezes, an outage, kills and restarts in between, and
// counts what went wrong. `npm run faults -- dispatch [--jobs 500] [--hours 72] [--from 2022-06-01T00:00Z] [--seed 1]`;
// reads ../shared/traces, or WINDVANE_TRACES.
import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createExpectations } from '../src/simulate/expectations.ts';
import { createFleet } from '../src/simulate/fleet.ts';
import { readForecasts, readIntensity } from '../src/simulate/traces.ts';
import { type Grids, playJobs } from '../test/planes/karmada/support/job-days.ts';
import { testServers } from '../test/planes/karmada/support/servers.ts';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '500' },
    hours: { type: 'string', default: '72' },
    from: { type: 'string', default: '2022-06-01T00:00Z' },
    seed: { type: 'string', default: '1' },
    zones: { type: 'string', default: 'US-MIDA-PJM,US-CAL-CISO,US-TEX-ERCO,US-NW-PACW,DE,GB,ES,NL' },
  },
});
const HOUR = 3_600_000;
const HORIZON = 48;
const folder = process.env['WINDVANE_TRACES'] ?? '../shared/traces';
if (!existsSync(folder))
  throw new Error(`${folder} is not there: recorded grids are no part of this repository`);

const traces = await readIntensity(`${folder}/intensity.csv`);
const forecasts = await readForecasts(`${folder}/forecasts_48h.csv.gz`);
const [firstZone = '', ...otherZones] = values.zones.split(',');
const zones: Grids['zones'] = [firstZone, ...otherZones];
const from = Date.parse(values.from) / HOUR;
const trace = (zone: string) => {
  const found = traces.get(zone);
  if (found === undefined) throw new Error(`no trace of ${zone}`);
  return found;
};
const fleet = createFleet({
  clusters: zones.map((zone) => ({ name: zone, zone })),
  traces,
  forecasts,
  from,
  to: from + Number(values.hours),
  lag: 0,
  maxSharePercent: 100,
  moveHours: 0,
});
const walk = createExpectations(fleet, HORIZON);
/** The walk goes forward only; what it told is kept. */
const told: (readonly (readonly number[])[])[] = [];
function expectedIn(hour: number): readonly (readonly number[])[] {
  while (told.length <= hour) {
    told.push(walk(from + told.length).map(({ forecast }) => forecast.map(({ gramsPerKwh }) => gramsPerKwh)));
  }
  return told[hour] ?? [];
}
const grids: Grids = {
  zones,
  grams: (zone, hour) => trace(zone).values[from + hour - trace(zone).first] ?? 0,
  expected: (zone, hour) => expectedIn(hour)[zones.indexOf(zone)] ?? [],
};

const [server] = testServers('dispatch');
if (server === undefined) throw new Error('there is always a sandbox');
const started = Date.now();
const result = await playJobs(server, {
  grids,
  jobs: Number(values.jobs),
  hours: Number(values.hours),
  seed: Number(values.seed),
});
for (const kind of ['late', 'astray', 'touched', 'early', 'outOfOrder'] as const) {
  for (const line of result[kind]) process.stdout.write(`${kind}: ${line}\n`);
}
const { grams } = result;
const less = (than: number): number => Math.round((1 - grams.windvane / than) * 1000) / 10;
process.stdout.write(
  `${JSON.stringify({
    ...result,
    late: result.late.length,
    astray: result.astray.length,
    touched: result.touched.length,
    early: result.early.length,
    outOfOrder: result.outOfOrder.length,
    savedPercent: less(grams.home),
    optimumPercent: Math.round((1 - grams.optimum / grams.home) * 1000) / 10,
    seconds: Math.round((Date.now() - started) / 1000),
  })}\n`,
);
process.exitCode = [result.late, result.astray, result.touched, result.early, result.outOfOrder].some(
  (list) => list.length > 0,
)
  ? 1
  : 0;
