import { HOUR, type Instant } from '@windvane/carbon-map';
import type { Accounting } from './carbon-placement.ts';

/** Power and intensity of one workload: what is emitted per hour. */
export interface EmissionRate {
  /** gCO2eq per hour as it runs. */
  readonly actual: number;
  /** gCO2eq per hour if it ran as it was found. */
  readonly asFound: number;
}

/** A division and where each part of it stands. */
export interface RunningSplit {
  readonly replicas: Readonly<Record<string, number>>;
  /** Null for a cluster without data: the mean of the others stands in for it. */
  readonly gramsPerKwh: (cluster: string) => number | null;
}

/**
 * gCO2eq per hour: replicas x kW x g/kWh, summed. Null when no cluster with replicas has data.
 * @param watts of one replica.
 */
export function gramsPerHour(split: RunningSplit, watts: number): number | null {
  let known = 0;
  let replicasKnown = 0;
  let replicas = 0;
  for (const [cluster, count] of Object.entries(split.replicas)) {
    const intensity = split.gramsPerKwh(cluster);
    replicas += count;
    if (intensity === null) continue;
    replicasKnown += count;
    known += count * intensity;
  }
  if (replicas === 0) return 0;
  if (replicasKnown === 0) return null;
  return ((known / replicasKnown) * replicas * watts) / 1000;
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/**
 * Adds what was emitted since the last entry at the rates that held, and takes over the new rates. The entry stays as
 * it is while the rates do, so that a quiet hour writes nothing.
 */
export function account(
  before: Accounting | null,
  rate: EmissionRate | null,
  now: Instant,
): Accounting | null {
  if (rate === null) return before;
  const next = { actualGramsPerHour: rounded(rate.actual), foundGramsPerHour: rounded(rate.asFound) };
  if (
    before !== null &&
    before.actualGramsPerHour === next.actualGramsPerHour &&
    before.foundGramsPerHour === next.foundGramsPerHour
  ) {
    return before;
  }
  const until = accountedUntil(before, now) ?? {
    at: new Date(now).toISOString(),
    actualGrams: 0,
    foundGrams: 0,
  };
  return { ...until, ...next };
}

/** The entry as it would read now. Nothing is written for it: time alone is no news. */
export function accountedUntil(entry: Accounting | null, now: Instant): Accounting | null {
  if (entry === null) return null;
  const hours = Math.max(0, now - Date.parse(entry.at)) / HOUR;
  return {
    ...entry,
    at: new Date(now).toISOString(),
    actualGrams: rounded(entry.actualGrams + hours * entry.actualGramsPerHour),
    foundGrams: rounded(entry.foundGrams + hours * entry.foundGramsPerHour),
  };
}

/** Grams saved against how the workload was found, and the percentage; null before anything was emitted. */
export function savedBy(entry: Accounting | null): { grams: number; percent: number } | null {
  if (entry === null || entry.foundGrams <= 0) return null;
  const grams = entry.foundGrams - entry.actualGrams;
  return { grams: Math.round(grams), percent: Math.round((grams / entry.foundGrams) * 1000) / 10 };
}
