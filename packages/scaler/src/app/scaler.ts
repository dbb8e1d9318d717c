import type { ServerCredentials } from '@grpc/grpc-js';
import { type Clock, type Instant, type LocationResolver, MINUTE, type ZoneCode } from '@windvane/carbon-map';
import type { Listen } from '@windvane/controller/config';
import { createEventRecorder, type KubeApi } from '@windvane/controller/kube';
import type { GatedJob } from '../gate/job.ts';
import { type GrpcServer, startGrpc } from '../grpc/server.ts';
import { createScalerMetrics } from '../metrics/metrics.ts';
import { startMetricsServer } from '../metrics/server.ts';
import { createDecider, type Decider, type KnownTrigger, startOfTick, TICK } from '../policy/decider.ts';
import type { ScalerSnapshot } from '../policy/snapshot.ts';
import type { HubSource } from '../source/hub/hub.ts';
import { type HoldReport, holdsOf } from '../source/hub/report.ts';
import type { OwnSource } from '../source/own.ts';
import { createSources, type Sources } from '../source/sources.ts';
import { ownZoneOf } from '../trigger/place.ts';
import { createScaledWatch, type ScaledWatch } from '../watch/watch.ts';
import { createFaults, type Failed, type Fault } from './faults.ts';
import { standForElection } from './leadership.ts';
import type { ScalerLog } from './log.ts';
import { createStops, type Stops } from './stops.ts';
import { createEventTeller, createTeller } from './telling.ts';

/** The parts that one scaler is made of. */
export interface ScalerParts {
  readonly clock: Clock;
  readonly resolver: LocationResolver;
  /** Where the cluster stands, as written; null leaves it to the hub. */
  readonly location: string | null;
  readonly own: (zones: () => readonly ZoneCode[], failed: Failed) => OwnSource;
  /** Null works without a hub. */
  readonly hub: {
    readonly source: (
      zones: () => readonly ZoneCode[],
      told: { readonly lost: Failed; readonly back: () => void },
    ) => HubSource;
    readonly report: (holds: readonly HoldReport[]) => Promise<void>;
  } | null;
  /** The cluster's API server; null watches nothing. */
  readonly kube: { readonly api: KubeApi; readonly namespace: string; readonly holder: string } | null;
  readonly listen: Listen;
  readonly metricsListen: Listen;
  readonly credentials: ServerCredentials | null;
  readonly log: ScalerLog;
}

export interface Scaler {
  readonly grpcPort: number;
  readonly metricsPort: number;
  readonly decider: Decider;
  /** What decisions are made on now. */
  readonly snapshot: () => ScalerSnapshot;
  /** The zone of the cluster; null while nobody says. */
  readonly ownZone: () => ZoneCode | null;
  /** Whether the hub says that nothing is to start early. */
  readonly frozen: () => boolean;
  /** Whether this pod is the one that writes. */
  readonly leading: () => boolean;
  /** What KEDA's objects say; null when no API server is watched. */
  readonly scaled: ScaledWatch | null;
  /** Told of every Job that the gate let go, and how to count those that wait: for the metrics. */
  readonly released: (job: GatedJob, at: Instant) => void;
  readonly countGated: (count: () => readonly GatedJob[]) => void;
  stop(): Promise<void>;
}

/**
 * Wires and starts one scaler: sources, watch, decisions, gRPC, metrics, reports.
 * @throws {UserError} for a location that is not one zone, and for an address that cannot be listened on; nothing runs then
 */
export async function startScaler(parts: ScalerParts): Promise<Scaler> {
  const stops = createStops();
  try {
    return await start(parts, stops);
  } catch (error) {
    await stops.run();
    throw error;
  }
}

