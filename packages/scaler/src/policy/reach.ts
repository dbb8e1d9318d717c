import type { Millis } from '@windvane/carbon-map';
import { hourlyMeans } from '@windvane/controller/engine';
import type { Series } from './series.ts';

/** A target that the known past and future of a zone never reach. */
export interface NeverReached {
  /** Lowest mean over the window in what is known, in gCO2eq per kWh. */
  readonly lowest: number;
  /** The least whole target that would have let work run in at least 30 % of the known hours. */
  readonly suggestion: number;
  readonly hours: number;
}

/** Hours of history that must be known before anything is said. */
const ENOUGH_HOURS = 72;
const SHARE = 0.3;

/** Whether a target is out of reach; null when it is not, or when too little is known to tell. */
export function neverReached(series: Series, target: number, forecastWindow: Millis): NeverReached | null {
  if (series.observedHours < ENOUGH_HOURS) return null;
  const { values } = hourlyMeans(series.timeline, forecastWindow);
  let lowest = Infinity;
  for (const value of values) lowest = Math.min(lowest, value);
  if (lowest < target) return null;
  const sorted = values.toSorted();
  const last = sorted[Math.max(0, Math.ceil(SHARE * sorted.length) - 1)] ?? lowest;
  return { lowest, suggestion: Math.floor(last) + 1, hours: values.length };
}
