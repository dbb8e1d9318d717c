import { POLICIES, type PolicyName, type SimulateResult } from './simulate.ts';
import { TEMPORAL_POLICIES, type TemporalPolicyName, type TemporalResult } from './temporal.ts';

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

function table(result: SimulateResult): string[] {
  const rows = POLICIES.map((name) => {
    const { gramsPerKwh, savingPercent, regretPercent, movesPerWeek } = result.policies[name];
    return [
      TITLES[name],
      gramsPerKwh.toFixed(1),
      `${savingPercent.toFixed(1)} %`,
      `${regretPercent.toFixed(2)} %`,
      movesPerWeek.toFixed(1),
      bar(gramsPerKwh / Math.max(1e-9, result.policies.even.gramsPerKwh)),
    ];
  });
  return aligned([['policy', 'g/kWh', 'saves', 'regret', 'moves/week', ''], ...rows]);
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

function verdict({ policies }: SimulateResult): string[] {
  const best = policies.bestStatic.gramsPerKwh;
  const toWin = best > 0 ? (100 * (best - policies.optimum.gramsPerKwh)) / best : 0;
  const won = best > 0 ? (100 * (best - policies.windvane.gramsPerKwh)) / best : 0;
  const lines = [
    `Following the wind saves ${won.toFixed(1)} % over the best fixed split; nobody could save more than ${toWin.toFixed(1)} %.`,
  ];
  if (toWin < LITTLE_TO_WIN) {
    lines.push('There is little to win by moving in this fleet: one good place is nearly always the best.');
  }
  return lines;
}
