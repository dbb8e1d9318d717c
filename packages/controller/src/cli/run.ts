import { hostname } from 'node:os';
import process from 'node:process';
import {
  createLocationResolver,
  LocationError,
  type LocationResolver,
  systemClock,
} from '@windvane/carbon-map';
import { pino } from 'pino';
import { startApi } from '../api/server.ts';
import { createController } from '../app/controller.ts';
import { createPlanes } from '../app/planes.ts';
import { createProviders } from '../app/providers.ts';
import { createStore } from '../app/store.ts';
import { type Environment, type HubConfig, loadConfig } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';
import type { ExitCode, Output } from './output.ts';

/** `windvane run`: everything from the configuration, until `stop`. */
export async function runController(
  options: Readonly<Record<string, unknown>>,
  output: Output,
  environment: Environment,
  stop: AbortSignal,
): Promise<ExitCode> {
  const file = options['config'];
  const config = loadConfig(typeof file === 'string' ? file : undefined, environment);
  const log = pino({ base: null }, { write: (line: string) => output.line(line.trimEnd()) });
  const resolver = resolverOf(config);
  const providers = await createProviders(config.carbon.providers, systemClock);
  const planes = createPlanes(config, { resolver, clock: systemClock, log });
  if (planes.length === 0) {
    log.warn(
      'no kubeconfig is configured: serving the carbon map only; set WINDVANE_KARMADA_KUBECONFIG or karmada.kubeconfig',
    );
  }
  const controller = createController({
    clock: systemClock,
    mode: config.mode,
    store: await createStore(config.store, systemClock),
    resolver,
    providers,
    zones: zonesOf(config, resolver),
    refreshEvery: config.carbon.refresh,
    planes,
    holder: `${hostname()}-${process.pid}`,
    log,
  });
  try {
    await controller.start();
    const api = await startApi({ fleet: controller.fleet, ...config.api, log });
    try {
      controller.keepRefreshing();
      log.info(
        { mode: config.mode, store: config.store.kind, api: `${api.url}/graphql` },
        'windvane is running',
      );
      await aborted(stop);
      log.info('stopping');
    } finally {
      await api.stop();
    }
  } finally {
    await controller.stop();
  }
  if (options['json'] === true) {
    output.json({
      mode: config.mode,
      store: config.store.kind,
      mapVersion: controller.fleet.map()?.version ?? null,
    });
  }
  return 0;
}

function resolverOf(config: HubConfig): LocationResolver {
  try {
    return createLocationResolver({ overrides: config.carbon.locations });
  } catch (error) {
    throw error instanceof LocationError ? new UserError(`carbon.locations: ${error.message}`) : error;
  }
}

function zonesOf(config: HubConfig, resolver: LocationResolver): readonly string[] {
  try {
    return config.carbon.zones.length === 0 ? [] : resolver.expand(config.carbon.zones);
  } catch (error) {
    throw error instanceof LocationError ? new UserError(`carbon.zones: ${error.message}`) : error;
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    // An AbortSignal alone does not keep a process alive; the server does.
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
