import {
  type CarbonProvider,
  createBaselineProvider,
  HOUR,
  type Instant,
  type Reading,
  startOfHour,
  type ZoneCode,
} from '@windvane/carbon-map';

/** How a grid's day looks. All parts are relative to its yearly average. */
interface Shape {
  /** Hours from UTC to local solar time. */
  readonly solarOffset: number;
  /** How far midday sun lowers the intensity. */
  readonly sun: number;
  /** How far wind raises and lowers it over a day or two. */
  readonly wind: number;
  /** How far the evening peak raises it. */
  readonly evening: number;
}

/** Rough characters of well-known grids: sunny, windy, nuclear, or neither. Others get the middle. */
const SHAPES: Readonly<Record<ZoneCode, Shape>> = {
  DE: { solarOffset: 1, sun: 0.3, wind: 0.3, evening: 0.08 },
  ES: { solarOffset: 0, sun: 0.42, wind: 0.22, evening: 0.1 },
  FR: { solarOffset: 0, sun: 0.12, wind: 0.14, evening: 0.12 },
  GB: { solarOffset: 0, sun: 0.12, wind: 0.5, evening: 0.1 },
  NL: { solarOffset: 0, sun: 0.3, wind: 0.34, evening: 0.08 },
  'AU-NSW': { solarOffset: 10, sun: 0.34, wind: 0.06, evening: 0.08 },
  'US-CAL-CISO': { solarOffset: -8, sun: 0.5, wind: 0.08, evening: 0.16 },
};
const MIDDLE: Shape = { solarOffset: 0, sun: 0.2, wind: 0.15, evening: 0.08 };

/** Mean of {@link sunlight} over a day, so that the shape leaves the yearly average where it is. */
const MEAN_SUNLIGHT = 1 / Math.PI;

/**
 * Made-up days for the demo: each zone's real yearly average, shaped by sun, wind and the evening peak. The same
 * instant always gives the same number. The forecast is the shape itself with an error that grows to about 10 %.
 */
export function createSyntheticDay(): CarbonProvider {
  const yearly = createBaselineProvider();
  const name = 'synthetic';

  async function reading(zone: ZoneCode, hour: Instant, fetchedAt: Instant): Promise<Reading> {
    const average = await yearly.latest(zone, hour);
    const gramsPerKwh = rounded(average.gramsPerKwh * shapeAt(zone, hour));
    return { ...average, source: name, gramsPerKwh, estimated: true, fetchedAt };
  }

  return {
    name,
    pair: yearly.pair,
    countsAsFresh: true,
    covers: (zone) => yearly.covers(zone),
    latest: (zone, at) => reading(zone, startOfHour(at), at),
    async forecast(zone, at, horizon) {
      const issuedAt = startOfHour(at);
      const points = [];
      for (let hour = issuedAt; hour < at + horizon; hour += HOUR) {
        const { gramsPerKwh } = await reading(zone, hour, at);
        const relative = errorAt(zone, issuedAt, (hour - issuedAt) / HOUR);
        points.push({
          at: hour,
          gramsPerKwh: rounded(gramsPerKwh * (1 + relative)),
          expectedError: rounded(gramsPerKwh * 0.1),
        });
      }
      return { zone, ...yearly.pair, source: name, issuedAt, resolution: HOUR, points };
    },
    async history(zone, from, to) {
      const readings = [];
      for (let hour = startOfHour(from); hour < to; hour += HOUR) {
        if (hour >= from) readings.push(await reading(zone, hour, hour));
      }
      return readings;
    },
  };
}

/** Factor on the yearly average; its mean over long times is 1. */
function shapeAt(zone: ZoneCode, at: Instant): number {
  const shape = SHAPES[zone] ?? MIDDLE;
  const hours = at / HOUR;
  const local = (((hours + shape.solarOffset) % 24) + 24) % 24;
  const sun = MEAN_SUNLIGHT - sunlight(local);
  const phase = phaseOf(zone);
  // Two waves whose lengths share no day: no two days are alike.
  const wind = 0.6 * wave(hours / 31 + phase) + 0.4 * wave(hours / 47 + 2.7 * phase);
  const evening = Math.cos(((local - 19) / 12) * Math.PI);
  return Math.max(0.15, 1 + shape.sun * sun + shape.wind * wind + shape.evening * evening);
}

function errorAt(zone: ZoneCode, issuedAt: Instant, hoursAhead: number): number {
  const size = 0.1 * (1 - Math.exp(-hoursAhead / 12));
  return size * wave(hoursAhead / 19 + phaseOf(zone) + issuedAt / HOUR / 61);
}

/** 0 at night, 1 at noon. */
function sunlight(localHour: number): number {
  return Math.max(0, Math.sin(((localHour - 6) / 12) * Math.PI));
}

function wave(turns: number): number {
  return Math.sin(turns * 2 * Math.PI);
}

/** 0..1, from the zone's name alone. */
function phaseOf(zone: ZoneCode): number {
  let sum = 0;
  for (const letter of zone) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 997;
  return sum / 997;
}

function rounded(grams: number): number {
  return Math.round(grams * 10) / 10;
}
