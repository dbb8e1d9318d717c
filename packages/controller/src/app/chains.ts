import type { CarbonProvider, LocationResolver, RateLimit, ZoneCode } from '@windvane/carbon-map';
import type { HubConfig } from '../config/config.ts';
import { zonesOf } from './locations.ts';

/** What the refresher asks of the configuration. */
export interface Sources {
  /** Chain of a zone, best first. */
  readonly chain: (zone: ZoneCode) => readonly CarbonProvider[];
  readonly rateLimit: (provider: CarbonProvider) => RateLimit | null;
}

/**
 * Chains and limits of the configured providers: the first chain whose list holds a zone counts, else all of them in
 * their order. Throws UserError for a chain of locations that are not known.
 * @param providers in the order of the configuration
 */
export function createSources(
  carbon: HubConfig['carbon'],
  providers: readonly CarbonProvider[],
  resolver: LocationResolver,
): Sources {
  const byName = new Map(providers.map((provider) => [provider.name, provider]));
  const chains = new Map<ZoneCode, readonly CarbonProvider[]>();
  for (const [index, { zones, providers: names }] of carbon.chains.entries()) {
    const chain = names.flatMap((name) => byName.get(name) ?? []);
    for (const zone of zonesOf(zones, `carbon.chains[${index}].zones`, resolver)) {
      if (!chains.has(zone)) chains.set(zone, chain);
    }
  }
  const rates = new Map(carbon.providers.map(({ name, rate }) => [name, rate]));
  return {
    chain: (zone) => chains.get(zone) ?? providers,
    rateLimit({ name }) {
      const rate = rates.get(name);
      return rate === undefined ? null : { key: 'configured', ...rate };
    },
  };
}
