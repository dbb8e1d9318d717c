import {
  type CarbonMap,
  DAY,
  type Forecast,
  HOUR,
  type Instant,
  type MapStore,
  type Reading,
  rankZones,
  type Trend,
  trendOf,
  type ZoneCode,
  type ZoneData,
  type ZoneState,
} from '@windvane/carbon-map';
import type { FleetView } from './fleet-view.ts';

/** What a zone of the API is made from. Fields that cost a look into the history are read when they are asked for. */
export interface ZoneView {
  readonly id: ZoneCode;
  readonly name: string;
  readonly reading: Reading | null;
  readonly data: ZoneData | null;
  readonly forecast: Forecast | null;
  readonly rank: number | null;
  /** What the reading was taken from; null for a zone that the map does not hold. */
  readonly state: ZoneState | null;
}

/** How far back the history is searched for the reading that was valid at an instant. */
const LOOK_BACK = DAY;
/** What a trend without a forecast is judged by. */
const TREND_HISTORY = 6 * HOUR;

/** The zones of the map as they are now, in the order asked for. */
export function zonesNow(fleet: FleetView, codes: readonly ZoneCode[]): readonly ZoneView[] {
  const map = fleet.map();
  const ranks = map === null ? null : rankZones(map);
  return codes.map((code) => {
    const state = map?.zones[code] ?? null;
    return {
      id: code,
      name: state?.name ?? fleet.resolver.zoneName(code),
      reading: state?.reading ?? null,
      data: state?.data ?? null,
      forecast: state?.forecast ?? null,
      rank: ranks?.get(code) ?? null,
      state,
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
  const states: ZoneState[] = [];
  for (const { id, name, state } of zonesNow(fleet, codes)) {
    let reading: Reading | null = null;
    if (map !== null && state !== null) {
      reading = at > fleet.now() ? expectedReading(state, at) : await readingAt(fleet.store, map, id, at);
    }
    const data = reading === null ? null : qualityOf(reading);
    states.push({ zone: id, name, reading, data, forecast: state?.forecast ?? null });
  }
  if (map === null) return zonesNow(fleet, codes);
  const then: CarbonMap = {
    ...map,
    at,
    zones: Object.fromEntries(states.map((state) => [state.zone, state])),
  };
  return zonesNow({ ...fleet, map: () => then }, codes);
}

/** The zone's direction; the history speaks when there is no forecast. */
export async function zoneTrend(fleet: FleetView, view: ZoneView): Promise<Trend | null> {
  const map = fleet.map();
  if (view.state === null || view.reading === null || map === null) return null;
  const { validFrom } = view.reading;
  const past =
    view.forecast === null
      ? await fleet.store.history(view.id, map.pair, validFrom - TREND_HISTORY, validFrom)
      : [];
  return trendOf(view.state, fleet.now(), past);
}

/** Every zone that the map holds, in the order of their codes. */
export function allZones(map: CarbonMap | null): readonly ZoneCode[] {
  return Object.keys(map?.zones ?? {}).toSorted();
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
