import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parseAllDocuments } from 'yaml';

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly required?: readonly string[];
  readonly [keyword: string]: unknown;
}

export interface Definition {
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

/** Upstream's definitions, unmodified, which are not part of this repository; undefined when they are not there. */
export function upstreamDefinitions(plane: string): readonly Definition[] | undefined {
  const folder = resolve(import.meta.dirname, '../../../../../../shared/crds', plane);
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder).flatMap((file) =>
    parseAllDocuments(readFileSync(join(folder, file), 'utf8'))
      .map((document): Definition | null => document.toJS())
      .filter((definition) => definition !== null),
  );
}

/** What a definition of ours says beside its schema, for comparison with upstream's. */
function outline({ spec }: Definition, name: string | undefined): object {
  const version = spec.versions.find((candidate) => candidate.name === name);
  return {
    names: spec.names,
    scope: spec.scope,
    storage: version?.storage,
    columns: version?.additionalPrinterColumns,
    status: version?.subresources?.status,
  };
}

/** Where a definition of ours says something else than upstream's, among the fields that ours lists. */
export function differencesFrom(real: readonly Definition[], own: Definition): readonly string[] {
  const counterpart = real.find((definition) => definition.metadata.name === own.metadata.name);
  if (counterpart === undefined) return [`${own.metadata.name}: there is no such kind`];
  const version = own.spec.versions[0];
  const upstream = counterpart.spec.versions.find((entry) => entry.name === version?.name);
  const found = differences(
    version?.schema.openAPIV3Schema ?? {},
    upstream?.schema.openAPIV3Schema ?? {},
    own.metadata.name,
  );
  const [ours, theirs] = [outline(own, version?.name), outline(counterpart, version?.name)];
  if (!isDeepStrictEqual(ours, theirs)) found.push(`${JSON.stringify(ours)} is ${JSON.stringify(theirs)}`);
  return found;
}
