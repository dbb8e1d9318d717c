import { z } from 'zod';
import type { Environment } from '../config/config.ts';
import { columns } from './columns.ts';
import { createHubClient } from './hub-client.ts';
import type { ExitCode, Output } from './output.ts';

export interface ClustersOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
}

const shape = z.object({
  clusters: z.array(
    z.object({
      name: z.string(),
      hub: z.string(),
      plane: z.string(),
      location: z.string().nullable(),
      zone: z
        .object({ id: z.string(), intensity: z.object({ gramsPerKwh: z.number() }).nullable() })
        .nullable(),
      ready: z.boolean(),
      excluded: z.string().nullable(),
    }),
  ),
});

const QUERY = `{ clusters { name hub plane location zone { id intensity { gramsPerKwh } } ready excluded } }`;

/** `windvane clusters`: the members that a running controller sees, and why some take no part. */
export async function showClusters(
  options: ClustersOptions,
  output: Output,
  environment: Environment,
): Promise<ExitCode> {
  const hub = createHubClient(options.url, options.tokenFile, environment);
  const { clusters } = await hub.ask(QUERY, {}, shape);
  const rows = clusters.map(({ name, hub: of, location, zone, ready, excluded }) => [
    name,
    of,
    location ?? '-',
    zone?.id ?? '-',
    zone?.intensity === null || zone?.intensity === undefined
      ? '-'
      : String(Math.round(zone.intensity.gramsPerKwh)),
    ready ? 'yes' : 'no',
    excluded ?? '',
  ]);
  if (rows.length === 0) output.line('No member clusters are known.');
  else {
    const header = ['NAME', 'HUB', 'LOCATION', 'ZONE', 'G/KWH', 'READY', 'LEFT OUT BECAUSE'];
    for (const line of columns(header, rows)) output.line(line);
  }
  if (options.json === true) output.json({ clusters });
  return 0;
}
