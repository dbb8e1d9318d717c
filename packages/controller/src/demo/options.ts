import { type Instant, parseInstant } from '@windvane/carbon-map';
import { redisUrl } from '../config/redis-url.ts';
import { UserError } from '../config/user-error.ts';

/** What the demo was asked to do. */
export interface DemoOptions {
  /** End after the summary instead of serving on. */
  readonly once: boolean;
  readonly json: boolean;
  /** CSV of real intensities; null for the synthetic day. */
  readonly traces: string | null;
  /** Null takes the start of the traces, or a summer day. */
  readonly from: Instant | null;
  readonly hours: number;
  /** Null keeps the map in memory. */
  readonly redis: string | null;
  /** Hours shown per second; null goes as fast as it can. */
  readonly speed: number | null;
  /** Port of the API; null serves on 4280 and, with `once`, not at all. */
  readonly port: number | null;
}

/** Options as they come from the command line. */
export type RawDemoOptions = Readonly<Record<string, unknown>>;

const DEFAULT_HOURS = 72;
const DEFAULT_SPEED = 1.5;
/** A year, which is what a file of traces usually holds. */
const MAX_HOURS = 8_784;

/** Checks the command line. Throws UserError. */
export function demoOptions(raw: RawDemoOptions, terminal: boolean): DemoOptions {
  const json = raw['json'] === true;
  const from = text(raw, 'from');
  const instant = from === null ? null : parseInstant(from);
  if (from !== null && instant === null) {
    throw new UserError(`--from: "${from}" is not an instant: write RFC 3339, for example 2022-06-01T00:00Z`);
  }
  const redis = text(raw, 'redis');
  const speed = number(raw, 'speed', 0.01, 10_000, 'hours per second, for example 2');
  return {
    once: raw['once'] === true,
    json,
    traces: text(raw, 'traces'),
    from: instant,
    hours: whole(raw, 'hours', 1, MAX_HOURS) ?? DEFAULT_HOURS,
    redis: redis === null ? null : redisUrl(redis, '--redis', true),
    // Only somebody who watches needs time to watch.
    speed: speed ?? (terminal && !json ? DEFAULT_SPEED : null),
    port: whole(raw, 'port', 0, 65_535),
  };
}

function text(raw: RawDemoOptions, name: string): string | null {
  const value = raw[name];
  if (value === undefined) return null;
  const written = typeof value === 'number' ? String(value) : value;
  if (typeof written === 'string' && written !== '') return written;
  throw new UserError(`--${name}: write it once, with a value`);
}

function whole(raw: RawDemoOptions, name: string, min: number, max: number): number | null {
  const remedy = `a whole number from ${min} to ${max}`;
  const value = number(raw, name, min, max, remedy);
  if (value !== null && !Number.isInteger(value))
    throw new UserError(`--${name}: "${value}" is not ${remedy}`);
  return value;
}

function number(raw: RawDemoOptions, name: string, min: number, max: number, remedy: string): number | null {
  const written = text(raw, name);
  if (written === null) return null;
  const value = Number(written);
  if (Number.isFinite(value) && value >= min && value <= max) return value;
  throw new UserError(`--${name}: "${written}" cannot be used: write ${remedy}`);
}
