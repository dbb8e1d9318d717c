import { type Forecast, pairName, type Reading } from '../model/reading.ts';
import { HOUR, type Instant, type Millis } from '../model/time.ts';

/** Remembers what a source said of hours to come, and how far off it was when they came. */
export interface TrackRecord {
  /** Takes note of a forecast; of those issued close together only the first, to bound what is kept. */
  issued(forecast: Forecast, at: Instant): void;
  /** Holds what was said of this hour against what it came to be. */
  observed(reading: Reading): void;
  /** Mean absolute error in gCO2eq per kWh at this lead; null before enough of its hours have come. */
  error(forecast: Forecast, lead: Millis): number | null;
  /** The errors so far as text, for `restore` of another record; what was said of hours to come is not part of it. */
  save(): string;
  /** Takes over saved errors where it has none, or fewer, of its own. Text that is none of its own is left alone. */
  restore(text: string): void;
}

/** Saved errors: bucket, mean, count. */
type SavedErrors = readonly (readonly [bucket: string, mean: number, count: number])[];
/** Beyond this every error weighs the same, so that a larger count says no more. */
const MOST_COUNT = 1_000;

interface Said {
  readonly bucket: string;
  readonly gramsPerKwh: number;
}

/** Leads within six hours of each other are one class; a forecast is kept for the record every six hours. */
const CLASS: Millis = 6 * HOUR;
/** Hours that must have come before an error is told, and the weight of a new one once there are many. */
const ENOUGH = 12;
const WEIGHT = 0.05;

export function createTrackRecord(): TrackRecord {
  /** What was said of each zone's hours that have not come yet. */
  const said = new Map<string, Map<Instant, Said[]>>();
  const lastIssue = new Map<string, Instant>();
  const errors = new Map<string, { mean: number; count: number }>();
  const series = (of: Forecast | Reading): string => `${of.zone} ${pairName(of)}`;
  const bucketOf = (forecast: Forecast, lead: Millis): string =>
    `${series(forecast)} ${forecast.source} ${Math.floor(lead / CLASS)}`;

  return {
    issued(forecast, at) {
      const issuer = `${series(forecast)} ${forecast.source}`;
      if (at < (lastIssue.get(issuer) ?? -Infinity) + CLASS) return;
      lastIssue.set(issuer, at);
      let hours = said.get(series(forecast));
      if (hours === undefined) said.set(series(forecast), (hours = new Map()));
      // Hours whose reading never came.
      for (const hour of hours.keys()) if (hour < at - 24 * HOUR) hours.delete(hour);
      for (const point of forecast.points) {
        if (point.at <= at) continue;
        const list = hours.get(point.at) ?? [];
        list.push({ bucket: bucketOf(forecast, point.at - at), gramsPerKwh: point.gramsPerKwh });
        hours.set(point.at, list);
      }
    },
    observed(reading) {
      const hours = said.get(series(reading));
      for (const { bucket, gramsPerKwh } of hours?.get(reading.validFrom) ?? []) {
        const error = Math.abs(gramsPerKwh - reading.gramsPerKwh);
        const { mean, count } = errors.get(bucket) ?? { mean: 0, count: 0 };
        const weight = Math.max(WEIGHT, 1 / (count + 1));
        errors.set(bucket, { mean: mean + weight * (error - mean), count: count + 1 });
      }
      hours?.delete(reading.validFrom);
    },
    save() {
      const saved: SavedErrors = [...errors].map(([bucket, { mean, count }]) => [
        bucket,
        Math.round(mean * 100) / 100,
        Math.min(count, MOST_COUNT),
      ]);
      return JSON.stringify(saved);
    },
    restore(text) {
      for (const [bucket, mean, count] of savedErrors(text)) {
        if (count > (errors.get(bucket)?.count ?? 0)) errors.set(bucket, { mean, count });
      }
    },
    error(forecast, lead) {
      const entry = errors.get(bucketOf(forecast, lead));
      return entry === undefined || entry.count < ENOUGH ? null : entry.mean;
    },
  };
}

function savedErrors(text: string): SavedErrors {
  try {
    const saved: unknown = JSON.parse(text);
    return Array.isArray(saved) ? saved.filter(isSavedError) : [];
  } catch {
    return [];
  }
}

function isSavedError(entry: unknown): entry is SavedErrors[number] {
  if (!Array.isArray(entry)) return false;
  const [bucket, mean, count]: unknown[] = entry;
  return typeof bucket === 'string' && typeof mean === 'number' && mean >= 0 && typeof count === 'number';
}
