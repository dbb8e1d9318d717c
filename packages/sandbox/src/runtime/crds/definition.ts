import { stringify } from 'yaml';
import { object, type Schema, text } from './schema.ts';

interface PrinterColumn {
  readonly name: string;
  readonly jsonPath: string;
  readonly type: 'string' | 'date' | 'integer' | 'boolean';
  readonly description?: string;
  readonly priority?: number;
}

export interface DefinitionInput {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
  readonly scope: 'Namespaced' | 'Cluster';
  readonly spec?: Schema;
  readonly status?: Schema;
  /** Top-level fields that an object must have. */
  readonly required?: readonly string[];
  readonly columns?: readonly PrinterColumn[];
}

export const AGE: PrinterColumn = { name: 'AGE', jsonPath: '.metadata.creationTimestamp', type: 'date' };

/** A CustomResourceDefinition as YAML. */
export function definition(input: DefinitionInput): string {
  const { group, version, kind, plural, shortNames, categories, scope, spec, status } = input;
  const properties = {
    apiVersion: text,
    kind: text,
    metadata: { type: 'object' },
    ...(spec === undefined ? {} : { spec }),
    ...(status === undefined ? {} : { status }),
  };
  const manifest = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: {
        kind,
        listKind: `${kind}List`,
        plural,
        singular: kind.toLowerCase(),
        ...(shortNames === undefined ? {} : { shortNames }),
        ...(categories === undefined ? {} : { categories }),
      },
      scope,
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          schema: { openAPIV3Schema: object(properties, input.required) },
          ...(input.columns === undefined ? {} : { additionalPrinterColumns: input.columns }),
          ...(status === undefined ? {} : { subresources: { status: {} } }),
        },
      ],
    },
  };
  return stringify(manifest, { aliasDuplicateObjects: false });
}