async function start(parts: ScalerParts, stops: Stops): Promise<Scaler> {
  const { clock, resolver, log, kube } = parts;
  const metrics = createScalerMetrics();
  const fault = createFaults(metrics, clock, log);
  const sources = sourcesOf(parts, fault);
  stops.add(() => sources.stop());
  const watch =
    kube === null
      ? null
      : createScaledWatch({
          api: kube.api,
          clock,
          failed: fault('kube', 'watching ScaledObjects and ScaledJobs failed; it is tried again'),
        });
  stops.add(() => watch?.stop());
  const decider = createDecider({
    clock,
    resolver,
    snapshot: sources.snapshot,
    ownZone: sources.ownZone,
    facts: watch?.facts ?? (() => null),
    changed: withWish(createTeller(log), sources, fault('sources', 'asking for a zone failed')),
  });
  const leadership =
    kube === null
      ? null
      : standForElection({ ...kube, clock, failed: fault('lease', 'the election failed; it goes on') });
  stops.add(() => leadership?.stop());
  const tellEvents =
    kube === null || watch === null
      ? null
      : createEventTeller({
          clock,
          object: (namespace, name) => watch.object(namespace, name),
          events: createEventRecorder(kube.api, fault('events', 'writing an Event failed'), clock),
        });

  await Promise.all([sources.load(), watch?.start()]);
  const known = (): readonly KnownTrigger[] => lookAtAll(decider, watch);
  known();
  sources.start();
  const sweep = (): void => {
    const triggers = known();
    if (leadership?.leading() === true) tellEvents?.(triggers);
  };
  stops.add(every(clock, sweep));
  const report = (): void => {
    const triggers = decider.triggers();
    // A pod that was never asked knows nothing, and must not take away what another one reports.
    if (parts.hub === null || (watch?.synced() !== true && triggers.length === 0)) return;
    const present = watch?.synced() === true ? triggers.filter(({ ref }) => watch.has(ref)) : triggers;
    const workloadOf = (namespace: string, name: string) => watch?.facts(namespace, name)?.workload ?? null;
    parts.hub.report(holdsOf(present, workloadOf)).catch(fault('hub', 'reporting what is held failed'));
  };
  stops.add(every(clock, report, MINUTE));

  let grpc: GrpcServer | null = null;
  let gated = (): readonly GatedJob[] => [];
  const metricsServer = await startMetricsServer({
    listen: parts.metricsListen,
    contentType: metrics.contentType,
    text: () =>
      metrics.text({
        clock,
        triggers: decider.triggers,
        snapshot: sources.snapshot,
        streams: () => grpc?.streams() ?? 0,
        gated: () => gated(),
      }),
    notReady: () => (grpc === null ? 'not listening yet' : null),
    failed: fault('metrics', 'answering a scrape failed'),
  });
  stops.add(() => metricsServer.stop());
  const server = await startGrpc({
    listen: parts.listen,
    credentials: parts.credentials,
    clock,
    decide: decider.decide,
    metrics,
    failed: fault('decide', 'a decision failed; its workload is not held'),
  });
  stops.add(() => server.stop());
  grpc = server;

  return {
    grpcPort: server.port,
    metricsPort: metricsServer.port,
    decider,
    snapshot: sources.snapshot,
    ownZone: sources.ownZone,
    frozen: sources.frozen,
    leading: leadership?.leading ?? (() => false),
    scaled: watch,
    released: metrics.gate.released,
    countGated(count) {
      gated = count;
    },
    stop: () => stops.run(),
  };
}

function sourcesOf(parts: ScalerParts, fault: Fault): Sources {
  const { clock, resolver, log, hub, location } = parts;
  return createSources({
    clock,
    ownZone: ownZoneOf(location, resolver),
    own: (zones) => parts.own(zones, fault('own', 'refreshing the own map failed')),
    hub: (zones) =>
      hub?.source(zones, {
        lost: fault('hub', 'the hub gave no answer; what it said last counts'),
        back: () => log.info({ part: 'hub' }, 'the hub answers again'),
      }) ?? null,
  });
}

/** A zone that a trigger names for the first time is asked for at once. */
function withWish(
  tell: ReturnType<typeof createTeller>,
  sources: Sources,
  failed: Failed,
): ReturnType<typeof createTeller> {
  return (trigger, before) => {
    tell(trigger, before);
    if (trigger.zone !== null) sources.want([trigger.zone]).catch(failed);
  };
}

/** Decides for every trigger that the watch knows, so that the answer is there when KEDA asks. */
function lookAtAll(decider: Decider, watch: ScaledWatch | null): readonly KnownTrigger[] {
  for (const ref of watch?.triggers() ?? []) decider.decide(ref);
  return decider.triggers();
}

/** Runs a task at the begin of every tick, or at every interval. */
function every(clock: Clock, task: () => void, interval?: number): () => void {
  let cancel = (): void => {};
  const schedule = (): void => {
    const now = clock.now();
    cancel = clock.after(interval ?? startOfTick(now) + TICK - now, () => {
      task();
      schedule();
    });
  };
  schedule();
  return () => cancel();
}
