import type { ServerCredentials } from '@grpc/grpc-js';
import type { Clock, LocationResolver, ZoneCode } from '@windvane/carbon-map';
import type { Listen } from '@windvane/controller/config';
import { type GrpcServer, startGrpc } from '../grpc/server.ts';
import { createScalerMetrics } from '../metrics/metrics.ts';
import { startMetricsServer } from '../metrics/server.ts';
import { createDecider, type Decider, startOfTick } from '../policy/decider.ts';
import { EMPTY_SNAPSHOT, type ScaledFacts, type ScalerSnapshot } from '../policy/snapshot.ts';
import { chooseOutlooks } from '../source/chain.ts';
import type { OwnSource } from '../source/own.ts';
import { placeOf } from '../trigger/place.ts';
import type { ScalerLog } from './log.ts';
import { createTeller } from './telling.ts';

/** The parts that one scaler is made of. */
export interface ScalerParts {
  readonly clock: Clock;
  readonly resolver: LocationResolver;
  /** Where the cluster stands; null when nobody says. */
  readonly location: string | null;
  /** Makes the scaler's own map of the zones that are asked for. */
  readonly own: (zones: () => readonly ZoneCode[], failed: (error: unknown) => void) => OwnSource;
  readonly facts?: (namespace: string, name: string) => ScaledFacts | null;
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
  snapshot(): ScalerSnapshot;
  stop(): Promise<void>;
}

/** Wires and starts one scaler: sources, decisions, gRPC, metrics. */
export async function startScaler(parts: ScalerParts): Promise<Scaler> {
  const { clock, resolver, log } = parts;
  const metrics = createScalerMetrics();
  const ownZone = parts.location === null ? null : (placeOf(parts.location, null, resolver).zone ?? null);
  const fault = (part: string, message: string) => (error: unknown) => {
    metrics.fault(part);
    log.error({ err: error, part }, message);
  };
  const wanted = new Set<ZoneCode>(ownZone === null ? [] : [ownZone]);
  const own = parts.own(() => [...wanted], fault('own', 'refreshing the own map failed'));
  let current: { at: number; snapshot: ScalerSnapshot } = { at: -1, snapshot: EMPTY_SNAPSHOT };

  /** One snapshot for a whole tick. */
  function snapshot(): ScalerSnapshot {
    const at = startOfTick(clock.now());
    if (current.at !== at) {
      current = { at, snapshot: { ...EMPTY_SNAPSHOT, zones: chooseOutlooks([own.outlooks()], at) } };
    }
    return current.snapshot;
  }

  const teller = createTeller(log);
  const decider = createDecider({
    clock,
    resolver,
    snapshot,
    ownZone: () => ownZone,
    facts: parts.facts ?? (() => null),
    changed(trigger, before) {
      teller(trigger, before);
      if (trigger.zone === null || wanted.has(trigger.zone)) return;
      wanted.add(trigger.zone);
      own.refresh().catch(fault('own', 'refreshing the own map failed'));
    },
  });
  own.start();
  let grpc: GrpcServer | null = null;
  const metricsServer = await startMetricsServer({
    listen: parts.metricsListen,
    contentType: metrics.contentType,
    text: () =>
      metrics.text({ clock, triggers: decider.triggers, snapshot, streams: () => grpc?.streams() ?? 0 }),
    notReady: () => (grpc === null ? 'not listening yet' : null),
    failed: fault('metrics', 'answering a scrape failed'),
  });
  grpc = await startGrpc({
    listen: parts.listen,
    credentials: parts.credentials,
    clock,
    decide: decider.decide,
    metrics,
    failed: (error, ref) => fault('decide', `deciding for ${ref.namespace}/${ref.name} failed`)(error),
  });
  const server = grpc;
  return {
    grpcPort: server.port,
    metricsPort: metricsServer.port,
    decider,
    snapshot,
    async stop() {
      await server.stop();
      await metricsServer.stop();
      await own.stop();
    },
  };
}
