// What the default limits cost, and what broken forecasts do, in points of regret on a year of recorded intensities.
// `npm run bench -- regret [production|forecasts] [US4|EU4|F10|MIX4]`; reads ../shared/traces, or WINDVANE_TRACES.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Bound, report } from '../../../scripts/figure.ts';
import { accountOf } from '../src/simulate/account.ts';
import { createFleet, type SimulatedFleet } from '../src/simulate/fleet.ts';
import { optimum } from '../src/simulate/optimum.ts';
import { hysteresis } from '../src/simulate/policies.ts';
import {
  type ForecastRuns,
  type IntensityTrace,
  readForecasts,
  readIntensity,
} from '../src/simulate/traces.ts';
import { type EngineProfile, idealProfile, productionProfile, windvane } from '../src/simulate/windvane.ts';

const US4 = ['US-MIDA-PJM', 'US-NW-PACW', 'US-TEX-ERCO', 'US-CAL-CISO'];
const EU4 = ['DE', 'GB', 'ES', 'NL'];
const FLEETS: Readonly<Record<string, readonly string[]>> = {
  US4,
  EU4,
  F10: [...US4, ...EU4, 'IN-MH', 'AU-NSW'],
  MIX4: ['US-MIDA-PJM', 'US-TEX-ERCO', 'DE', 'GB'],
};
const FROM = Date.UTC(2022, 0, 10) / 3_600_000;
const REPLICAS = 20;
const RUN_HOURS = 48;

const folder = process.env['WINDVANE_TRACES'] ?? '../shared/traces';
const [wanted = 'production', fleetName = 'US4'] = process.argv.slice(2);

/** A forecast of 48 hours every midnight. */
function daily(trace: IntensityTrace, valueAt: (hour: number, issued: number) => number): ForecastRuns {
  const runs = new Map<number, Float64Array>();
  for (let issued = Math.ceil(FROM / 24) * 24; issued < trace.first + trace.values.length; issued += 24) {
    runs.set(
      issued,
      Float64Array.from({ length: RUN_HOURS }, (_, ahead) => valueAt(issued + ahead, issued)),
    );
  }
  return runs;
}

function actual(trace: IntensityTrace, hour: number): number {
  const last = trace.values.length - 1;
  return trace.values[Math.min(last, Math.max(0, hour - trace.first))] ?? 0;
}

let state = 7;
/** The same numbers in every run. */
function random(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
}

const BROKEN: Readonly<Record<string, (trace: IntensityTrace) => ForecastRuns>> = {
  noise: (trace) => daily(trace, () => 800 * random()),
  constant: (trace) => daily(trace, () => 300),
  yesterday: (trace) => daily(trace, (hour, issued) => actual(trace, issued + ((hour - issued) % 24) - 24)),
  truthShifted12h: (trace) => daily(trace, (hour) => actual(trace, hour + 12)),
  truth: (trace) => daily(trace, (hour) => actual(trace, hour)),
};

function limitsLifted(base: EngineProfile): Record<string, EngineProfile> {
  const without = (lifted: Partial<EngineProfile['limits']>): EngineProfile => ({
    ...base,
    limits: { ...base.limits, ...lifted },
  });
  return {
    allDefaults: base,
    minReplicas0: without({ minReplicas: 0 }),
    maxStep100: without({ maxStep: 1 }),
    minGain0: without({ minGain: 0 }),
    cooldown0: without({ cooldown: 0 }),
    anyMovesPerDay: without({ maxMovesPerDay: Number.POSITIVE_INFINITY }),
  };
}

async function main(): Promise<void> {
  const zones = FLEETS[fleetName];
  if (zones === undefined || !['production', 'forecasts'].includes(wanted)) {
    throw new Error(`write production or forecasts and one of ${Object.keys(FLEETS).join(', ')}`);
  }
  const csv = join(folder, 'intensity.csv');
  if (!existsSync(csv)) {
    console.log(JSON.stringify({ name: 'regret', skipped: `${csv} is absent` }));
    return;
  }
  const traces = await readIntensity(csv);
  const fleetWith = (forecasts: ReadonlyMap<string, ForecastRuns>): SimulatedFleet =>
    createFleet({
      clusters: zones.map((zone) => ({ name: zone, zone })),
      traces,
      forecasts,
      from: FROM,
      to: null,
      lag: 0,
      maxSharePercent: 100,
      moveHours: 0.5,
    });
  const published = await readForecasts(join(folder, 'forecasts_48h.csv.gz'));
  const fleet = fleetWith(published);
  const least = accountOf(fleet, optimum(fleet)).gramsPerKwh;
  const regretOf = (grams: number): number => 100 * (grams / least - 1);
  const tell = (name: string, grams: number, bound?: Bound): void =>
    report(`regret.${fleetName}.${name}`, regretOf(grams), '%', bound);
  const simple = accountOf(fleet, hysteresis(fleet)).gramsPerKwh;
  tell('hysteresis', simple);
  tell('ideal', accountOf(fleet, windvane(fleet, idealProfile(fleet))).gramsPerKwh);
  if (wanted === 'production') {
    for (const [name, profile] of Object.entries(limitsLifted(productionProfile(fleet, REPLICAS)))) {
      tell(name, accountOf(fleet, windvane(fleet, profile)).gramsPerKwh);
    }
    return;
  }
  for (const [name, breakIt] of Object.entries(BROKEN)) {
    const forecasts = new Map(
      zones.flatMap((zone) => {
        const trace = traces.get(zone);
        return trace === undefined ? [] : [[zone, breakIt(trace)] as const];
      }),
    );
    const broken = fleetWith(forecasts);
    const atMost = name === 'truth' ? 0.05 : regretOf(simple) + 0.3;
    tell(name, accountOf(broken, windvane(broken, idealProfile(broken))).gramsPerKwh, { atMost });
  }
}

await main();
