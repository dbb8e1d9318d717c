// Replans a fleet of units and compares the time with a bare value iteration of the same size in the same run.
// `npm run bench -- engine`. It runs in a process whose heap is limited as a container's would be: without a limit the
// runtime lets garbage lie rather than collect it, and the memory shows the machine's size instead of the work's.
import { spawnSync } from 'node:child_process';
import { report } from '../../../scripts/figure.ts';
import { decide } from '../src/engine/decide.ts';
import { pastForecast } from '../src/engine/forecast/past.ts';
import type { ClusterOption, PlacementProblem } from '../src/engine/problem.ts';

const HOUR = 3_600_000;
const AT = Date.UTC(2026, 0, 5, 12);
const PAST_DAYS = 30;
const WARM_UP = 3_000;
const ROUNDS = 7;

let state = 1;
/** The same numbers in every run. */
function random(): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return state / 2 ** 32;
}

function series(hours: number): Float64Array {
  const level = 100 + 400 * random();
  const phase = 24 * random();
  return Float64Array.from(
    { length: hours },
    (_, hour) => level * (1 + 0.3 * Math.sin((2 * Math.PI * (hour + phase)) / 24)) + 20 * random(),
  );
}

interface Size {
  readonly units: number;
  readonly classes: number;
  readonly clusters: number;
  readonly hours: number;
}

/** One list of options per class: locations, caps and prices differ between classes, never within one. */
function classesOf({ classes, clusters, hours }: Size): (readonly ClusterOption[])[] {
  const zones = Array.from({ length: clusters }, () => {
    const expected = series(hours + 1);
    const past = Array.from({ length: PAST_DAYS }, () => {
      const made = series(hours + 1);
      const drift = 10 * (random() - 0.5);
      const later = Array.from({ length: 6 }, (_, step) =>
        made.slice(step + 1).map((value) => value + drift),
      );
      return pastForecast(made, later);
    });
    return { expected, past };
  });
  return Array.from({ length: classes }, (_, which) =>
    zones.map(({ expected, past }, index) => ({
      name: `cluster-${String(index).padStart(3, '0')}`,
      zone: `Z${index}`,
      ready: true,
      allowed: which % 4 === 0 || (index + which) % 5 !== 0,
      avoid: false,
      gramsPerKwh: expected[0] ?? null,
      forecast: Array.from(expected, (gramsPerKwh, hour) => ({
        at: AT + hour * HOUR,
        gramsPerKwh,
        expectedError: null,
      })),
      pastForecasts: past,
      pricePerReplicaHour: 0.01 + 0.01 * random(),
      headroomReplicas: null,
      maxShare: which % 3 === 0 ? 0.6 : 1,
    })),
  );
}

function problems(size: Size): PlacementProblem[] {
  const classes = classesOf(size);
  const objectives = ['carbon', 'carbon', 'cost', 'blended'] as const;
  return Array.from({ length: size.units }, (_, unit) => {
    const which = unit % size.classes;
    const clusters = classes[which] ?? [];
    const current: Record<string, number> = {};
    for (let replica = 0; replica < 20; replica++) {
      const name = clusters[Math.floor(random() * clusters.length)]?.name ?? '';
      current[name] = (current[name] ?? 0) + 1;
    }
    return {
      unit: `shop/unit-${unit}`,
      at: AT,
      objective: objectives[which % objectives.length] ?? 'carbon',
      mapVersion: 1,
      pair: { signal: 'average', basis: 'lifecycle' },
      data: 'live',
      forecastResolution: HOUR,
      clusters,
      workloads: [{ key: `shop/unit-${unit}`, replicas: 20, uid: `${unit}`, current }],
      limits: {
        minReplicas: 0,
        maxStep: 0.25,
        minGain: 0.05,
        moveCost: (which % 2 === 0 ? 0.5 : 1) * HOUR,
        cooldown: HOUR,
        maxMovesPerDay: 3,
      },
      history: { lastMoveAt: null, movesLastDay: 0, movingTo: null },
      carbonPricePerKg: 0.1,
      wattsPerReplica: 100,
    };
  });
}

