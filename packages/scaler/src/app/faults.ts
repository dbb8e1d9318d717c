import { type Clock, type Instant, MINUTE, type Millis } from '@windvane/carbon-map';
import type { ScalerMetrics } from '../metrics/metrics.ts';
import type { ScalerLog } from './log.ts';

export type Failed = (error: unknown) => void;

/** Where one part of the scaler tells what goes wrong. */
export type Fault = (part: string, message: string) => Failed;

/** The same fault is told again after this long; it is counted every time. */
const TELL_AGAIN: Millis = 10 * MINUTE;

/** Counts and logs what goes wrong in one part. */
export function createFaults(metrics: Pick<ScalerMetrics, 'fault'>, clock: Clock, log: ScalerLog): Fault {
  return (part, message) => {
    let last: { text: string; at: Instant } | null = null;
    return (error) => {
      metrics.fault(part);
      const text = error instanceof Error ? error.message : String(error);
      const now = clock.now();
      if (last !== null && last.text === text && Math.abs(now - last.at) < TELL_AGAIN) return;
      last = { text, at: now };
      log.error({ err: error, part }, message);
    };
  };
}
