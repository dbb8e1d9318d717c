import type { Forecast, ForecastPoint } from '../model/reading.ts';
import { HOUR, type Millis } from '../model/time.ts';

/**
 * One forecast of a provider's and ours: each point weighted by the inverse square of its expected error, which is the
 * best weighting of independent errors. Until the provider's error is known its value stands as it is, under the error
 * expected of ours, as it would not be published if it were worse. Ours goes on where the provider's ends.
 * @param errorAt tracked error of the provider by lead from now
 */
export function blendForecasts(
  theirs: Forecast,
  ours: Forecast | null,
  errorAt: (lead: Millis) => number | null,
): Forecast {
  if (ours === null || theirs.resolution !== HOUR) {
    return {
      ...theirs,
      points: theirs.points.map((point) => withError(point, errorAt(point.at - theirs.issuedAt))),
    };
  }
  const own = new Map(ours.points.map((point) => [point.at, point]));
  const points = theirs.points.map((point) => {
    const error = errorAt(point.at - ours.issuedAt) ?? point.expectedError;
    return blendPoint(withError(point, error), own.get(point.at));
  });
  const end = points.at(-1)?.at ?? -Infinity;
  const rest = ours.points.filter((point) => point.at > end);
  // Only what joins on without a gap may follow.
  const joined = rest[0]?.at === end + HOUR ? [...points, ...rest] : points;
  return { ...theirs, source: `${theirs.source}+${ours.source}`, points: joined };
}

function withError(point: ForecastPoint, error: number | null): ForecastPoint {
  return { ...point, expectedError: error ?? point.expectedError };
}

function blendPoint(theirs: ForecastPoint, ours: ForecastPoint | undefined): ForecastPoint {
  if (ours === undefined || ours.expectedError === null) return theirs;
  // An hour that was observed is not forecast any more.
  if (ours.expectedError === 0) return ours;
  if (theirs.expectedError === null) return { ...theirs, expectedError: ours.expectedError };
  const a = Math.max(theirs.expectedError, 0.1) ** -2;
  const b = Math.max(ours.expectedError, 0.1) ** -2;
  return {
    at: theirs.at,
    gramsPerKwh: (a * theirs.gramsPerKwh + b * ours.gramsPerKwh) / (a + b),
    // Errors of one grid go together, so the better of the two is all that is promised.
    expectedError: Math.min(theirs.expectedError, ours.expectedError),
  };
}
