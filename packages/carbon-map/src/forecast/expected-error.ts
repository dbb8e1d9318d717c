import { seasonalModel } from './seasonal.ts';

/** Hours between two trial forecasts: no divisor of a day, so that every hour of the day is tried. */
const STRIDE = 11;
/** How far back trials go, in hours: recent weather says most about the coming one. */
const REACH = 14 * 24;
/** Leads on each side that share their errors, so that few trials still make a smooth curve. */
const SHARED = 2;

/**
 * Mean absolute error of the seasonal forecast by lead (index 0: the first unknown hour), in gCO2eq per kWh, from trial
 * forecasts of hours that are known by now, each made with what was known before it. Null for leads never tried.
 */
export function expectedErrors(
  values: Float64Array,
  known: number,
  leads: number,
): readonly (number | null)[] {
  const sums = new Float64Array(leads);
  const counts = new Float64Array(leads);
  // The first day has no day before it to go by.
  for (let issue = known - 1; issue > Math.max(24, known - REACH); issue -= STRIDE) {
    const expected = seasonalModel(values, issue);
    for (let lead = 0; lead < leads && issue + lead < known; lead++) {
      const error = Math.abs((values[issue + lead] ?? Number.NaN) - expected(issue + lead));
      if (Number.isNaN(error)) continue;
      sums[lead] = (sums[lead] ?? 0) + error;
      counts[lead] = (counts[lead] ?? 0) + 1;
    }
  }
  return Array.from({ length: leads }, (_, lead) => {
    const near = [Math.max(0, lead - SHARED), lead + SHARED + 1] as const;
    const count = counts.slice(...near).reduce((a, b) => a + b, 0);
    return count === 0 ? null : sums.slice(...near).reduce((a, b) => a + b, 0) / count;
  });
}
