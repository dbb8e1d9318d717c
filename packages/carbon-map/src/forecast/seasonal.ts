/** Weight of a day against the day after it, and how many days count. */
const DAY_WEIGHT = 0.7;
const DAYS = 14;
/** How much of the newest error is expected to last for another hour. */
const PERSISTENCE = 0.96;

/*
 * The same hour of the days before, recent days counting more, plus the error that this makes right now, fading by the
 * hour: simple exponential smoothing per hour of day with a first-order autoregressive residual. The constants are one
 * set for all zones, the best of a grid on twelve zones and a year, walk-forward; the neighbours do as well within 2 %.
 */

/**
 * Tells the value expected for an hour `index` when hours up to but not including `known` are known;
 * NaN when the days before do not tell. Reads no value at or after `known`.
 */
export function seasonalModel(values: Float64Array, known: number): (index: number) => number {
  const newest = known - 1;
  const error = (values[newest] ?? Number.NaN) - sameHourBefore(values, newest, newest);
  const lasting = Number.isNaN(error) ? 0 : error;
  return (index) => sameHourBefore(values, known, index) + lasting * PERSISTENCE ** (index - newest);
}

function sameHourBefore(values: Float64Array, known: number, index: number): number {
  const daysBack = Math.max(1, Math.ceil((index - known + 1) / 24));
  let sum = 0;
  let weights = 0;
  let weight = 1;
  for (let day = daysBack; day < daysBack + DAYS; day++) {
    const value = values[index - 24 * day] ?? Number.NaN;
    if (!Number.isNaN(value)) {
      sum += weight * value;
      weights += weight;
    }
    weight *= DAY_WEIGHT;
  }
  return sum / weights;
}
