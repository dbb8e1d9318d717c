import {
  type CarbonProvider,
  type Clock,
  createBaselineProvider,
  createElectricityMapsProvider,
  createReplayProvider,
  ProviderError,
} from '@windvane/carbon-map';
import type { ProviderConfig } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';

/** Makes the configured chain. Throws UserError for a file that cannot be used. */
export async function createProviders(
  configured: readonly ProviderConfig[],
  clock: Clock,
): Promise<readonly CarbonProvider[]> {
  const providers: CarbonProvider[] = [];
  for (const [index, provider] of configured.entries()) {
    providers.push(await createProvider(provider, clock, `carbon.providers[${index}]`));
  }
  return providers;
}

async function createProvider(config: ProviderConfig, clock: Clock, field: string): Promise<CarbonProvider> {
  if (config.type === 'baseline') return createBaselineProvider();
  if (config.type === 'electricity-maps')
    return createElectricityMapsProvider({ token: config.token, clock });
  const provider = createReplayProvider({ csv: { path: config.file } });
  // A mistake in the file shall show now, not at some hour of the night.
  await provider.load().catch((error: unknown) => {
    throw error instanceof ProviderError ? new UserError(`${field}: ${error.message}`) : error;
  });
  return provider;
}
