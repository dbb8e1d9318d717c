import {
  type CarbonMap,
  DAY,
  type Forecast,
  type Instant,
  type MapStore,
  type Reading,
  type ZoneCode,
  type ZoneData,
  type ZoneState,
} from '@windvane/carbon-map';
import { type Trend, trendOf } from '../app/trend.ts';
import type { FleetView } from './fleet-view.ts';

/** What a zone of the API is made from. Fields that cost a look into the history are read when they are asked for. */
export interface ZoneView {
  readonly id: ZoneCode;
  readonly name: string;
  readonly reading: Reading | null;
  readonly data: ZoneData | null;
  readonly forecast: Forecast | null;
  readonly rank: number | null;
}

/** How far back the history is searched for the reading that was valid at an instant. */
const LOOK_BACK = DAY;

/** The zones of the map as they are now, in the order asked for. */
export function zonesNow(fleet: FleetView, codes: readonly ZoneCode[]): readonly ZoneView[] {
  const ranks = ranksOf(fleet.map());
  return codes.map((code) => {
    const state = fleet.map()?.zones[code];
    return {
      id: code,
      name: state?.name ?? fleet.resolver.zoneName(code),
      reading: state?.reading ?? null,
      data: state?.data ?? null,
      forecast: state?.forecast ?? null,
      rank: ranks.get(code) ?? null,
    };
  });
}

/** The zones as they were at `at` (by the history), or as they are expected to be (by the forecasts). */
export async function zonesAt(
  fleet: FleetView,
  codes: readonly ZoneCode[],
  at: Instant,
): Promise<readonly ZoneView[]> {
  const map = fleet.map();
  const views: ZoneView[] = [];
  for (const view of zonesNow(fleet, codes)) {
    const state = map?.zones[view.id];
    const reading =
      map === null || state === undefined
        ? null
        : at > fleet.now()
          ? expectedReading(state, at)
          : await readingAt(fleet.store, map, view.id, at);
    views.push({ ...view, reading, data: reading === null ? null : qualityOf(reading), rank: null });
  }
  const ranked = rank(
    views.map((view) => ({ zone: view.id, gramsPerKwh: view.reading?.gramsPerKwh ?? null })),
  );
  return views.map((view) => ({ ...view, rank: ranked.get(view.id) ?? null }));
}

/** The zone's direction; the history speaks when there is no forecast. */
export async function zoneTrend(fleet: FleetView, view: ZoneView): Promise<Trend | null> {
  const map = fleet.map();
  if (view.reading === null || map === null) return null;
  if (view.forecast !== null) return trendOf(view.reading, view.forecast, null);
  const before = await readingAt(fleet.store, map, view.id, view.reading.validFrom - 1);
  return trendOf(view.reading, null, before?.gramsPerKwh ?? null);
}

/** Every zone that the map holds, in the order of their codes. */
export function allZones(map: CarbonMap | null): readonly ZoneCode[] {
  return Object.keys(map?.zones ?? {}).toSorted();
}

function ranksOf(map: CarbonMap | null): ReadonlyMap<ZoneCode, number> {
  return rank(
    Object.values(map?.zones ?? {}).map((state) => ({
      zone: state.zone,
      gramsPerKwh: state.reading?.gramsPerKwh ?? null,
    })),
  );
}

function rank(
  zones: readonly { zone: ZoneCode; gramsPerKwh: number | null }[],
): ReadonlyMap<ZoneCode, number> {
  const known = zones.flatMap(({ zone, gramsPerKwh }) =>
    gramsPerKwh === null ? [] : [{ zone, gramsPerKwh }],
  );
  known.sort((a, b) => a.gramsPerKwh - b.gramsPerKwh || (a.zone < b.zone ? -1 : 1));
  return new Map(known.map(({ zone }, index) => [zone, index + 1]));
}

function expectedReading(state: ZoneState, at: Instant): Reading | null {
  const { forecast } = state;
  if (forecast === null) return null;
  const point = forecast.points.find(({ at: start }) => start <= at && at < start + forecast.resolution);
  if (point === undefined) return null;
  return {
    zone: state.zone,
    gramsPerKwh: point.gramsPerKwh,
    signal: forecast.signal,
    basis: forecast.basis,
    source: forecast.source,
    estimated: true,
    validFrom: point.at,
    validTo: point.at + forecast.resolution,
    fetchedAt: forecast.issuedAt,
  };
}

async function readingAt(
  store: Pick<MapStore, 'history'>,
  map: CarbonMap,
  zone: ZoneCode,
  at: Instant,
): Promise<Reading | null> {
  const past = await store.history(zone, map.pair, at - LOOK_BACK, at + 1);
  return past.findLast((reading) => reading.validFrom <= at && at < reading.validTo) ?? null;
}

function qualityOf(reading: Reading): ZoneData {
  return reading.source === 'baseline' ? 'baseline' : 'live';
}
