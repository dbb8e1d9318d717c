import { hostname } from 'node:os';
import process from 'node:process';
import { systemClock } from '@windvane/carbon-map';
import { pino } from 'pino';
import { startApi } from '../api/server.ts';
import { createSources } from '../app/chains.ts';
import { createController } from '../app/controller.ts';
import { createConfiguredResolver, placeMistakes, zonesOf } from '../app/locations.ts';
import { createPlanes } from '../app/planes.ts';
import { createPrices } from '../app/prices.ts';
import { createProviders } from '../app/providers.ts';
import { createStore } from '../app/store.ts';
import { type Environment, loadConfig } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';
import type { ExitCode, Output } from './output.ts';

/** `windvane run`: everything from the configuration, until `stop`. */
export async function runController(
  options: { readonly config?: string; readonly json?: boolean },
  output: Output,
  environment: Environment,
  stop: AbortSignal,
): Promise<ExitCode> {
  const config = loadConfig(options.config, environment);
  const log = pino({ base: null }, { write: (line: string) => output.line(line.trimEnd()) });
  const resolver = createConfiguredResolver(config.carbon);
  const misplaced = placeMistakes(config, resolver);
  if (misplaced.length > 0) throw new UserError(misplaced);
  const providers = await createProviders(config.carbon.providers, systemClock);
  const prices = config.prices === null ? null : await createPrices(config.prices, systemClock);
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
    ...createSources(config.carbon, providers, resolver),
    allowedAge: config.carbon.allowedAge,
    zones: zonesOf(config.carbon.zones, 'carbon.zones', resolver),
    refreshEvery: config.carbon.refresh,
    planes,
    prices,
    holder: `${hostname()}-${process.pid}`,
    log,
  });
  try {
    await controller.start();
    const api = await startApi({ fleet: controller.fleet, ...config.api, clock: systemClock, log });
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
  if (options.json === true) {
    output.json({
      mode: config.mode,
      store: config.store.kind,
      mapVersion: controller.fleet.map()?.version ?? null,
    });
  }
  return 0;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    // An AbortSignal alone does not keep a process alive; the server does.
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
