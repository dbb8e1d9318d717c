import {
  type Basis,
  type CarbonMap,
  HOUR,
  type Instant,
  type MapStore,
  type Millis,
  type Signal,
  startOfHour,
  type ZoneCode,
  type ZoneData,
  type ZoneState,
} from '@windvane/carbon-map';
import type { PlacementView } from '../planes/plane.ts';
import { type HourlyHistory, hourlyHistory } from './history.ts';

/** Everything that one cluster's scaler needs to decide for hours without the hub. */
export interface ScalerView {
  /** Of the map; 0 before the first. */
  readonly version: number;
  /** When that version was made. */
  readonly issuedAt: Instant;
  readonly frozen: boolean;
  readonly cluster: { readonly name: string; readonly zone: ZoneCode | null };
  readonly zones: readonly ScalerZone[];
  readonly shares: readonly ScalerShare[];
}

export interface ScalerZone {
  readonly id: ZoneCode;
  readonly name: string;
  /** Null when nothing is known of the zone. */
  readonly current: {
    readonly gramsPerKwh: number;
    readonly signal: Signal;
    readonly basis: Basis;
    readonly source: string;
    readonly estimated: boolean;
    readonly validFrom: Instant;
    readonly validTo: Instant;
    readonly fetchedAt: Instant;
    readonly data: ZoneData;
  } | null;
  readonly forecast: {
    readonly source: string;
    readonly issuedAt: Instant;
    readonly resolution: Millis;
    readonly points: readonly { readonly at: Instant; readonly gramsPerKwh: number }[];
  } | null;
  /** Null without any. */
  readonly history: HourlyHistory | null;
}

/** What this cluster shall have of a workload. */
interface ScalerShare {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
  /** 0..1 */
  readonly share: number;
  /** When it became 0; null when it is not, or when that is not known. */
  readonly since: Instant | null;
}

/** What the view is made from. */
export interface ViewSources {
  readonly map: CarbonMap | null;
  readonly now: Instant;
  readonly frozen: boolean;
  readonly store: Pick<MapStore, 'history'>;
  readonly zoneOf: (cluster: string) => ZoneCode | null;
  readonly placements: readonly PlacementView[];
}

/** How far the history of a view goes back: far enough to tell since when anything was held. */
const HISTORY: Millis = 30 * 24 * HOUR;

/**
 * The view of one cluster.
 * @param zones asked for besides the cluster's own; those that the map does not hold are left out
 */
export async function scalerView(
  { map, now, frozen, store, zoneOf, placements }: ViewSources,
  cluster: string,
  zones: readonly ZoneCode[],
): Promise<ScalerView> {
  const own = zoneOf(cluster);
  const wanted = [...new Set([...(own === null ? [] : [own]), ...zones])].toSorted();
  const known: ScalerZone[] = [];
  for (const id of map === null ? [] : wanted) {
    const state = map?.zones[id];
    if (map === null || state === undefined) continue;
    known.push(zoneView(state, await historyOf(store, map, id, now)));
  }
  return {
    version: map?.version ?? 0,
    issuedAt: map?.at ?? now,
    frozen,
    cluster: { name: cluster, zone: own },
    zones: known,
    shares: sharesOf(placements, cluster),
  };
}

function zoneView(
  { zone, name, reading, data, forecast }: ZoneState,
  history: HourlyHistory | null,
): ScalerZone {
  return {
    id: zone,
    name,
    current: reading === null ? null : { ...withoutZone(reading), data: data ?? 'stale' },
    forecast:
      forecast === null
        ? null
        : {
            source: forecast.source,
            issuedAt: forecast.issuedAt,
            resolution: forecast.resolution,
            points: forecast.points.map(({ at, gramsPerKwh }) => ({ at, gramsPerKwh })),
          },
    history,
  };
}

function withoutZone({
  gramsPerKwh,
  signal,
  basis,
  source,
  estimated,
  validFrom,
  validTo,
  fetchedAt,
}: NonNullable<ZoneState['reading']>): Omit<NonNullable<ScalerZone['current']>, 'data'> {
  return { gramsPerKwh, signal, basis, source, estimated, validFrom, validTo, fetchedAt };
}

async function historyOf(
  store: Pick<MapStore, 'history'>,
  map: CarbonMap,
  zone: ZoneCode,
  now: Instant,
): Promise<HourlyHistory | null> {
  return hourlyHistory(await store.history(zone, map.pair, startOfHour(now) - HISTORY, now));
}

/**
 * Shares of the workloads that Windvane places. A share of 0 is said only of what stands: while a step is under way a
 * cluster that comes first must not be held, and one that goes must not be emptied before the others have replicas.
 */
function sharesOf(placements: readonly PlacementView[], cluster: string): readonly ScalerShare[] {
  const shares: ScalerShare[] = [];
  for (const { namespace, name, kind, mode, state, split, moves } of placements) {
    const entry = split.find((each) => each.cluster === cluster);
    if (entry === undefined || mode !== 'act') continue;
    if (entry.share === 0 && state !== 'Steady') continue;
    const left =
      entry.share > 0
        ? undefined
        : moves.findLast(({ from, to }) => (from[cluster] ?? 0) > 0 && (to[cluster] ?? 0) === 0);
    const since = Date.parse(left?.finishedAt ?? left?.startedAt ?? '');
    shares.push({ namespace, name, kind, share: entry.share, since: Number.isNaN(since) ? null : since });
  }
  return shares.toSorted((a, b) => {
    const [left, right] = [a, b].map((each) => `${each.namespace}/${each.kind}/${each.name}`);
    return (left ?? '') < (right ?? '') ? -1 : 1;
  });
}
