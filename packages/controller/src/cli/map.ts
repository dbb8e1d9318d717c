import {
  createMemoryStore,
  LocationError,
  type LocationResolver,
  systemClock,
  type ZoneCode,
} from '@windvane/carbon-map';
import { z } from 'zod';
import { createSources } from '../app/chains.ts';
import { createController } from '../app/controller.ts';
import { zonesOf as configuredZones, createConfiguredResolver } from '../app/locations.ts';
import { createProviders } from '../app/providers.ts';
import { type Environment, loadConfig } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';
import { columns } from './columns.ts';
import { createHubClient, type HubClientOptions } from './hub-client.ts';
import type { ExitCode, Output } from './output.ts';

export interface MapOptions extends HubClientOptions {
  readonly config?: string;
  readonly json?: boolean;
}

const zoneSchema = z.object({
  id: z.string(),
  name: z.string(),
  rank: z.number().nullable(),
  intensity: z
    .object({
      gramsPerKwh: z.number(),
      signal: z.string(),
      basis: z.string(),
      source: z.string(),
      estimated: z.boolean(),
      validFrom: z.string(),
      data: z.string(),
    })
    .nullable(),
});
type ZoneLine = z.output<typeof zoneSchema>;

const QUERY = `query Map($locations: [String!]) { carbonMap(locations: $locations) {
  id name rank intensity { gramsPerKwh signal basis source estimated validFrom data } } }`;

/** `windvane map`: the zones, from a running controller or, with --config, asked for once from the configured sources. */
export async function showMap(
  locations: readonly string[],
  options: MapOptions,
  output: Output,
  environment: Environment,
): Promise<ExitCode> {
  const zones =
    options.config === undefined
      ? await fromHub(locations, options, environment)
      : await fromConfig(locations, options.config, environment);
  zones.sort((a, b) => (a.rank ?? Number.POSITIVE_INFINITY) - (b.rank ?? Number.POSITIVE_INFINITY));
  const rows = zones.map(({ id, name, intensity }) => [
    id,
    name,
    intensity === null ? '-' : String(Math.round(intensity.gramsPerKwh)),
    intensity === null ? 'no data' : intensity.data,
    intensity === null ? '' : `${intensity.signal}, ${intensity.basis}; ${intensity.source}`,
  ]);
  if (rows.length === 0)
    output.line('The map holds no zones: name locations, or list zones in the configuration.');
  else for (const line of columns(['ZONE', 'NAME', 'G/KWH', 'DATA', 'SOURCE'], rows)) output.line(line);
  if (options.json === true) output.json({ zones });
  return 0;
}

async function fromHub(
  locations: readonly string[],
  options: MapOptions,
  environment: Environment,
): Promise<ZoneLine[]> {
  const hub = createHubClient({ ...options, orElse: ', or give --config' }, environment);
  const variables = locations.length === 0 ? {} : { locations };
  return (await hub.ask(QUERY, variables, z.object({ carbonMap: z.array(zoneSchema) }))).carbonMap;
}

async function fromConfig(
  locations: readonly string[],
  file: string,
  environment: Environment,
): Promise<ZoneLine[]> {
  const config = loadConfig(file, environment);
  const resolver = createConfiguredResolver(config.carbon);
  const providers = await createProviders(config.carbon.providers, systemClock);
  const controller = createController({
    clock: systemClock,
    mode: 'observe',
    store: createMemoryStore(),
    resolver,
    providers,
    ...createSources(config.carbon, providers, resolver),
    allowedAge: config.carbon.allowedAge,
    zones: zonesOf(locations, resolver, config.carbon.zones),
    refreshEvery: config.carbon.refresh,
    planes: [],
    holder: 'windvane map',
    log: { info: () => {}, warn: () => {}, error: () => {} },
  });
  try {
    const map = await controller.refresh();
    const ordered = Object.values(map.zones).toSorted(
      (a, b) => (a.reading?.gramsPerKwh ?? Infinity) - (b.reading?.gramsPerKwh ?? Infinity),
    );
    return ordered.map(({ zone, name, reading, data }, index) => ({
      id: zone,
      name,
      rank: reading === null ? null : index + 1,
      intensity:
        reading === null
          ? null
          : { ...reading, validFrom: new Date(reading.validFrom).toISOString(), data: data ?? 'stale' },
    }));
  } finally {
    await controller.stop();
  }
}

function zonesOf(
  locations: readonly string[],
  resolver: LocationResolver,
  configured: readonly string[],
): readonly ZoneCode[] {
  if (locations.length === 0) return configuredZones(configured, 'carbon.zones', resolver);
  try {
    return resolver.expand(locations);
  } catch (error) {
    throw error instanceof LocationError ? new UserError(error.message) : error;
  }
}
