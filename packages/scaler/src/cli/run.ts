import { hostname } from 'node:os';
import process from 'node:process';
import { type Clock, type LocationResolver, systemClock } from '@windvane/carbon-map';
import {
  createConfiguredResolver,
  createProviders,
  createSources,
  sourceMistakes,
} from '@windvane/controller/carbon';
import { type Environment, type HubConfig, loadConfig, UserError } from '@windvane/controller/config';
import { connectKube, isKubeError } from '@windvane/controller/kube';
import { pino } from 'pino';
import { startAdmission } from '../app/admission.ts';
import type { ScalerLog } from '../app/log.ts';
import { type ScalerParts, startScaler } from '../app/scaler.ts';
import { createStops, type Stops } from '../app/stops.ts';
import { startClusterSide } from '../cluster/cluster-side.ts';
import { readSettings, type ScalerSettings } from '../config/settings.ts';
import { watchTls } from '../grpc/tls.ts';
import { createMemoryDisk } from '../source/hub/disk.ts';
import { createHubSource } from '../source/hub/hub.ts';
import { reportHolds } from '../source/hub/report.ts';
import { createOwnSource } from '../source/own.ts';
import { examine } from './doctor.ts';
import type { Finding } from './finding.ts';

/** `windvane-scaler doctor`: what a scaler with this environment would stand on. Throws UserError as `run` does. */
export async function doctor(environment: Environment, stop: AbortSignal): Promise<readonly Finding[]> {
  const settings = readSettings(environment);
  const clock = systemClock;
  const { carbon, resolver } = carbonOf(settings, environment);
  const chains = createSources(carbon, await createProviders(carbon.providers, clock), resolver);
  const hub = hubOf(settings, clock, stop);
  const quiet = { info: () => {}, warn: () => {}, error: () => {} };
  return examine({
    settings,
    clock,
    resolver,
    hub: hub === null ? null : (zones, lost) => hub.source(zones, { lost, back: () => {} }),
    own: (zones, failed) => createOwnSource({ clock, resolver, ...chains, zones, failed }),
    api: kubeOf(settings, quiet)?.api ?? null,
  });
}

export interface RunOptions {
  readonly clock?: Clock;
  readonly log?: ScalerLog;
}

/**
 * Runs a scaler from its environment until `stop`, and leaves nothing running.
 * @throws {UserError} for what its operator must mend
 */
export async function run(
  environment: Environment,
  stop: AbortSignal,
  { clock = systemClock, log = pino({ base: null }) }: RunOptions = {},
): Promise<void> {
  const settings = readSettings(environment);
  const stops = createStops();
  try {
    await start(settings, environment, { clock, log, stop, stops });
    await aborted(stop);
    log.info({}, 'stopping');
  } finally {
    await stops.run();
  }
}

interface Surroundings extends Required<RunOptions> {
  readonly stop: AbortSignal;
  readonly stops: Stops;
}

async function start(
  settings: ScalerSettings,
  environment: Environment,
  { clock, log, stop, stops }: Surroundings,
): Promise<void> {
  const { carbon, resolver } = carbonOf(settings, environment);
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
  stops.add(() => tls?.stop());
  const kube = kubeOf(settings, log);
  const scaler = await startScaler({
    clock,
    resolver,
    location: settings.location,
    hub: hubOf(settings, clock, stop),
    kube,
    own: (zones, failed) =>
      createOwnSource({ clock, resolver, ...sources, zones, interval: carbon.refresh, failed }),
    listen: settings.listen,
    metricsListen: settings.metricsListen,
    credentials: tls?.credentials ?? null,
    log,
  });
  stops.add(() => scaler.stop());
  const { scaled, leading } = scaler;
  if (settings.webhook !== null) {
    const { address: scalerAddress, webhook } = settings;
    const admission = await startAdmission({ settings: webhook, kube, leading, scalerAddress, clock, log });
    stops.add(() => admission.stop());
  }
  if (kube !== null && scaled !== null) {
    const { api } = kube;
    const side = await startClusterSide({
      ...scaler,
      scaled,
      api,
      clock,
      scalerAddress: settings.address,
      log,
    });
    stops.add(() => side.stop());
    scaler.countGated(side.gated);
  }
  log.info(
    { grpc: scaler.grpcPort, metrics: scaler.metricsPort, tls: tls !== null, cluster: settings.cluster },
    'windvane-scaler is running',
  );
}

interface Carbon {
  readonly carbon: HubConfig['carbon'];
  readonly resolver: LocationResolver;
}

/** The scaler's own sources and names of places. Throws {@link UserError} for those that cannot be used. */
function carbonOf(settings: ScalerSettings, environment: Environment): Carbon {
  const { carbon } = fileOf(settings, environment);
  const resolver = createConfiguredResolver(carbon);
  const mistakes = sourceMistakes(carbon, resolver);
  if (mistakes.length > 0) throw new UserError(mistakes);
  return { carbon, resolver };
}

function fileOf({ configFile }: ScalerSettings, environment: Environment): HubConfig {
  try {
    return loadConfig(configFile ?? undefined, environment);
  } catch (error) {
    if (!(error instanceof UserError) || configFile === null) throw error;
    // Who set the variable elsewhere does not know the file by its name.
    throw new UserError(
      error.lines.map((line) => (line.startsWith(configFile) ? `WINDVANE_CONFIG: ${line}` : line)),
    );
  }
}

function hubOf(
  { hub, cluster, stateDir }: ScalerSettings,
  clock: Clock,
  stop: AbortSignal,
): ScalerParts['hub'] {
  if (hub === null || cluster === null) return null;
  return {
    source: (zones, { lost, back }) =>
      createHubSource({
        clock,
        cluster,
        connection: hub,
        disk: createMemoryDisk(stateDir, lost),
        zones,
        lost,
        back,
      }),
    report: (holds) => reportHolds(hub, cluster, holds, stop),
  };
}

/** Without an API server it answers all the same: creation times, Events and reports by workload are missed then. */
function kubeOf({ watch, kubeconfig, namespace }: ScalerSettings, log: ScalerLog): ScalerParts['kube'] {
  if (!watch) return null;
  try {
    const api = connectKube(kubeconfig === null ? {} : { path: kubeconfig });
    return { api, namespace, holder: `${hostname()}-${process.pid}` };
  } catch (error) {
    if (!isKubeError(error, 'misconfigured')) throw error;
    if (kubeconfig !== null) throw new UserError(`WINDVANE_KUBECONFIG: ${error.message}`);
    log.warn({}, `no API server is watched: ${error.message}; WINDVANE_WATCH=off says that this is meant`);
    return null;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
