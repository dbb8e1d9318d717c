import type { ZoneCode } from '../model/reading.ts';
import { AWS_REGIONS } from './regions/aws.ts';
import { AZURE_REGIONS } from './regions/azure.ts';
import { GCP_REGIONS } from './regions/gcp.ts';

/** One region under its full name, `aws/eu-central-1`. */
export interface NamedRegion {
  readonly id: string;
  readonly bare: string;
  readonly zone: ZoneCode;
}

const PROVIDERS = { aws: AWS_REGIONS, azure: AZURE_REGIONS, gcp: GCP_REGIONS };

/** Regions by full name and by bare name, with the user's rows in place of ours. */
export interface RegionTable {
  readonly byId: ReadonlyMap<string, NamedRegion>;
  readonly byBare: ReadonlyMap<string, readonly NamedRegion[]>;
}

/** The built-in regions; `overrides` with a provider (`aws/us-west-2`) replace or add rows. */
export function regionTable(overrides: ReadonlyMap<string, ZoneCode>): RegionTable {
  const byId = new Map<string, NamedRegion>();
  for (const [provider, rows] of Object.entries(PROVIDERS)) {
    for (const { region, zone } of rows) {
      const id = `${provider}/${region}`;
      byId.set(id, { id, bare: region, zone });
    }
  }
  for (const [name, zone] of overrides) {
    const slash = name.indexOf('/');
    if (slash > 0) byId.set(name, { id: name, bare: name.slice(slash + 1), zone });
  }
  return { byId, byBare: Map.groupBy(byId.values(), (region) => region.bare) };
}
