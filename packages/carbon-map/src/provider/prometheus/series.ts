import { GRAMS_PER_KWH_PER_POUND_PER_MWH, type ZoneCode } from '../../model/reading.ts';
import { HOUR, type Instant, type Millis, SECOND, startOfHour } from '../../model/time.ts';
import type { Slot } from '../hourly.ts';
import { ProviderError } from '../provider.ts';
import type { Series } from './payload.ts';

/** Unit of a series that carries no label `units`. */
export type PrometheusUnit = 'gCO2e per kWh' | 'lbCO2e per MWh';

/** One series, its unit and origin made sure of. */
export interface CarbonSeries {
  readonly samples: Series['samples'];
  readonly gramsPerUnit: number;
  readonly estimated: boolean;
}

/** How many g/kWh one of each unit is, as grid-intensity-go writes them in the label `units`. */
const GRAMS_PER_UNIT: Readonly<Record<string, number>> = {
  'gCO2e per kWh': 1,
  'gCO2 per kWh': 1,
  'lbCO2e per MWh': GRAMS_PER_KWH_PER_POUND_PER_MWH,
};

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * The one series that a query is about. Two are told apart only by `is_estimated`, as grid-intensity-go exports its newest
 * estimate beside its newest measurement: the newer one counts, the measured one of two as new.
 * Throws {@link ProviderError}: `no-data` for none, `bad-payload` for several, another zone's or another unit's.
 */
export function oneSeries(
  provider: string,
  all: readonly Series[],
  zone: ZoneCode,
  unit: PrometheusUnit,
): CarbonSeries {
  const some = all
    .filter(({ samples }) => samples.length > 0)
    .map((series) => ({ newest: newestTime(series), series: checkedSeries(provider, series, zone, unit) }))
    .sort((a, b) => b.newest - a.newest || Number(a.series.estimated) - Number(b.series.estimated));
  const [first, second, third] = some;
  if (first === undefined) {
    throw new ProviderError('no-data', provider, `the query for ${zone} finds no sample`);
  }
  if (third !== undefined || (second !== undefined && first.series.estimated === second.series.estimated)) {
    const remedy = 'narrow its labels, or put max() around it';
    throw new ProviderError('bad-payload', provider, `the query for ${zone} finds several series: ${remedy}`);
  }
  return first.series;
}

function checkedSeries(
  provider: string,
  { metric, samples }: Series,
  zone: ZoneCode,
  unit: PrometheusUnit,
): CarbonSeries {
  if ((metric['zone'] ?? zone) !== zone) {
    const remedy = 'if its label zone means something else, put max without (zone) around it';
    throw new ProviderError(
      'bad-payload',
      provider,
      `the query for ${zone} finds a series of another zone: ${remedy}`,
    );
  }
  const units = metric['units'] ?? unit;
  const gramsPerUnit = GRAMS_PER_UNIT[units];
  if (gramsPerUnit === undefined) {
    const why =
      units === 'percent'
        ? 'is a percentage, which says nothing between regions; query the average or the marginal metric'
        : `has an unknown label units; known are ${Object.keys(GRAMS_PER_UNIT).join(', ')}`;
    throw new ProviderError('bad-payload', provider, `the series for ${zone} ${why}`);
  }
  // What is not called measured may still be revised.
  return { samples, gramsPerUnit, estimated: metric['is_estimated'] !== 'false' };
}

function newestTime({ samples }: Series): number {
  return Math.max(...samples.map(([time]) => time));
}

/** A sample's text as a number; anything else is left to the gate for numbers to name. */
export function sampleValue(value: unknown): unknown {
  if (typeof value !== 'string') return null;
  return NUMBER.test(value) ? Number(value) : Number.NaN;
}

/** When a sample was taken. */
export function sampleTime(seconds: number): Instant {
  return Math.round(seconds * SECOND);
}

/** Slots of raw samples: each holds until the next, for an hour at most, the last one for `hold`. */
export function slotsOfSamples(samples: Series['samples'], hold: Millis): readonly Slot[] {
  const sorted = samples
    .map(([seconds, value]) => ({ from: sampleTime(seconds), value }))
    .sort((a, b) => a.from - b.from);
  return sorted.map(({ from, value }, i) => {
    const next = sorted.slice(i + 1).find((later) => later.from > from)?.from;
    const end = next === undefined ? from + hold : Math.min(next, from + HOUR);
    return { from, to: Math.min(end, startOfHour(from) + HOUR), value };
  });
}
