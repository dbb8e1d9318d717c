import {
  type CarbonProvider,
  createCarbonAwareSdkProvider,
  createElectricityMapsProvider,
  createEnergyChartsProvider,
  createPrometheusProvider,
  createUkCarbonIntensityProvider,
  createWattTimeProvider,
  GRAMS_PER_KWH_PER_POUND_PER_MWH,
  HOUR,
  type Instant,
  MINUTE,
  type Millis,
  parseInstant,
  SECOND,
  type VirtualClock,
  type ZoneCode,
} from '../../src/index.ts';

/** What a source answers with: documents in the shapes that its API documents, with places for a fault to reach into. */
export interface Answering {
  /** The value of an interval, as it is sent, in the source's unit. */
  value(grams: number): unknown;
  /** The zone that is echoed. */
  zone(zone: string): string;
  /** The time that is written for one. */
  time(at: Instant): Instant;
  /** Every point once, or twice with different values. */
  points<T>(points: readonly T[], again: (point: T) => T): readonly T[];
}

/** One HTTP source: its provider, and its API as a function from URL to document. */
export interface Source {
  readonly name: string;
  readonly zone: ZoneCode;
  create(clock: VirtualClock, fetch: typeof globalThis.fetch): CarbonProvider;
  answer(url: URL, now: Instant, how: Answering): unknown;
}

/** What the grid of every source does, in g/kWh: constant within an hour, no two hours of a day the same. */
export function truth(at: Instant): number {
  const hour = Math.floor(at / HOUR);
  return 300 + 40 * Math.sin((2 * Math.PI * (hour % 24)) / 24) + (hour % 24) / 8;
}

const iso = (at: Instant): string => new Date(at).toISOString();
const BASE = 'http://source.test';
const KEY = 'not-a-key';

/** Starts of the steps in [from, to). */
function steps(from: Instant, to: Instant, step: Millis): readonly Instant[] {
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.max(0, Math.ceil((to - first) / step)) }, (_, i) => first + i * step);
}

const instantOf = (text: string | null | undefined): Instant => parseInstant(text ?? '') ?? Number.NaN;

const electricityMaps: Source = {
  name: 'electricity-maps',
  zone: 'DE',
  create: (clock, fetch) => createElectricityMapsProvider({ token: KEY, baseUrl: BASE, clock, fetch }),
  answer(url, now, how) {
    const zone = how.zone(url.searchParams.get('zone') ?? '');
    const point = (at: Instant): object => ({
      zone,
      carbonIntensity: how.value(truth(at)),
      datetime: iso(how.time(at)),
      updatedAt: iso(now),
      createdAt: iso(at),
      emissionFactorType: url.searchParams.get('emissionFactorType'),
      isEstimated: false,
    });
    const list = (from: Instant, to: Instant): readonly object[] =>
      how.points(steps(from, to, HOUR).map(point), (each) => ({ ...each, carbonIntensity: how.value(90) }));
    const present = Math.floor(now / HOUR) * HOUR;
    if (url.pathname.endsWith('/latest')) return point(present);
    if (url.pathname.endsWith('/history')) return { zone, history: list(present - 24 * HOUR, present + 1) };
    return { zone, updatedAt: iso(now), forecast: list(present, present + 48 * HOUR) };
  },
};

const uk: Source = {
  name: 'uk-carbon-intensity',
  zone: 'GB',
  create: (clock, fetch) => createUkCarbonIntensityProvider({ baseUrl: BASE, clock, fetch }),
  answer(url, now, how) {
    const half = 30 * MINUTE;
    const text = (at: Instant): string => `${iso(at).slice(0, 16)}Z`;
    const [, , start, end] = url.pathname.split('/');
    const from = Number.isNaN(instantOf(start)) ? Math.floor(now / half) * half : instantOf(start);
    const to =
      end === 'fw48h' ? from + 48 * HOUR : Number.isNaN(instantOf(end)) ? from + half : instantOf(end);
    const row = (at: Instant, value: unknown): object => ({
      from: text(how.time(at)),
      to: text(how.time(at) + half),
      intensity: { forecast: value, actual: at + half <= now ? value : null, index: 'moderate' },
    });
    const rows = steps(from, to, half).map((at) => ({ at, value: how.value(truth(at)) }));
    return {
      data: how
        .points(rows, ({ at }) => ({ at, value: how.value(90) }))
        .map(({ at, value }) => row(at, value)),
    };
  },
};

const energyCharts: Source = {
  name: 'energy-charts',
  zone: 'DE',
  create: (clock, fetch) => createEnergyChartsProvider({ baseUrl: BASE, clock, fetch }),
  answer(url, now, how) {
    const slot = 15 * MINUTE;
    const from = instantOf(url.searchParams.get('start'));
    const to = instantOf(url.searchParams.get('end'));
    const rows = steps(from, to, slot).map((at) => ({ at, value: how.value(truth(at)) }));
    const all = how.points(rows, ({ at }) => ({ at, value: how.value(90) }));
    return {
      unix_seconds: all.map(({ at }) => how.time(at) / SECOND),
      co2eq: all.map(({ at, value }) => (at + slot <= now ? value : null)),
      co2eq_forecast: all.map(({ at, value }) => (at + slot > now ? value : null)),
      substitute: false,
      deprecated: false,
    };
  },
};

