import { POLICIES, type PolicyName, percentBelow, type SimulateResult } from './simulate.ts';
import { TEMPORAL_POLICIES, type TemporalPolicyName, type TemporalResult } from './temporal.ts';
import type { WorkloadsResult } from './workloads.ts';

const TITLES: Readonly<Record<PolicyName, string>> = {
  even: 'even split',
  bestStatic: 'best fixed split (hindsight)',
  greedy: 'greedy',
  hysteresis: 'hysteresis',
  windvane: 'windvane',
  optimum: 'optimum (knows the future)',
};

const BAR_WIDTH = 32;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
/** Below this saving of the optimum over the best fixed split, in percent, moving is hardly worth it. */
const LITTLE_TO_WIN = 3;

/** Table, bar chart and a verdict for people. */
export function renderSimulation(result: SimulateResult): string {
  const { clusters, hours, moveCostHours } = result;
  const names = clusters.map(({ name, zone }) => (name === zone ? name : `${name} (${zone})`)).join(', ');
  const head = [
    `${clusters.length} clusters: ${names}`,
    `${hours} hours; a move loses ${Math.round(moveCostHours * 60)} min of work`,
  ];
  return [...head, '', ...table(result), '', ...verdict(result)].join('\n');
}

const TEMPORAL_TITLES: Readonly<Record<TemporalPolicyName, string>> = {
  runNow: 'run at once',
  threshold: 'threshold (cleanest 30 %)',
  window: 'windvane window',
  optimum: 'optimum (knows the future)',
};

/** The same for jobs. */
export function renderTemporal(result: TemporalResult): string {
  const most = Math.max(1e-9, result.policies.runNow.gramsPerKwh);
  const rows = TEMPORAL_POLICIES.map((name) => {
    const { gramsPerKwh, savingPercent } = result.policies[name];
    return [
      TEMPORAL_TITLES[name],
      gramsPerKwh.toFixed(1),
      `${savingPercent.toFixed(1)} %`,
      bar(gramsPerKwh / most),
    ];
  });
  const captured = `Windvane takes ${(100 * result.captureRatio).toFixed(1)} % of what is possible.`;
  const head = `${result.jobs} jobs, ${result.late} late`;
  return [head, '', ...aligned([['policy', 'g/kWh', 'saves', ''], ...rows]), '', captured].join('\n');
}

/** Every workload's saving, and the carbon of all of them. */
export function renderWorkloads(result: WorkloadsResult): string {
  const rows = result.workloads.map(({ name, replicas, objective, policies }) => {
    const { gramsPerKwh, savingPercent, regretPercent, movesPerWeek } = policies.windvane;
    return [
      name,
      String(replicas),
      objective,
      policies.even.gramsPerKwh.toFixed(1),
      gramsPerKwh.toFixed(1),
      `${savingPercent.toFixed(1)} %`,
      `${regretPercent.toFixed(2)} %`,
      movesPerWeek.toFixed(1),
      bar(gramsPerKwh / Math.max(1e-9, policies.even.gramsPerKwh)),
    ];
  });
  const head = [
    'workload',
    'replicas',
    'objective',
    'even g/kWh',
    'windvane',
    'saves',
    'regret',
    'moves/week',
    '',
  ];
  const totals = POLICIES.map((name) => {
    const { kilograms, savingPercent } = result.policies[name];
    return [TITLES[name], kilograms.toFixed(1), `${savingPercent.toFixed(1)} %`, ''];
  });
  return [
    `${result.workloads.length} workloads over ${result.hours} hours`,
    '',
    ...aligned([head, ...rows]),
    '',
    ...aligned([['all together', 'kg CO2e', 'saves', ''], ...totals]),
  ].join('\n');
}

function table(result: SimulateResult): string[] {
  const reference = result.policies.even;
  const priced = reference.costPerHour !== undefined;
  const rows = POLICIES.map((name) => {
    const {
      gramsPerKwh,
      costPerHour = 0,
      savingPercent,
      regretPercent,
      movesPerWeek,
    } = result.policies[name];
    const part = priced ? costPerHour / (reference.costPerHour ?? 1) : gramsPerKwh / reference.gramsPerKwh;
    return [
      TITLES[name],
      ...(priced ? [costPerHour.toPrecision(4)] : []),
      gramsPerKwh.toFixed(1),
      `${savingPercent.toFixed(1)} %`,
      `${regretPercent.toFixed(2)} %`,
      movesPerWeek.toFixed(1),
      bar(Number.isFinite(part) ? part : 0),
    ];
  });
  const money = priced ? ['cost/h'] : [];
  return aligned([['policy', ...money, 'g/kWh', 'saves', 'regret', 'moves/week', ''], ...rows]);
}

/** Columns padded to their widest cell: the first and the last to the left, figures to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const leftAligned = column === 0 || column === row.length - 1;
        return leftAligned ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0);
      })
      .join('  ')
      .trimEnd(),
  );
}

function bar(part: number): string {
  const eighths = Math.round(Math.min(1.25, Math.max(0, part)) * BAR_WIDTH * 8);
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

function verdict({ policies, objective }: SimulateResult): string[] {
  const cost = (name: PolicyName) => policies[name].costPerHour ?? policies[name].gramsPerKwh;
  const best = cost('bestStatic');
  const toWin = percentBelow(cost('optimum'), best);
  const won = percentBelow(cost('windvane'), best);
  const lines = [
    `${objective === undefined ? 'Following the wind' : 'Moving'} saves ${won.toFixed(1)} % over the best fixed split; nobody could save more than ${toWin.toFixed(1)} %.`,
  ];
  if (toWin < LITTLE_TO_WIN) {
    lines.push('There is little to win by moving in this fleet: one good place is nearly always the best.');
  }
  if (objective !== undefined) {
    const carbon = percentBelow(policies.windvane.gramsPerKwh, policies.even.gramsPerKwh);
    lines.push(
      `Counted by ${objective}; its carbon is ${Math.abs(carbon).toFixed(1)} % ${carbon >= 0 ? 'below' : 'above'} the even split.`,
    );
  }
  return lines;
}
