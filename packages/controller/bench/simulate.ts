// What a simulated year of twelve zones takes, as a ratio to reading its files in the same run.
// `npm run bench -- simulate [DAYS]`; reads ../shared/traces, or WINDVANE_TRACES.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { report } from '../../../scripts/figure.ts';
import { createFleet } from '../src/simulate/fleet.ts';
import { simulateFleet } from '../src/simulate/simulate.ts';
import { readForecasts, readIntensity } from '../src/simulate/traces.ts';

const folder = process.env['WINDVANE_TRACES'] ?? '../shared/traces';
const days = Number(process.argv[2] ?? 356);
const FROM = Date.UTC(2022, 0, 10) / 3_600_000;

/** Time of this process's own work. */
async function milliseconds<T>(
  work: () => T | Promise<T>,
): Promise<{ readonly ms: number; readonly made: T }> {
  const start = process.cpuUsage();
  const made = await work();
  const { user, system } = process.cpuUsage(start);
  return { ms: (user + system) / 1000, made };
}

async function main(): Promise<void> {
  const csv = join(folder, 'intensity.csv');
  if (!existsSync(csv)) {
    console.log(JSON.stringify({ name: 'simulate', skipped: `${csv} is absent` }));
    return;
  }
  const read = () => Promise.all([readIntensity(csv), readForecasts(join(folder, 'forecasts_48h.csv.gz'))]);
  // Both sides are compiled before they are timed.
  await read();
  const { ms: parseMs, made: files } = await milliseconds(read);
  const [traces, forecasts] = files;
  const fleetOver = (hours: number) =>
    createFleet({
      clusters: [...traces.keys()].map((zone) => ({ name: zone, zone })),
      traces,
      forecasts,
      from: FROM,
      to: FROM + hours,
      lag: 0,
      maxSharePercent: 100,
      moveHours: 0.5,
    });
  simulateFleet(fleetOver(48), {});
  const fleet = fleetOver(24 * days);
  const { ms } = await milliseconds(() => simulateFleet(fleet, {}));
  const hours = fleet.to - fleet.from;
  report('simulate.hours', hours, `h of ${fleet.clusters.length} zones`);
  report('simulate.reading', parseMs, 'ms CPU for the files');
  report('simulate.time', ms, 'ms CPU');
  report('simulate.timeOfHour', ms / hours, 'ms CPU');
  report('simulate.ratio', ms / parseMs, 'readings of the files');
}

await main();
