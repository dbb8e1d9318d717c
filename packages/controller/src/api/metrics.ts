import type { Instant } from '@windvane/carbon-map';
import { Counter, Gauge, Registry } from 'prom-client';
import { createMoveCounter } from '../app/move-counter.ts';
import type { FleetView } from './fleet-view.ts';

/** Metrics in Prometheus' text form. */
export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
}

/** States of a Job, or reasons of its being blocked, that end by Windvane's starting it. */
const STARTABLE: ReadonlySet<string | null> = new Set([
  'Waiting',
  'Frozen',
  'NotReadyCluster',
  'TooFewClusters',
]);

/**
 * The metrics of the hub, read from the fleet at every scrape. Moves are counted from the records in the status
 * that ended after `since`.
 */
export function createMetrics(fleet: FleetView, since: Instant): Metrics {
  const registry = new Registry();
  const registers = [registry];
  const intensity = new Gauge({
    name: 'windvane_carbon_intensity_grams_per_kwh',
    help: 'Carbon intensity of a zone in gCO2eq per kWh',
    labelNames: ['zone', 'signal', 'basis', 'source'],
    registers,
  });
  const age = new Gauge({
    name: 'windvane_reading_age_seconds',
    help: "Time since the start of validity of a zone's newest reading",
    labelNames: ['zone'],
    registers,
  });
  const blocked = new Gauge({
    name: 'windvane_placement_blocked',
    help: 'Opted-in workloads that are blocked or misconfigured, by reason',
    labelNames: ['reason'],
    registers,
  });
  const waiting = new Gauge({
    name: 'windvane_jobs_waiting',
    help: 'Jobs that wait for Windvane to start them',
    labelNames: ['hub'],
    registers,
  });
  const overdue = new Gauge({
    name: 'windvane_jobs_overdue',
    help: 'Jobs that still wait though their latest start has passed',
    labelNames: ['hub'],
    registers,
  });
  const moves = new Counter({
    name: 'windvane_moves_total',
    help: 'Moves that ended, by result',
    labelNames: ['plane', 'result'],
    registers,
  });
  const scores = new Counter({
    name: 'windvane_published_score_writes_total',
    help: 'Writes of published scores since the start: new values, and renewals of what is said already',
    labelNames: ['hub', 'kind'],
    registers,
  });
  const endedMoves = createMoveCounter(since);

  return {
    contentType: registry.contentType,
    async text() {
      for (const each of [intensity, age, blocked, waiting, overdue, scores]) each.reset();
      for (const { zone, reading } of Object.values(fleet.map()?.zones ?? {})) {
        if (reading === null) continue;
        const { signal, basis, source } = reading;
        intensity.set({ zone, signal, basis, source }, reading.gramsPerKwh);
        age.set({ zone }, Math.max(0, (fleet.now() - reading.validFrom) / 1_000));
      }
      for (const plane of fleet.planes()) {
        const placements = plane.placements();
        for (const { state, reason, mode, dispatch } of placements) {
          if (state === 'Blocked' && reason !== null) blocked.inc({ reason });
          if (dispatch === undefined || dispatch.dispatchedAt !== null || mode !== 'act') continue;
          if (!STARTABLE.has(state === 'Blocked' ? reason : state)) continue;
          waiting.inc({ hub: plane.hub });
          if (Date.parse(dispatch.latestStart) < fleet.now()) overdue.inc({ hub: plane.hub });
        }
        for (const { move } of endedMoves(placements))
          moves.inc({ plane: plane.kind, result: move.result ?? 'ended' });
        const written = plane.scoreWrites?.();
        if (written === undefined) continue;
        scores.inc({ hub: plane.hub, kind: 'score' }, written.scores);
        scores.inc({ hub: plane.hub, kind: 'renewal' }, written.renewals);
      }
      return registry.metrics();
    },
  };
}
