import {
  type CarbonMap,
  combinedQuality,
  type DataQuality,
  type Forecast,
  type ForecastPoint,
  HOUR,
  type Instant,
  type LocationResolver,
  type Millis,
  underOldPair,
  type ZoneCode,
  type ZoneData,
} from '@windvane/carbon-map';
import type { ClusterOption } from '../../engine/problem.ts';
import type { ClusterPlace } from '../../optin/cluster.ts';
import type { UnitOptions } from '../../optin/options.ts';
import type { Outlook } from '../../outlook/outlook.ts';

/** What the intensity of a cluster is looked up in. */
export interface MapContext {
  readonly map: CarbonMap;
  readonly locations: LocationResolver;
  /** Yearly average of a zone (average, lifecycle), for `on-stale-data: baseline`; null when there is none. */
  readonly baselineGrams: (zone: ZoneCode) => number | null;
  /** What is expected beyond the map's own forecast, and prices. */
  readonly outlook: Outlook;
}

const NOTHING_AHEAD: readonly ForecastPoint[] = [];

/** Anything that stands somewhere. */
interface Placed {
  readonly place: ClusterPlace;
}

/** What is known of the carbon of a cluster's electricity, PUE included: now, and as far ahead as it is forecast. */
export function intensityOf(
  place: ClusterPlace,
  onStaleData: UnitOptions['onStaleData'],
  context: MapContext,
): Pick<ClusterOption, 'gramsPerKwh' | 'forecast' | 'pastForecasts' | 'oldPair'> {
  const { zone, pue, excluded } = place;
  const state = zone === null ? undefined : context.map.zones[zone];
  if (state === undefined || state.reading === null) return { gramsPerKwh: null, forecast: [] };
  if (state.data === 'stale') {
    // Yearly averages are in one pair, and numbers of two are never compared.
    const { signal, basis } = context.map.pair;
    const comparable = onStaleData === 'baseline' && signal === 'average' && basis === 'lifecycle';
    const baseline = comparable ? context.baselineGrams(state.zone) : null;
    return { gramsPerKwh: excluded !== null || baseline === null ? null : baseline * pue, forecast: [] };
  }
  const expectation = context.outlook.expectation(state.zone);
  const old = underOldPair(context.map, state.zone);
  return {
    gramsPerKwh: excluded !== null ? null : state.reading.gramsPerKwh * pue,
    forecast: ahead(expectation ?? state.forecast, context.map.at, pue),
    ...(expectation !== null && { pastForecasts: expectation.pastForecasts }),
    ...(old !== null && {
      oldPair: { ...old, gramsPerKwh: old.gramsPerKwh === null ? null : old.gramsPerKwh * pue },
    }),
  };
}

/** What was made of a forecast last: for which instant, and its points by PUE. */
const made = new WeakMap<
  object,
  { readonly at: Instant; readonly byPue: Map<number, readonly ForecastPoint[]> }
>();

/**
 * The part of a forecast that is not over, PUE included. Every unit of a hub asks for the same few zones, so that it is
 * made once for a version of the map.
 */
function ahead(
  forecast: Pick<Forecast, 'points' | 'resolution'> | null,
  at: Instant,
  pue: number,
): readonly ForecastPoint[] {
  if (forecast === null) return NOTHING_AHEAD;
  const known = made.get(forecast);
  const byPue = known?.at === at ? known.byPue : new Map<number, readonly ForecastPoint[]>();
  if (known?.at !== at) made.set(forecast, { at, byPue });
  const points =
    byPue.get(pue) ??
    forecast.points
      .filter((point) => point.at + forecast.resolution > at)
      .map((point) => ({
        at: point.at,
        gramsPerKwh: point.gramsPerKwh * pue,
        expectedError: point.expectedError === null ? null : point.expectedError * pue,
      }));
  byPue.set(pue, points);
  return points;
}

/** How good the numbers are that a decision over these clusters rests on. */
export function dataOf(clusters: Iterable<Placed>, { map }: Pick<MapContext, 'map'>): DataQuality {
  const states: ZoneData[] = [];
  for (const { place } of clusters) {
    const data = place.zone === null ? null : (map.zones[place.zone]?.data ?? null);
    if (data !== null) states.push(data);
  }
  return combinedQuality(states);
}

/** The finest resolution of the forecasts for these clusters; an hour without any. */
export function forecastResolution(clusters: Iterable<Placed>, { map }: Pick<MapContext, 'map'>): Millis {
  const resolutions = [...clusters]
    .map(({ place }) => (place.zone === null ? undefined : map.zones[place.zone]?.forecast?.resolution))
    .filter((resolution) => resolution !== undefined);
  return resolutions.length === 0 ? HOUR : Math.min(...resolutions);
}
