import type { Instant } from '@windvane/carbon-map';
import { decideJob, type JobDecision } from '@windvane/controller/engine';
import type { Expectation } from '@windvane/controller/outlook';
import type { ZoneOutlook } from '../policy/snapshot.ts';
import type { GatedJob } from './job.ts';

const HERE = 'this cluster';
const HOUR_MS = 3_600_000;

/**
 * When a gated Job should start in the one cluster where it may: the engine's planner, with this cluster for its
 * only choice. The plan that the Job carries is kept while no other is better by a hundredth.
 *
 * @param key `namespace/name`
 * @param outlook null when nothing is known of the zone: the Job then waits for data, or its latest start
 * @param expectation goes before the forecast that was published; null when there is none
 */
export function planJob(
  key: string,
  job: GatedJob,
  outlook: ZoneOutlook | null,
  expectation: Expectation | null,
  now: Instant,
): JobDecision {
  const reading = outlook?.state.reading ?? null;
  const forecast = expectation ?? outlook?.state.forecast ?? null;
  const resolution = forecast?.resolution ?? HOUR_MS;
  const ahead = (forecast?.points ?? []).filter(({ at }) => at + resolution > now);
  // Of an hour that has no reading yet its forecast knows more than the hour before.
  const present =
    reading === null || now < reading.validTo ? undefined : ahead.find(({ at }) => at <= now)?.gramsPerKwh;
  return decideJob({
    job: key,
    at: now,
    latestStart: job.latestStart,
    duration: job.duration,
    // Counting carbon alone, prices and power do not matter.
    objective: 'carbon',
    carbonPricePerKg: 0,
    wattsPerReplica: 0,
    forecastResolution: resolution,
    planned: job.plannedStart === null ? null : { cluster: HERE, start: job.plannedStart },
    clusters: [
      {
        name: HERE,
        zone: outlook?.state.zone ?? null,
        ready: true,
        allowed: true,
        avoid: false,
        gramsPerKwh: present ?? reading?.gramsPerKwh ?? null,
        forecast: ahead,
        pricePerReplicaHour: null,
        headroomReplicas: null,
        maxShare: 1,
      },
    ],
  });
}
