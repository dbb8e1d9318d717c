import {
  type CarbonProvider,
  type Clock,
  createBaselineProvider,
  createCarbonAwareSdkProvider,
  createElectricityMapsProvider,
  createEnergyChartsProvider,
  createPrometheusProvider,
  createReplayProvider,
  createUkCarbonIntensityProvider,
  createWattTimeProvider,
  ProviderError,
} from '@windvane/carbon-map';
import type { ProviderConfig } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';
import { limitedAge, renamed } from './dressed-provider.ts';

/** The HTTP client of a provider, by its name; the platform's own unless somebody wants to watch. */
export type FetchOf = (provider: string) => typeof fetch;

/** Makes the configured sources, in their order. Throws UserError for a file that cannot be used. */
export async function createProviders(
  configured: readonly ProviderConfig[],
  clock: Clock,
  fetchOf: FetchOf = () => fetch,
): Promise<readonly CarbonProvider[]> {
  const providers: CarbonProvider[] = [];
  for (const [index, config] of configured.entries()) {
    const own = await createProvider(config, clock, fetchOf(config.name), `carbon.providers[${index}]`);
    const named = renamed(own, config.name);
    providers.push(config.maxAge === undefined ? named : limitedAge(named, config.maxAge));
  }
  return providers;
}

async function createProvider(
  config: ProviderConfig,
  clock: Clock,
  fetcher: typeof fetch,
  field: string,
): Promise<CarbonProvider> {
  const http = { clock, fetch: fetcher };
  switch (config.type) {
    case 'electricity-maps':
      return createElectricityMapsProvider({ ...config, ...http });
    case 'watttime':
      return createWattTimeProvider({ ...config, ...http });
    case 'uk-carbon-intensity':
      return createUkCarbonIntensityProvider({ ...config, ...http });
    case 'energy-charts':
      return createEnergyChartsProvider({ ...config, ...http });
    case 'carbon-aware-sdk':
      return createCarbonAwareSdkProvider({ ...config, ...http });
    case 'prometheus':
      return createPrometheusProvider({ ...config, ...http });
    case 'baseline':
      return createBaselineProvider();
    case 'replay':
      break;
  }
  return loadedReplay(config, field);
}

async function loadedReplay(
  { file, forecasts }: { readonly file: string; readonly forecasts?: string },
  field: string,
): Promise<CarbonProvider> {
  const provider = createReplayProvider({
    csv: { path: file },
    ...(forecasts !== undefined && { forecasts: { path: forecasts } }),
  });
  // A mistake in the file shall show now, not at some hour of the night.
  await provider.load().catch((error: unknown) => {
    throw error instanceof ProviderError ? new UserError(`${field}: ${error.message}`) : error;
  });
  return provider;
}
