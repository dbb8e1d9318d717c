import { type CarbonProvider, type Millis, ProviderError, type Reading } from '@windvane/carbon-map';

/** The same source under the name that the configuration gives it, which then stands on every number. */
export function renamed(provider: CarbonProvider, name: string): CarbonProvider {
  if (provider.name === name) return provider;
  const mine = (reading: Reading): Reading => ({ ...reading, source: name });
  return {
    ...provider,
    name,
    latest: async (zone, at, abort) => mine(await provider.latest(zone, at, abort)),
    async forecast(zone, at, horizon, abort) {
      const forecast = await provider.forecast(zone, at, horizon, abort);
      return forecast === null ? null : { ...forecast, source: name };
    },
    history: async (zone, from, to, abort) => (await provider.history(zone, from, to, abort)).map(mine),
  };
}

/** The same source, whose readings that ended more than `maxAge` ago are told as `no-data`: the chain goes on. */
export function limitedAge(provider: CarbonProvider, maxAge: Millis): CarbonProvider {
  return {
    ...provider,
    async latest(zone, at, abort) {
      const reading = await provider.latest(zone, at, abort);
      if (reading.validTo + maxAge > at) return reading;
      const ended = new Date(reading.validTo).toISOString();
      throw new ProviderError(
        'no-data',
        provider.name,
        `the newest reading of ${zone} ended at ${ended}, longer ago than its maxAge allows`,
      );
    },
  };
}
