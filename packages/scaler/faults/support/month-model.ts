import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';

/*
 * What the answer has to be by the documentation alone (docs/scaler.md), from the files of the traces: no code of the
 * scaler, and none of its data structures.
 */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const tracesFolder: string =
  process.env['WINDVANE_TRACES'] ?? resolve(import.meta.dirname, '../../../../../shared/traces');
/** Empty, or why runs on traces are left out: for their titles. */
export const noTraces: string = existsSync(tracesFolder) ? '' : ' (skipped where ../shared/traces is absent)';

export interface Model {
  /** Mean over [at, at + 1h) as it was expected at `at`. */
  mean(at: number): number;
  /** Mean over [at, at + 1h) as it then was. */
  real(at: number): number;
  /** A target with its dead band of 5 % below it. */
  belowTarget(at: number, target: number): boolean;
  /** The cleanest share (0..1) of the next 24 hours, with a dead band of 5 % of the day beyond it. */
  amongCleanest(at: number, share: number): boolean;
}

export function readModel(zone: string): Model {
  const actual = new Map<number, number>();
  for (const line of readFileSync(`${tracesFolder}/intensity.csv`, 'utf8').split('\n')) {
    const [time = '', of, grams] = line.split(',');
    if (of === zone) actual.set(utc(time), Number(grams));
  }
  const forecast = new Map<string, number>();
  const packed = readFileSync(`${tracesFolder}/forecasts_48h.csv.gz`);
  for (const line of gunzipSync(packed).toString('utf8').split('\n')) {
    const [issued = '', target = '', of, grams] = line.split(',');
    if (of === zone) forecast.set(`${utc(issued)} ${utc(target)}`, Number(grams));
  }

  /** The value of an hour as it is known at `now`: measured up to the present one, expected after it. */
  function hourAt(hour: number, now: number): number {
    const value = hour <= now ? actual.get(hour) : forecast.get(`${Math.floor(now / DAY) * DAY} ${hour}`);
    if (value === undefined) throw new Error(`${zone}: nothing of ${new Date(hour).toISOString()}`);
    return value;
  }

  function mean(at: number): number {
    const hour = Math.floor(at / HOUR) * HOUR;
    const passed = (at - hour) / HOUR;
    return passed === 0
      ? hourAt(hour, at)
      : (1 - passed) * hourAt(hour, at) + passed * hourAt(hour + HOUR, at);
  }

  function real(at: number): number {
    const hour = Math.floor(at / HOUR) * HOUR;
    const passed = (at - hour) / HOUR;
    return (1 - passed) * hourAt(hour, Infinity) + passed * hourAt(hour + HOUR, Infinity);
  }

  type Verdict = 'open' | 'closed' | 'band';
  /** Inside the band the last hour outside of it decides. */
  function decide(at: number, first: number, verdict: (grams: number, hour: number) => Verdict): boolean {
    let hour = Math.floor(at / HOUR) * HOUR;
    let said = verdict(first, hour);
    for (; said === 'band' && actual.has(hour); hour -= HOUR) said = verdict(hourAt(hour, at), hour);
    return said === 'open';
  }

  return {
    mean,
    real,
    belowTarget: (at, target) =>
      decide(at, mean(at), (grams) => (grams >= target ? 'closed' : grams < target * 0.95 ? 'open' : 'band')),
    amongCleanest: (at, share) =>
      decide(at, hourAt(Math.floor(at / HOUR) * HOUR, at), (grams, hour) => {
        let cleaner = 0;
        for (let later = 1; later < 24; later++) if (hourAt(hour + later * HOUR, at) < grams) cleaner += 1;
        return cleaner / 24 < share ? 'open' : cleaner / 24 < share + 0.05 ? 'band' : 'closed';
      }),
  };
}

function utc(text: string): number {
  return Date.parse(/[zZ]|[+-]\d\d:?\d\d$/.test(text) ? text : `${text.replace(' ', 'T')}Z`);
}
