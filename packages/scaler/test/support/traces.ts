import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { DAY, HOUR, type Instant, parseInstant, startOfHour } from '@windvane/carbon-map';
import type { ZoneOutlook } from '../../src/policy/snapshot.ts';

/** A year of real grids; not part of this repository. */
const FOLDER = process.env['WINDVANE_TRACES'] ?? resolve(import.meta.dirname, '../../../../../shared/traces');
/** Empty, or why tests on traces are skipped: for their titles. */
export const NO_TRACES: string = existsSync(FOLDER) ? '' : ' (skipped where ../shared/traces is absent)';

const HISTORY_HOURS = 30 * 24;

/** What happened in one zone, and what was expected. */
export interface Trace {
  readonly zone: string;
  /** Mean intensity of the hour that holds an instant, in g/kWh. */
  actual(at: Instant): number;
  /** Mean of what happened over [start, start + length). */
  mean(start: Instant, length: number): number;
  /** What somebody knew at an instant: thirty days of history, the present hour, the forecast of the day. */
  outlook(at: Instant): ZoneOutlook;
}

/** Reads one zone of the traces. */
export function readTrace(zone: string): Trace {
  const hours = new Map<Instant, number>();
  for (const row of rows(readFileSync(resolve(FOLDER, 'intensity.csv'), 'utf8'))) {
    if (row[1] === zone) hours.set(instant(row[0]), Number(row[2]));
  }
  const forecasts = new Map<Instant, { at: Instant; gramsPerKwh: number; expectedError: null }[]>();
  for (const row of rows(
    gunzipSync(readFileSync(resolve(FOLDER, 'forecasts_48h.csv.gz'))).toString('utf8'),
  )) {
    if (row[2] !== zone) continue;
    const issued = instant(row[0]);
    const points = forecasts.get(issued) ?? [];
    forecasts.set(issued, points);
    points.push({ at: instant(row[1]), gramsPerKwh: Number(row[3]), expectedError: null });
  }
  const known = new Map<Instant, ZoneOutlook>();
  const actual = (at: Instant): number => {
    const value = hours.get(startOfHour(at));
    if (value === undefined) throw new Error(`${zone} has no value at ${new Date(at).toISOString()}`);
    return value;
  };

  function outlook(at: Instant): ZoneOutlook {
    const hour = startOfHour(at);
    const before = known.get(hour);
    if (before !== undefined) return before;
    const issuedAt = Math.floor(hour / DAY) * DAY;
    const pair = { signal: 'average', basis: 'lifecycle', zone, source: 'traces' } as const;
    const start = hour - HISTORY_HOURS * HOUR;
    const made: ZoneOutlook = {
      origin: 'own',
      history: {
        start,
        values: Array.from({ length: HISTORY_HOURS }, (_, index) => hours.get(start + index * HOUR) ?? null),
      },
      state: {
        zone,
        name: zone,
        data: 'live',
        reading: {
          ...pair,
          gramsPerKwh: actual(hour),
          estimated: false,
          validFrom: hour,
          validTo: hour + HOUR,
          fetchedAt: hour,
        },
        forecast: {
          ...pair,
          issuedAt,
          resolution: HOUR,
          points: (forecasts.get(issuedAt) ?? []).filter((point) => point.at > hour),
        },
      },
    };
    known.clear();
    known.set(hour, made);
    return made;
  }

  return {
    zone,
    actual,
    outlook,
    mean(start, length) {
      let sum = 0;
      for (let at = start; at < start + length; ) {
        const end = Math.min(startOfHour(at) + HOUR, start + length);
        sum += actual(at) * (end - at);
        at = end;
      }
      return sum / length;
    },
  };
}

function* rows(text: string): Generator<string[]> {
  let first = true;
  for (const line of text.split('\n')) {
    if (!first && line !== '') yield line.split(',');
    first = false;
  }
}

function instant(text: string | undefined): Instant {
  const parsed = parseInstant((text ?? '').replace(/Z$/, ':00Z'));
  if (parsed === null) throw new Error(`${text ?? ''} is no instant`);
  return parsed;
}