/** The least that any planner of this size does: for each unit, backwards over the hours, stay or go to the best. */
function bareValueIteration({ units, clusters, hours }: Size): number {
  const costs = Float64Array.from({ length: clusters * hours }, () => 100 + 400 * random());
  const values = new Float64Array(clusters);
  let check = 0;
  for (let unit = 0; unit < units; unit++) {
    values.fill(0);
    for (let hour = hours - 1; hour >= 0; hour--) {
      const offset = hour * clusters;
      let least = Number.POSITIVE_INFINITY;
      for (let cluster = 0; cluster < clusters; cluster++) {
        const arrived = (values[cluster] ?? 0) + 0.5 * (costs[offset + cluster] ?? 0);
        if (arrived < least) least = arrived;
      }
      for (let cluster = 0; cluster < clusters; cluster++) {
        const stay = values[cluster] ?? 0;
        values[cluster] = (costs[offset + cluster] ?? 0) + (stay < least ? stay : least);
      }
    }
    check += values[0] ?? 0;
  }
  return check;
}

/** Time of this process's own work: on a busy machine the clock on the wall measures the others. */
function milliseconds(work: () => unknown): number {
  const start = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

interface Round {
  readonly bareMs: number;
  readonly planMs: number;
  readonly moves: number;
  readonly readMsPerUnit: number;
}

/** One round of a controller's life: new data for every zone, all units planned, all decisions kept. */
function round(size: Size): Round {
  const all = problems(size);
  const bareMs = milliseconds(() => bareValueIteration(size));
  const decisions: ReturnType<typeof decide>[] = [];
  const planMs = milliseconds(() => {
    for (const problem of all) decisions.push(decide(problem));
  });
  const moves = decisions.filter((decision) => decision.outcome === 'move').length;
  const readMs = milliseconds(() =>
    decisions.slice(0, 100).map((decision) => decision.clusters.length + decision.text.length),
  );
  return { bareMs, planMs, moves, readMsPerUnit: readMs / 100 };
}

/** The median of some rounds: on a busy machine single ones stray. */
function measure(size: Size) {
  const rounds = Array.from({ length: ROUNDS }, () => round(size));
  const rssMb = process.memoryUsage().rss / 2 ** 20;
  const of = (what: (each: Round) => number) => median(rounds.map(what));
  return {
    ...size,
    bareMs: of((each) => each.bareMs),
    planMs: of((each) => each.planMs),
    ratio: of((each) => each.planMs / each.bareMs),
    worstRatio: Math.max(...rounds.map((each) => each.planMs / each.bareMs)),
    moves: rounds.at(-1)?.moves ?? 0,
    readMsPerUnit: of((each) => each.readMsPerUnit),
    rssMb,
  };
}

const base: Size = { units: 10_000, classes: 40, clusters: 50, hours: 24 };
const sizes: Readonly<Record<string, Size>> = {
  base,
  halfTheUnits: { ...base, units: 5_000 },
  twiceTheUnits: { ...base, units: 20_000 },
  halfTheClusters: { ...base, clusters: 25 },
  twiceTheClusters: { ...base, clusters: 100 },
  halfTheHorizon: { ...base, hours: 12 },
  twiceTheHorizon: { ...base, hours: 48 },
  allClassesDistinct: { ...base, units: 300, classes: 300 },
};

function main(): void {
  // A controller replans the same fleet for weeks: both sides are compiled before they are timed.
  round({ ...base, units: WARM_UP });
  round(base);
  for (const [name, size] of Object.entries(sizes)) {
    const seen = measure(size);
    const isBase = size === base;
    report(`engine.${name}.time`, seen.planMs, `ms CPU for ${size.units} units`);
    report(`engine.${name}.ratio`, seen.ratio, 'bare value iterations', isBase ? { atMost: 12 } : undefined);
    report(`engine.${name}.slowestRatio`, seen.worstRatio, `the slowest of ${ROUNDS} rounds`);
    report(`engine.${name}.moves`, seen.moves, 'units that move');
    report(`engine.${name}.evidence`, seen.readMsPerUnit, 'ms CPU to read that of one unit');
    report(`engine.${name}.memory`, seen.rssMb, 'MiB resident', isBase ? { atMost: 300 } : undefined);
  }
}

const HEAP_LIMIT = ['--max-semi-space-size=16', '--max-old-space-size=192'];
if (process.execArgv.includes(HEAP_LIMIT[0] ?? '')) main();
else {
  const args = [...process.execArgv, ...HEAP_LIMIT, ...process.argv.slice(1)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}
