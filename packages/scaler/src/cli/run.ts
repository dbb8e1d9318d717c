import { systemClock } from '@windvane/carbon-map';
import { createConfiguredResolver, createProviders, createSources } from '@windvane/controller/carbon';
import { type Environment, loadConfig } from '@windvane/controller/config';
import { pino } from 'pino';
import { startScaler } from '../app/scaler.ts';
import { readSettings } from '../config/settings.ts';
import { watchTls } from '../grpc/tls.ts';
import { createOwnSource } from '../source/own.ts';

/** Runs a scaler from its environment until `stop`. Throws UserError for what its operator must mend. */
export async function run(environment: Environment, stop: AbortSignal): Promise<void> {
  const settings = readSettings(environment);
  const log = pino({ base: null });
  const clock = systemClock;
  const { carbon } = loadConfig(settings.configFile ?? undefined, environment);
  const resolver = createConfiguredResolver(carbon);
  const providers = await createProviders(carbon.providers, clock);
  const sources = createSources(carbon, providers, resolver);
  const tls =
    settings.tls === null
      ? null
      : await watchTls({
          files: settings.tls,
          clock,
          reloaded: (expiresAt) =>
            log.info({ expiresAt: new Date(expiresAt).toISOString() }, 'took over a new certificate'),
          refused: (reason) =>
            log.error({ reason }, 'the certificate files cannot be used; the ones before stay'),
        });
  const scaler = await startScaler({
    clock,
    resolver,
    location: settings.location,
    own: (zones, failed) =>
      createOwnSource({ clock, resolver, ...sources, zones, interval: carbon.refresh, failed }),
    listen: settings.listen,
    metricsListen: settings.metricsListen,
    credentials: tls?.credentials ?? null,
    log,
  });
  log.info(
    { grpc: scaler.grpcPort, metrics: scaler.metricsPort, tls: tls !== null, cluster: settings.cluster },
    'windvane-scaler is running',
  );
  await aborted(stop);
  log.info({}, 'stopping');
  await scaler.stop();
  tls?.stop();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
