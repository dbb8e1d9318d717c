import type { ZoneCode } from '@windvane/carbon-map';
import type { EffectiveMode, PlacementReason, PlacementState } from '../status/carbon-placement.ts';
import { savedPercent } from './ledger.ts';
import type { Snapshot } from './snapshot.ts';
import { gramsText, percentText } from './table.ts';

/** The machine's form of the summary: the last line of `--json`. */
export interface DemoSummary {
  readonly hours: number;
  readonly moves: number;
  /** Workloads that are blocked. */
  readonly refused: number;
  /** Against the even split over the same clusters, all workloads together; one decimal. */
  readonly savedPercent: number;
  readonly clusters: readonly { readonly name: string; readonly zone: ZoneCode }[];
  readonly workloads: readonly {
    readonly namespace: string;
    readonly name: string;
    readonly kind: string;
    readonly mode: EffectiveMode;
    readonly state: PlacementState;
    readonly reason: PlacementReason | null;
    readonly split: readonly { readonly cluster: string; readonly replicas: number }[];
  }[];
}

export function summaryOf(snapshot: Snapshot): DemoSummary {
  return {
    hours: snapshot.hours,
    moves: snapshot.moves,
    refused: snapshot.workloads.filter(({ state }) => state === 'Blocked').length,
    savedPercent: Math.round(savedPercent(snapshot.total) * 10) / 10,
    clusters: snapshot.clusters.map(({ name, zone }) => ({ name, zone })),
    workloads: snapshot.workloads.map(({ namespace, name, kind, mode, state, reason, replicas }) => ({
      namespace,
      name,
      kind,
      mode,
      state,
      reason,
      split: Object.entries(replicas)
        .filter(([, count]) => count > 0)
        .map(([cluster, count]) => ({ cluster, replicas: count }))
        .toSorted((a, b) => (a.cluster < b.cluster ? -1 : 1)),
    })),
  };
}

/** The same for people. */
export function summaryLines(snapshot: Snapshot): readonly string[] {
  const { total } = snapshot;
  const free = snapshot.workloads.filter(
    ({ refusal, mode, kind }) => refusal === null && mode === 'act' && kind !== 'Job',
  );
  const moved = free.reduce(
    (sum, { emissions }) => ({
      actualGrams: sum.actualGrams + emissions.actualGrams,
      evenGrams: sum.evenGrams + emissions.evenGrams,
    }),
    { actualGrams: 0, evenGrams: 0 },
  );
  return [
    '',
    `${snapshot.hours} hours on ${snapshot.source}: ${snapshot.moves} moves.`,
    `Saved ${gramsText(total.evenGrams - total.actualGrams)} of ${gramsText(total.evenGrams)} CO2e against an even split over the same clusters (${percentText(savedPercent(total))}), at 100 W per replica (assumed).`,
    `Of the ${free.length} workloads that it may move alone: ${percentText(savedPercent(moved))}.`,
    ...snapshot.workloads.map((workload) => {
      const name = `  ${workload.namespace}/${workload.name}`.padEnd(18);
      if (workload.refusal !== null) return `${name} left alone. ${workload.refusal}`;
      if (workload.kind === 'Job') return `${name} ${jobText(workload)}`;
      if (workload.mode !== 'act') return `${name} observed; nothing was written.`;
      return `${name} ${percentText(savedPercent(workload.emissions))} less; now ${splitText(workload.replicas)}`;
    }),
  ];
}

function jobText({ state, replicas }: Snapshot['workloads'][number]): string {
  if (state === 'Waiting') return 'a Job that still waits for a clean hour.';
  return state === 'Done'
    ? 'a Job that was started once, and is done.'
    : `a Job, started once; runs in ${splitText(replicas)}`;
}

function splitText(replicas: Readonly<Record<string, number>>): string {
  return Object.entries(replicas)
    .filter(([, count]) => count > 0)
    .toSorted(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([cluster, count]) => `${cluster} ${count}`)
    .join(', ');
}
