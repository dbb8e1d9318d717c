import type { Instant, Trend } from '@windvane/carbon-map';
import { savedPercent } from './ledger.ts';
import type { ClusterRow, Snapshot, WorkloadRow } from './snapshot.ts';

const ARROWS: Readonly<Record<Trend, string>> = { falling: '↘', steady: '→', rising: '↗' };
const NAME_WIDTH = 11;
const ZONE_WIDTH = 12;
const COLUMN_WIDTH = 11;
const MIN_BAR = 6;
const MAX_BAR = 40;
const RECENT = 5;

/**
 * The live picture, line by line: grids with intensity, bar, trend and the replicas that stand there; then each
 * workload with its present mean against an even split; then what happened last. No line is wider than `columns`.
 */
export function renderTable(snapshot: Snapshot, columns: number): readonly string[] {
  const { clusters } = snapshot;
  // A Job and a Placement stand whole in a few places: their lines below tell where.
  const workloads = snapshot.workloads.filter(({ kind }) => kind === 'Deployment');
  const fixed = 2 + NAME_WIDTH + ZONE_WIDTH + 6 + 3;
  const forColumns = Math.max(0, columns - fixed - MIN_BAR - 1);
  // Narrow terminals get narrower columns, never fewer: a workload that is not shown would be missed.
  const width = Math.max(4, Math.min(COLUMN_WIDTH, Math.floor(forColumns / Math.max(1, workloads.length))));
  const bar = Math.max(0, Math.min(MAX_BAR, columns - fixed - 1 - width * workloads.length));
  const most = Math.max(1, ...clusters.map((cluster) => cluster.gramsPerKwh ?? 0));
  const lines = [
    `Windvane demo   ${timeText(snapshot.at)}   hour ${snapshot.hour} of ${snapshot.hours}`,
    `Grid data: ${snapshot.source}`,
    '',
    `  ${'cluster'.padEnd(NAME_WIDTH)}${'zone'.padEnd(ZONE_WIDTH)}${'g/kWh'.padStart(6)}   ${' '.repeat(bar)} ${workloads
      .map((workload) => fit(workload.name, width - 1).padStart(width))
      .join('')}`,
    ...byIntensity(clusters).map((cluster) => clusterLine(cluster, workloads, most, bar, width)),
    '',
    ...snapshot.workloads.map(workloadLine(snapshot)),
    '',
    ...snapshot.happenings
      .slice(-RECENT)
      .map(({ at, workload, text }) => `  ${timeText(at).slice(11, 16)} ${workload}: ${text}`),
    ...Array.from({ length: Math.max(0, RECENT - snapshot.happenings.length) }, () => ''),
    '',
    `  So far: ${snapshot.moves} moves, ${gramsText(snapshot.total.evenGrams - snapshot.total.actualGrams)} of CO2e less than an even split (${percentText(savedPercent(snapshot.total))})`,
  ];
  return lines.map((line) => fit(line, columns));
}

function clusterLine(
  cluster: ClusterRow,
  workloads: readonly WorkloadRow[],
  most: number,
  bar: number,
  width: number,
): string {
  const grams = cluster.gramsPerKwh;
  const length = grams === null ? 0 : Math.max(1, Math.round((grams / most) * bar));
  const counts = workloads.map((workload) => {
    if (!workload.candidates.includes(cluster.name)) return '·'.padStart(width);
    return String(workload.replicas[cluster.name] ?? 0).padStart(width);
  });
  return [
    `  ${fit(cluster.name, NAME_WIDTH - 1).padEnd(NAME_WIDTH)}`,
    fit(cluster.zone, ZONE_WIDTH - 1).padEnd(ZONE_WIDTH),
    (grams === null ? '-' : String(Math.round(grams))).padStart(6),
    ` ${cluster.trend === null ? ' ' : ARROWS[cluster.trend]} `,
    '█'.repeat(Math.min(bar, length)).padEnd(bar),
    ' ',
    ...counts,
  ].join('');
}

function workloadLine(snapshot: Snapshot): (workload: WorkloadRow) => string {
  const grams = new Map(snapshot.clusters.map((cluster) => [cluster.name, cluster.gramsPerKwh]));
  return (workload) => {
    const name = `${workload.namespace}/${workload.name}`.padEnd(15);
    const state = workload.state.padEnd(10);
    if (workload.refusal !== null) return `  ${name} ${state} ${workload.reason ?? ''}: ${workload.about}`;
    const now = meanOf(workload.replicas, grams);
    const even = meanOf(Object.fromEntries(workload.candidates.map((cluster) => [cluster, 1])), grams);
    const numbers =
      now === null || even === null ? '' : `${Math.round(now)} g/kWh, even ${Math.round(even)}; `;
    const places = Object.keys(workload.replicas).sort().join(', ');
    if (workload.kind !== 'Deployment') {
      return `  ${name} ${state} ${places === '' ? '' : `in ${places}; `}${workload.about}`;
    }
    return `  ${name} ${state} ${numbers}${workload.about}`;
  };
}

/** Cleanest first, as a person looks for them; those without data last. */
function byIntensity(clusters: readonly ClusterRow[]): readonly ClusterRow[] {
  return clusters.toSorted(
    (a, b) =>
      (a.gramsPerKwh ?? Number.POSITIVE_INFINITY) - (b.gramsPerKwh ?? Number.POSITIVE_INFINITY) ||
      (a.name < b.name ? -1 : 1),
  );
}

function meanOf(
  replicas: Readonly<Record<string, number>>,
  grams: ReadonlyMap<string, number | null>,
): number | null {
  let sum = 0;
  let count = 0;
  for (const [cluster, running] of Object.entries(replicas)) {
    const intensity = grams.get(cluster);
    if (intensity === undefined || intensity === null) continue;
    sum += intensity * running;
    count += running;
  }
  return count === 0 ? null : sum / count;
}

/** `2026-06-01 13:00 UTC` */
export function timeText(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** `840 g` or `12.3 kg` */
export function gramsText(grams: number): string {
  return Math.abs(grams) < 1_000 ? `${Math.round(grams)} g` : `${(grams / 1_000).toFixed(1)} kg`;
}

export function percentText(percent: number): string {
  return `${percent.toFixed(1)} %`;
}

/** Cuts with a mark. Every character of the table is one column wide and one code unit long. */
function fit(text: string, width: number): string {
  if (text.length <= width) return text;
  return width <= 1 ? text.slice(0, width) : `${text.slice(0, width - 1)}…`;
}