const wattTime: Source = {
  name: 'watttime',
  zone: 'US-CAL-CISO',
  create: (clock, fetch) =>
    createWattTimeProvider({
      username: 'someone',
      password: KEY,
      places: { 'US-CAL-CISO': { region: 'CAISO_NORTH' } },
      baseUrl: BASE,
      clock,
      fetch,
    }),
  answer(url, now, how) {
    if (url.pathname === '/login') return { token: 'a-token' };
    const step = 5 * MINUTE;
    const hours = Number(url.searchParams.get('horizon_hours') ?? Number.NaN);
    const ahead = url.pathname.endsWith('/forecast');
    const first = Math.floor(now / step) * step;
    const from = ahead ? first : instantOf(url.searchParams.get('start'));
    const to = ahead ? first + hours * HOUR + 1 : instantOf(url.searchParams.get('end'));
    const pounds = (grams: number): unknown => how.value(grams / GRAMS_PER_KWH_PER_POUND_PER_MWH);
    const rows = steps(from, to, step).map((at) => ({ at, value: pounds(truth(at)) }));
    return {
      data: how
        .points(rows, ({ at }) => ({ at, value: pounds(90) }))
        .map(({ at, value }) => ({ point_time: iso(how.time(at)), value })),
      meta: {
        region: how.zone(url.searchParams.get('region') ?? ''),
        signal_type: url.searchParams.get('signal_type'),
        units: 'lbs_co2_per_mwh',
        generated_at: iso(first),
        data_point_period_seconds: 300,
      },
    };
  },
};

const sdk: Source = {
  name: 'carbon-aware-sdk',
  zone: 'US-MIDA-PJM',
  create: (clock, fetch) =>
    createCarbonAwareSdkProvider({
      baseUrl: BASE,
      pair: { signal: 'marginal', basis: 'direct' },
      locations: { 'US-MIDA-PJM': { location: 'eastus', gridRegion: 'PJM_ROANOKE' } },
      clock,
      fetch,
    }),
  answer(url, now, how) {
    const step = 5 * MINUTE;
    const location = how.zone('PJM_ROANOKE');
    const ahead = url.pathname.endsWith('/forecasts/current');
    const first = Math.floor(now / step) * step;
    const from = ahead ? first : instantOf(url.searchParams.get('time'));
    const to = ahead ? first + 24 * HOUR : Math.min(instantOf(url.searchParams.get('toTime')), now);
    const rows = steps(from, to, step).map((at) => ({ at, value: how.value(truth(at)) }));
    const all = how.points(rows, ({ at }) => ({ at, value: how.value(90) }));
    if (!ahead) {
      return all.map(({ at, value }) => ({
        location,
        time: iso(how.time(at)),
        rating: value,
        duration: '00:05:00',
      }));
    }
    const forecastData = all.map(({ at, value }) => ({
      location,
      timestamp: iso(how.time(at)),
      duration: 5,
      value,
    }));
    return [
      { generatedAt: iso(first), requestedAt: iso(now), location: 'eastus', windowSize: 5, forecastData },
    ];
  },
};

const prometheus: Source = {
  name: 'prometheus',
  zone: 'DE',
  create: (clock, fetch) =>
    createPrometheusProvider({
      baseUrl: BASE,
      pair: { signal: 'average', basis: 'lifecycle' },
      queries: { DE: 'grid_intensity_carbon_average{location="DE"}' },
      clock,
      fetch,
    }),
  answer(url, now, how) {
    const number = (name: string): number => Number(url.searchParams.get(name)) * SECOND;
    const text = (value: unknown): unknown => (typeof value === 'number' ? String(value) : value);
    const range = url.pathname.endsWith('/query_range');
    const times = range
      ? steps(number('start'), number('end') + 1, number('step'))
      : steps(now - 6 * HOUR, now + 1, MINUTE);
    // The end of an hour tells its mean.
    const rows = times.map((at) => ({ at, value: text(how.value(truth(range ? at - HOUR : at))) }));
    const values = how
      .points(rows, ({ at }) => ({ at, value: text(how.value(90)) }))
      .map(({ at, value }) => [how.time(at) / SECOND, value]);
    const metric = { zone: how.zone('DE'), units: 'gCO2e per kWh', is_estimated: 'false' };
    return { status: 'success', data: { resultType: 'matrix', result: [{ metric, values }] } };
  },
};

export const SOURCES: readonly Source[] = [electricityMaps, uk, energyCharts, wattTime, sdk, prometheus];
