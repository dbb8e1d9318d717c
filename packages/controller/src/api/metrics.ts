import type { Instant } from '@windvane/carbon-map';
import { Counter, Gauge, Registry } from 'prom-client';
import type { PlacementView } from '../planes/plane.ts';
import type { FleetView } from './fleet-view.ts';

/** Metrics in Prometheus' text form. */
export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
}

/**
 * The metrics of the hub, read from the fleet at every scrape. Moves are counted from the records in the status
 * that ended after `since`, so that a restart does not count old ones again.
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
  const moves = new Counter({
    name: 'windvane_moves_total',
    help: 'Moves that ended, by result',
    labelNames: ['plane', 'result'],
    registers,
  });
  const countNewMoves = moveCounter(since);

  return {
    contentType: registry.contentType,
    async text() {
      for (const gauge of [intensity, age, blocked]) gauge.reset();
      for (const { zone, reading } of Object.values(fleet.map()?.zones ?? {})) {
        if (reading === null) continue;
        const { signal, basis, source } = reading;
        intensity.set({ zone, signal, basis, source }, reading.gramsPerKwh);
        age.set({ zone }, Math.max(0, (fleet.now() - reading.validFrom) / 1_000));
      }
      for (const plane of fleet.planes()) {
        const placements = plane.placements();
        for (const { state, reason } of placements) {
          if (state === 'Blocked' && reason !== null) blocked.inc({ reason });
        }
        for (const result of countNewMoves(placements)) moves.inc({ plane: plane.kind, result });
      }
      return registry.metrics();
    },
  };
}

/** Finds the results of moves that ended since the last look. Workloads of one unit share a decision: one move. */
function moveCounter(since: Instant): (placements: readonly PlacementView[]) => readonly string[] {
  const seen = new Map<string, Instant>();
  const REMEMBERED = 10_000;
  return (placements) => {
    const results: string[] = [];
    for (const { hub, moves } of placements) {
      for (const move of moves) {
        const ended = move.finishedAt === null ? Number.NaN : Date.parse(move.finishedAt);
        const key = `${hub}/${move.decision}/${move.startedAt}`;
        if (!(ended >= since) || move.result === null || seen.has(key)) continue;
        seen.set(key, ended);
        results.push(move.result);
      }
    }
    // The status keeps ten moves per workload; far older ones cannot come back.
    for (const key of seen.keys()) {
      if (seen.size <= REMEMBERED) break;
      seen.delete(key);
    }
    return results;
  };
}
