import type { ClusterRow, Snapshot, WorkloadRow } from '../../src/demo/snapshot.ts';

export const NOON = Date.UTC(2026, 5, 1, 12);

export function cluster(
  name: string,
  gramsPerKwh: number | null,
  more: Partial<ClusterRow> = {},
): ClusterRow {
  return { name, zone: name.slice(0, 2).toUpperCase(), gramsPerKwh, trend: 'steady', ...more };
}

export function workload(name: string, more: Partial<WorkloadRow> = {}): WorkloadRow {
  return {
    namespace: 'media',
    name,
    kind: 'Deployment',
    about: 'goes anywhere',
    mode: 'act',
    state: 'Steady',
    reason: null,
    replicas: { paris: 3, madrid: 1 },
    candidates: ['madrid', 'paris', 'sydney'],
    refusal: null,
    emissions: { actualGrams: 750, evenGrams: 1_000 },
    ...more,
  };
}

const refused: WorkloadRow = workload('pay', {
  namespace: 'shop',
  about: 'has to stay near its users',
  state: 'Blocked',
  reason: 'RealTime',
  replicas: { paris: 1, madrid: 1, sydney: 1 },
  refusal: 'RealTime: it stays near its users; set flexible to let it move',
  emissions: { actualGrams: 1_000, evenGrams: 1_000 },
});

export function snapshot(more: Partial<Snapshot> = {}): Snapshot {
  return {
    at: NOON,
    hour: 12,
    hours: 72,
    source: 'made-up days',
    clusters: [
      cluster('sydney', 500, { trend: 'rising' }),
      cluster('paris', 50, { trend: 'falling' }),
      cluster('madrid', 150),
    ],
    workloads: [workload('render'), refused],
    happenings: [{ at: NOON, workload: 'media/render', text: '+2 paris, -2 sydney', detail: null }],
    moves: 3,
    total: { actualGrams: 1_750, evenGrams: 2_000 },
    ...more,
  };
}
