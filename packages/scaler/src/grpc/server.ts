import process from 'node:process';
import { logVerbosity, Server, ServerCredentials, setLogVerbosity } from '@grpc/grpc-js';
import { type Clock, MINUTE, type Millis, SECOND } from '@windvane/carbon-map';
import { type Listen, UserError } from '@windvane/controller/config';
import { HealthImplementation } from 'grpc-health-check';
import type { ScalerMetrics } from '../metrics/metrics.ts';
import type { Allowance } from '../policy/allowance.ts';
import type { TriggerRef } from '../policy/decider.ts';
import { ExternalScalerService } from './generated/externalscaler.ts';
import { measured } from './measured.ts';
import { createService } from './service.ts';
import { createStreams } from './streams.ts';

export interface GrpcOptions {
  readonly listen: Listen;
  /** Null serves without TLS. */
  readonly credentials: ServerCredentials | null;
  readonly clock: Clock;
  readonly decide: (ref: TriggerRef) => Allowance;
  readonly metrics: Pick<ScalerMetrics, 'call'>;
  readonly failed: (error: unknown, ref: TriggerRef) => void;
  /**
   * Age after which a connection is to be opened anew (5 min). KEDA keeps one per address: behind a Service of one address
   * a new pod would otherwise never be asked.
   */
  readonly maxConnectionAge?: Millis;
}

export interface GrpcServer {
  /** The port that was taken. */
  readonly port: number;
  streams(): number;
  /** Says NOT_SERVING, ends streams with OK and waits for calls under way. */
  stop(): Promise<void>;
}

/** Calls that are still under way after this long are broken off at a stop. */
const DRAIN: Millis = 5 * SECOND;

// What goes wrong is told by us; whoever wants the library's own lines as well sets its variable.
if (process.env['GRPC_VERBOSITY'] === undefined) setLogVerbosity(logVerbosity.NONE);

/** Starts the server. Throws {@link UserError} when it cannot listen there. */
export async function startGrpc(options: GrpcOptions): Promise<GrpcServer> {
  const { listen, clock, decide, failed, maxConnectionAge = 5 * MINUTE } = options;
  const server = new Server({
    'grpc.max_connection_age_ms': maxConnectionAge,
    // A stream lives as long as a connection may: within this grace every one has ended by itself.
    'grpc.max_connection_age_grace_ms': maxConnectionAge + 30 * SECOND,
    'grpc.enable_channelz': 0,
    // A client whose node vanished says no goodbye.
    'grpc.keepalive_time_ms': MINUTE,
    'grpc.keepalive_timeout_ms': 20 * SECOND,
  });
  const streams = createStreams(clock, maxConnectionAge);
  const health = new HealthImplementation({
    '': 'NOT_SERVING',
    'externalscaler.ExternalScaler': 'NOT_SERVING',
  });
  server.addService(
    ExternalScalerService,
    measured(createService({ decide, streams, failed }), options.metrics),
  );
  health.addToServer(server);
  const setHealth = (status: 'SERVING' | 'NOT_SERVING'): void => {
    for (const name of ['', 'externalscaler.ExternalScaler']) health.setStatus(name, status);
  };
  const port = await bind(server, listen, options.credentials ?? ServerCredentials.createInsecure());
  setHealth('SERVING');

  return {
    port,
    streams: () => streams.size,
    async stop() {
      setHealth('NOT_SERVING');
      streams.end();
      const drained = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      const cancel = clock.after(DRAIN, () => server.forceShutdown());
      await drained;
      cancel();
    },
  };
}

function bind(server: Server, { host, port }: Listen, credentials: ServerCredentials): Promise<number> {
  const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else {
        reject(
          new UserError(
            `WINDVANE_LISTEN: cannot listen on ${address}: choose a free port or another address`,
          ),
        );
      }
    });
  });
}
