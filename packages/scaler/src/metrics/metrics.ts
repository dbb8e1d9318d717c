import type { Clock } from '@windvane/carbon-map';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { GatedJob } from '../gate/job.ts';
import type { KnownTrigger } from '../policy/decider.ts';
import { seriesOf } from '../policy/series.ts';
import type { ScalerSnapshot } from '../policy/snapshot.ts';
import { createGateMetrics, type GateMetrics } from './gate.ts';

/** What the metrics are read from. */
interface MetricsSources {
  readonly clock: Clock;
  readonly triggers: () => readonly KnownTrigger[];
  readonly snapshot: () => ScalerSnapshot;
  readonly streams: () => number;
  /** Jobs that wait at the gate. */
  readonly gated: () => readonly GatedJob[];
}

export interface ScalerMetrics {
  readonly gate: Pick<GateMetrics, 'released'>;
  readonly contentType: string;
  text(sources: MetricsSources): Promise<string>;
  /** A call was answered; without a time it is a stream that was opened. */
  readonly call: (method: string, seconds: number | null) => void;
  /** Something went wrong that is not a caller's fault: `hub`, `disk`, `kube`, `tls`, `decide`. */
  readonly fault: (part: string) => void;
}

const TRIGGER = ['namespace', 'name'] as const;

/** Metrics of one scaler, on top of those of the process. Gauges are read at every scrape. */
export function createScalerMetrics(): ScalerMetrics {
  const registry = new Registry();
  const registers = [registry];
  const gate = createGateMetrics(registry);
  const gauge = (name: string, help: string, labelNames: readonly string[]): Gauge =>
    new Gauge({ name: `windvane_scaler_${name}`, help, labelNames, registers });
  const allowed = gauge('allowance_replicas', 'Replicas that a trigger is allowed now', TRIGGER);
  const intensity = gauge(
    'judged_grams_per_kwh',
    'Mean intensity over the forecast window that a trigger was judged by',
    [...TRIGGER, 'zone'],
  );
  const heldSince = gauge('held_since_seconds', 'Unix time since which a trigger is held', TRIGGER);
  const reasons = gauge(
    'triggers',
    'Triggers that asked within the last hour, by the reason of their answer',
    ['reason'],
  );
  const never = gauge(
    'target_never_reached',
    'The target that would run 30 % of the time, for triggers whose own is never reached',
    TRIGGER,
  );
  const problems = gauge('trigger_problems', 'Mistakes in the metadata of a trigger', TRIGGER);
  const age = gauge('reading_age_seconds', "Time since the start of validity of a zone's newest reading", [
    'zone',
    'origin',
  ]);
  const known = gauge('data_known_for_seconds', 'How far ahead the intensity of a zone is known', [
    'zone',
    'origin',
  ]);
  const contact = gauge('hub_contact_age_seconds', 'Time since the hub last answered', []);
  const streams = gauge('streams', 'Open streams of external-push triggers', []);
  const calls = new Counter({
    name: 'windvane_scaler_calls_total',
    help: 'Calls of KEDA, by method',
    labelNames: ['method'],
    registers,
  });
  const seconds = new Histogram({
    name: 'windvane_scaler_call_seconds',
    help: 'Time until a call was answered',
    labelNames: ['method'],
    buckets: [0.0001, 0.0005, 0.001, 0.005, 0.025, 0.1, 0.5],
    registers,
  });
  const faults = new Counter({
    name: 'windvane_scaler_faults_total',
    help: 'What went wrong in the scaler and around it, by part',
    labelNames: ['part'],
    registers,
  });

  function readTriggers(triggers: readonly KnownTrigger[]): void {
    for (const each of [allowed, intensity, heldSince, reasons, never, problems]) each.reset();
    for (const { ref, allowance } of triggers) {
      const of = { namespace: ref.namespace, name: ref.name };
      allowed.set(of, allowance.replicas);
      reasons.inc({ reason: allowance.reason });
      const { gramsPerKwh, zone } = allowance;
      if (gramsPerKwh !== null && zone !== null) intensity.set({ ...of, zone }, gramsPerKwh);
      if (allowance.heldSince !== null) heldSince.set(of, allowance.heldSince / 1_000);
      if (allowance.neverReached !== null) never.set(of, allowance.neverReached.suggestion);
      if (allowance.problems.length > 0) problems.set(of, allowance.problems.length);
    }
  }

  return {
    gate,
    contentType: registry.contentType,
    async text({ clock, triggers, snapshot, streams: open, gated }) {
      const now = clock.now();
      gate.wait(gated(), now);
      readTriggers(triggers());
      age.reset();
      known.reset();
      const { zones, contactAt } = snapshot();
      for (const [zone, outlook] of zones) {
        const { origin, state } = outlook;
        if (state.reading !== null)
          age.set({ zone, origin }, Math.max(0, now - state.reading.validFrom) / 1_000);
        const series = state.data === 'baseline' ? null : seriesOf(outlook);
        known.set({ zone, origin }, series === null ? 0 : Math.max(0, series.timeline.until - now) / 1_000);
      }
      contact.reset();
      if (contactAt !== null) contact.set(Math.max(0, now - contactAt) / 1_000);
      streams.set(open());
      return registry.metrics();
    },
    call(method, took) {
      calls.inc({ method });
      if (took !== null) seconds.observe({ method }, took);
    },
    fault: (part) => faults.inc({ part }),
  };
}
