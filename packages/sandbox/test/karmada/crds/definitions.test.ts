import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { karmadaDefinitions } from '../../../src/index.ts';

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly [keyword: string]: unknown;
}

interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: object;
    readonly versions: readonly {
      readonly name: string;
      readonly storage: boolean;
      readonly schema: { readonly openAPIV3Schema: Schema };
      readonly additionalPrinterColumns?: unknown;
      readonly subresources?: { readonly status?: object };
    }[];
  };
}

const folder = resolve(import.meta.dirname, '../../../../../../shared/crds/karmada');
const ours = karmadaDefinitions.map((text): Definition => parse(text));

/** Keywords that say what is valid, what is filled in and how lists are merged. */
const KEYWORDS = [
  'type',
  'enum',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'default',
  'x-kubernetes-list-type',
  'x-kubernetes-map-type',
  'x-kubernetes-preserve-unknown-fields',
  'x-kubernetes-int-or-string',
];

/** Where our schema differs from the real one, among the fields that ours lists. */
function differences(own: Schema, real: Schema, path: string): string[] {
  // Kept whole here, spelt out there: whatever is valid there is kept here.
  if (own['x-kubernetes-preserve-unknown-fields'] === true && real.properties !== undefined) return [];
  const found = KEYWORDS.filter(
    (keyword) => JSON.stringify(own[keyword]) !== JSON.stringify(real[keyword]),
  ).map(
    (keyword) => `${path}: ${keyword} ${JSON.stringify(own[keyword])} is ${JSON.stringify(real[keyword])}`,
  );
  const required = (schema: Schema): string => [...(schema.required ?? [])].sort().join(', ');
  if (required(own) !== required(real)) {
    found.push(`${path}: required ${required(own)} is ${required(real)}`);
  }
  for (const [name, schema] of Object.entries(own.properties ?? {})) {
    const counterpart = real.properties?.[name];
    if (counterpart === undefined) found.push(`${path}.${name}: there is no such field`);
    else found.push(...differences(schema, counterpart, `${path}.${name}`));
  }
  if (own.items !== undefined && real.items !== undefined) {
    found.push(...differences(own.items, real.items, `${path}[]`));
  }
  return found;
}

const present = existsSync(folder);
const real = present
  ? readdirSync(folder).map((file): Definition => parse(readFileSync(join(folder, file), 'utf8')))
  : [];
const compared = ours.filter((definition) => definition.spec.group !== 'cluster.karmada.io');

describe('our definitions of Karmada kinds', () => {
  it('are the kinds that Windvane and the stand-ins use', () => {
    expect(ours.map((definition) => definition.metadata.name)).toEqual([
      'propagationpolicies.policy.karmada.io',
      'clusterpropagationpolicies.policy.karmada.io',
      'overridepolicies.policy.karmada.io',
      'clusteroverridepolicies.policy.karmada.io',
      'resourcebindings.work.karmada.io',
      'clusterresourcebindings.work.karmada.io',
      'works.work.karmada.io',
      'clusters.cluster.karmada.io',
    ]);
  });

  // Without the folder of upstream definitions there is nothing to compare with.
  it.skipIf(!present).each(compared)('describe $metadata.name as Karmada does', (own) => {
    const counterpart = real.find((definition) => definition.metadata.name === own.metadata.name);
    expect(own.spec.names).toEqual(counterpart?.spec.names);
    expect(own.spec.scope).toBe(counterpart?.spec.scope);
    const version = own.spec.versions[0];
    const upstream = counterpart?.spec.versions.find((entry) => entry.name === version?.name);
    expect(upstream?.storage).toBe(true);
    expect(version?.additionalPrinterColumns).toEqual(upstream?.additionalPrinterColumns);
    expect(version?.subresources?.status).toEqual(upstream?.subresources?.status);
    const [schema, wanted] = [version?.schema.openAPIV3Schema, upstream?.schema.openAPIV3Schema];
    expect(differences(schema ?? {}, wanted ?? {}, own.metadata.name)).toEqual([]);
  });
});
