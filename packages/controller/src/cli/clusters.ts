import { systemClock } from '@windvane/carbon-map';
import { z } from 'zod';
import { createSources } from '../app/chains.ts';
import { createConfiguredResolver } from '../app/locations.ts';
import { createProviders } from '../app/providers.ts';
import { type Environment, loadConfig } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';
import { examineHub } from '../doctor/hub.ts';
import { examineOcmHub } from '../doctor/ocm-hub.ts';
import { examineZones } from '../doctor/zones.ts';
import type { ClusterView } from '../planes/plane.ts';
import { columns } from './columns.ts';
import { createHubClient, type HubClientOptions } from './hub-client.ts';
import type { ExitCode, Output } from './output.ts';

export interface ClustersOptions extends HubClientOptions {
  readonly config?: string;
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

type ClusterLines = z.output<typeof shape>['clusters'];

/** `windvane clusters`: the members that a running controller sees, or a configured hub has, and why some take no part. */
export async function showClusters(
  options: ClustersOptions,
  output: Output,
  environment: Environment,
): Promise<ExitCode> {
  const clusters =
    options.config === undefined
      ? (
          await createHubClient({ ...options, orElse: ', or give --config' }, environment).ask(
            QUERY,
            {},
            shape,
          )
        ).clusters
      : await fromConfig(options.config, environment);
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

/** From the hub's API server itself, with the intensities as the configured sources give them now. */
async function fromConfig(file: string, environment: Environment): Promise<ClusterLines> {
  const config = loadConfig(file, environment);
  const { karmada, ocm, carbon } = config;
  if (karmada === null && ocm === null) {
    throw new UserError(
      `${file}: names no kubeconfig: set karmada.kubeconfig or WINDVANE_KARMADA_KUBECONFIG, or ocm.kubeconfig or WINDVANE_OCM_KUBECONFIG`,
    );
  }
  const resolver = createConfiguredResolver(carbon);
  const clusters: ClusterView[] = [];
  if (karmada !== null) {
    const found = await examineHub(karmada, config, resolver, systemClock.now());
    if (found.problem !== null) throw new UserError(`karmada: ${found.problem}`);
    clusters.push(...found.clusters);
  }
  if (ocm !== null) {
    const found = await examineOcmHub(ocm, resolver);
    if (found.clusters.length === 0 && found.problems.length > 0) {
      throw new UserError(found.problems.map((problem) => `ocm: ${problem}`));
    }
    clusters.push(...found.clusters);
  }
  const providers = await createProviders(carbon.providers, systemClock);
  const { zones } = await examineZones({
    sources: createSources(carbon, providers, resolver),
    zones: [...new Set(clusters.flatMap(({ zone }) => zone ?? []))],
    resolver,
    clock: systemClock,
    allowedAge: carbon.allowedAge,
  });
  const grams = new Map(zones.map(({ zone, gramsPerKwh }) => [zone, gramsPerKwh]));
  return clusters.map(({ name, hub, plane, location, zone, ready, excluded }) => {
    const gramsPerKwh = zone === null ? null : (grams.get(zone) ?? null);
    const intensity = gramsPerKwh === null ? null : { gramsPerKwh };
    return {
      name,
      hub,
      plane,
      location,
      zone: zone === null ? null : { id: zone, intensity },
      ready,
      excluded,
    };
  });
}
