import { hourlySeries, type Instant, type Reading } from '@windvane/carbon-map';

/** Hourly means of a zone's past, in gCO2eq per kWh; null where nothing is known. Hour i begins at `start + i * HOUR`. */
export interface HourlyHistory {
  readonly start: Instant;
  readonly values: readonly (number | null)[];
}

/** Hourly means from the first reading to the last, in hundredths of a gram; null without any. */
export function hourlyHistory(readings: readonly Reading[]): HourlyHistory | null {
  const [first] = readings;
  const last = readings.at(-1);
  if (first === undefined || last === undefined) return null;
  const { first: start, values } = hourlySeries(readings, first.validFrom, last.validFrom);
  return {
    start,
    values: Array.from(values, (value) => (Number.isNaN(value) ? null : Math.round(value * 100) / 100)),
  };
}
