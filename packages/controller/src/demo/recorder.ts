import { type Instant, trendOf, type ZoneCode } from '@windvane/carbon-map';
import type { FleetView } from '../api/fleet-view.ts';
import { createMoveCounter } from '../app/move-counter.ts';
import type { PlacementView } from '../planes/plane.ts';
import { type DemoWorkload, demoWorkloads } from './fleet.ts';
import { createObserver, type Happening, type Replicas, refusalText } from './happening.ts';
import { createLedger } from './ledger.ts';
import type { ClusterRow, Snapshot, WorkloadRow } from './snapshot.ts';

/** Watches the demo: adds up emissions, counts moves, and tells what happened. */
export interface Recorder {
  /** Takes note of this moment; called whenever everything is at rest. Returns what is new. */
  look(): readonly Happening[];
  snapshot(hour: number): Promise<Snapshot>;
}

export interface RecorderOptions {
  readonly fleet: FleetView;
  readonly zones: ReadonlyMap<string, ZoneCode>;
  /** Pods that run now, by cluster. */
  readonly running: (workload: DemoWorkload) => Replicas;
  readonly from: Instant;
  readonly hours: number;
  /** Where the numbers come from. */
  readonly source: string;
}

/** What one replica draws when its owner does not say. */
const WATTS_PER_REPLICA = 100;
/** How far back a trend without a forecast looks. */
const TREND_HISTORY = 6 * 3_600_000;

export function createRecorder(options: RecorderOptions): Recorder {
  const { fleet, zones, running } = options;
  const ledger = createLedger();
  const observer = createObserver();
  const newMoves = createMoveCounter(options.from);
  const happenings: Happening[] = [];
  let moves = 0;

  const intensity = (cluster: string): number | null => {
    const zone = zones.get(cluster);
    return zone === undefined ? null : (fleet.map()?.zones[zone]?.reading?.gramsPerKwh ?? null);
  };

  function placements(): readonly PlacementView[] {
    return fleet.planes().flatMap((plane) => plane.placements());
  }

  function placementOf(workload: DemoWorkload): PlacementView | undefined {
    return placements().find(
      ({ namespace, name }) => namespace === workload.namespace && name === workload.name,
    );
  }

  async function clusterRow(cluster: string, zone: ZoneCode): Promise<ClusterRow> {
    const map = fleet.map();
    const state = map?.zones[zone];
    if (map === null || state === undefined || state.reading === null) {
      return { name: cluster, zone, gramsPerKwh: null, trend: null };
    }
    const { validFrom, gramsPerKwh } = state.reading;
    const past =
      state.forecast === null
        ? await fleet.store.history(zone, map.pair, validFrom - TREND_HISTORY, validFrom)
        : [];
    return { name: cluster, zone, gramsPerKwh, trend: trendOf(state, fleet.now(), past) };
  }

  function workloadRow(workload: DemoWorkload): WorkloadRow {
    const { kind, namespace, name, about, clusters } = workload;
    const placement = placementOf(workload);
    return {
      namespace,
      name,
      kind,
      about,
      mode: placement?.mode ?? 'off',
      state: placement?.state ?? 'Pending',
      reason: placement?.reason ?? null,
      replicas: running(workload),
      candidates: clusters,
      refusal: placement?.state === 'Blocked' ? refusalText(placement) : null,
      emissions: ledger.total(new Set([keyOf(workload)])),
    };
  }

  return {
    look() {
      const at = fleet.now();
      ledger.enter(
        at,
        // A Job runs for a while only: there is no even split of it to compare with.
        demoWorkloads
          .filter(({ kind }) => kind !== 'Job')
          .map((workload) => ({
            key: keyOf(workload),
            replicas: running(workload),
            wanted: workload.replicas,
            candidates: workload.clusters,
            wattsPerReplica: WATTS_PER_REPLICA,
          })),
        intensity,
      );
      moves += newMoves(placements()).filter(({ move }) => move.result === 'completed').length;
      const fresh = demoWorkloads.flatMap((workload) => {
        const placement = placementOf(workload);
        return placement === undefined ? [] : observer.look(at, placement, running(workload));
      });
      happenings.push(...fresh);
      return fresh;
    },
    async snapshot(hour) {
      return {
        at: fleet.now(),
        hour,
        hours: options.hours,
        source: options.source,
        clusters: await Promise.all([...zones].map(([cluster, zone]) => clusterRow(cluster, zone))),
        workloads: demoWorkloads.map(workloadRow),
        happenings: happenings.slice(),
        moves,
        total: ledger.total(),
      };
    },
  };
}

function keyOf({ namespace, name }: DemoWorkload): string {
  return `${namespace}/${name}`;
}
