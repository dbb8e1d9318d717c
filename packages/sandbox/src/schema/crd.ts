import { parse } from 'yaml';
import { isObject, type JsonObject, ownValue } from './json.ts';
import type { StructuralSchema } from './schema.ts';

/** What the API serves for one CustomResourceDefinition. */
export interface CustomResource {
  readonly group: string;
  readonly names: CustomResourceNames;
  readonly scope: 'Namespaced' | 'Cluster';
  readonly versions: readonly CustomResourceVersion[];
}

interface CustomResourceNames {
  readonly plural: string;
  readonly singular: string;
  readonly kind: string;
  readonly listKind: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
}

export interface CustomResourceVersion {
  readonly name: string;
  readonly served: boolean;
  readonly storage: boolean;
  readonly deprecated: boolean;
  readonly schema: StructuralSchema;
  readonly subresources: {
    readonly status: boolean;
    readonly scale?: ScalePaths;
  };
  readonly additionalPrinterColumns: readonly PrinterColumn[];
  readonly selectableFields: readonly { readonly jsonPath: string }[];
}

/** JSON paths of the scale subresource, for example `.spec.replicas`. */
interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
}

/** A definition that cannot be served; the message names the definition and the field. */
export class InvalidDefinitionError extends Error {
  override readonly name = 'InvalidDefinitionError';
}

/**
 * Reads a CustomResourceDefinition (apiextensions.k8s.io/v1).
 *
 * @param source YAML text with one document, or the parsed object
 * @throws InvalidDefinitionError naming what is missing or wrong
 */
export function parseCustomResourceDefinition(source: string | JsonObject): CustomResource {
  const definition = typeof source === 'string' ? parseYaml(source) : source;
  const metadata = objectAt(definition, 'metadata', 'the document');
  const name = stringAt(metadata, 'name', 'metadata');
  const fail = (problem: string): never => {
    throw new InvalidDefinitionError(`CustomResourceDefinition ${name}: ${problem}`);
  };
  const { apiVersion, kind } = definition;
  if (kind !== 'CustomResourceDefinition' || apiVersion !== 'apiextensions.k8s.io/v1') {
    return fail(
      `expected a CustomResourceDefinition of apiextensions.k8s.io/v1, got ${String(kind)} of ${String(apiVersion)}`,
    );
  }
  const spec = objectAt(definition, 'spec', name);
  const group = stringAt(spec, 'group', `${name}: spec`);
  const names = readNames(objectAt(spec, 'names', `${name}: spec`), name);
  if (name !== `${names.plural}.${group}`) {
    return fail(`metadata.name must be spec.names.plural+"."+spec.group, ${names.plural}.${group}`);
  }
  const { scope } = spec;
  if (scope !== 'Namespaced' && scope !== 'Cluster') {
    return fail(`spec.scope must be Namespaced or Cluster, got ${JSON.stringify(scope)}`);
  }
  const versions = listAt(spec, 'versions').map((version, index) =>
    readVersion(version, `${name}: spec.versions[${index}]`),
  );
  const stored = versions.filter((version) => version.storage).length;
  if (stored !== 1) {
    return fail(`spec.versions must have exactly one version marked as storage version, got ${stored}`);
  }
  if (new Set(versions.map((version) => version.name)).size !== versions.length) {
    return fail('spec.versions must contain unique version names');
  }
  return { group, names, scope, versions };
}

function parseYaml(text: string): JsonObject {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new InvalidDefinitionError(`not YAML: ${reason}`, { cause: error });
  }
  if (!isObject(document)) {
    throw new InvalidDefinitionError('a CustomResourceDefinition must be a YAML mapping');
  }
  return document;
}

function readNames(names: JsonObject, definition: string): CustomResourceNames {
  const where = `${definition}: spec.names`;
  const kind = stringAt(names, 'kind', where);
  const singular = ownValue(names, 'singular');
  const listKind = ownValue(names, 'listKind');
  return {
    plural: stringAt(names, 'plural', where),
    singular: typeof singular === 'string' ? singular : kind.toLowerCase(),
    kind,
    listKind: typeof listKind === 'string' ? listKind : `${kind}List`,
    shortNames: listAt(names, 'shortNames').map(String),
    categories: listAt(names, 'categories').map(String),
  };
}

function readVersion(version: unknown, where: string): CustomResourceVersion {
  if (!isObject(version)) {
    throw new InvalidDefinitionError(`${where}: expected an object`);
  }
  const schema = ownValue(version, 'schema');
  const root = isObject(schema) ? ownValue(schema, 'openAPIV3Schema') : undefined;
  if (!isObject(root)) {
    throw new InvalidDefinitionError(`${where}.schema.openAPIV3Schema: Required value: schemas are required`);
  }
  checkStructural(root, `${where}.schema.openAPIV3Schema`);
  const subresources = ownValue(version, 'subresources');
  const scale = isObject(subresources) ? ownValue(subresources, 'scale') : undefined;
  return {
    name: stringAt(version, 'name', where),
    served: version.served === true,
    storage: version.storage === true,
    deprecated: version.deprecated === true,
    schema: root,
    subresources: {
      status: isObject(subresources) && ownValue(subresources, 'status') !== undefined,
      ...(isObject(scale) ? { scale: readScale(scale, `${where}.subresources.scale`) } : {}),
    },
    additionalPrinterColumns: listAt(version, 'additionalPrinterColumns').map((column, index) =>
      readColumn(column, `${where}.additionalPrinterColumns[${index}]`),
    ),
    selectableFields: listAt(version, 'selectableFields').map((field, index) => ({
      jsonPath: stringAt(isObject(field) ? field : {}, 'jsonPath', `${where}.selectableFields[${index}]`),
    })),
  };
}

function readColumn(column: unknown, where: string): PrinterColumn {
  const fields = isObject(column) ? column : {};
  const { format, description, priority } = fields;
  return {
    name: stringAt(fields, 'name', where),
    type: stringAt(fields, 'type', where),
    jsonPath: stringAt(fields, 'jsonPath', where),
    ...(typeof format === 'string' ? { format } : {}),
    ...(typeof description === 'string' ? { description } : {}),
    ...(typeof priority === 'number' ? { priority } : {}),
  };
}

function readScale(scale: JsonObject, where: string): ScalePaths {
  const selector = ownValue(scale, 'labelSelectorPath');
  return {
    specReplicasPath: stringAt(scale, 'specReplicasPath', where),
    statusReplicasPath: stringAt(scale, 'statusReplicasPath', where),
    ...(typeof selector === 'string' ? { labelSelectorPath: selector } : {}),
  };
}

function checkStructural(schema: JsonObject, where: string): void {
  if (schema.type !== 'object') {
    throw new InvalidDefinitionError(`${where}.type: must be object at the root`);
  }
  checkNode(schema, where);
}

const TYPES: ReadonlySet<unknown> = new Set(['object', 'array', 'string', 'integer', 'number', 'boolean']);

function checkNode(schema: JsonObject, where: string): void {
  const fail = (problem: string): never => {
    throw new InvalidDefinitionError(`${where}: ${problem}`);
  };
  const anyType =
    schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (schema.type === undefined ? !anyType : !TYPES.has(schema.type)) {
    fail(`type must be one of ${[...TYPES].join(', ')}, got ${JSON.stringify(schema.type)}`);
  }
  if (schema['x-kubernetes-list-type'] === 'map' && !Array.isArray(schema['x-kubernetes-list-map-keys'])) {
    fail('x-kubernetes-list-map-keys is required when x-kubernetes-list-type is map');
  }
  for (const key of unkeyed(schema)) {
    fail(
      `items.properties[${key}].default: Required value: this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property`,
    );
  }
  if (typeof schema.pattern === 'string' && !compiles(schema.pattern)) {
    fail(`pattern is not a regular expression: ${schema.pattern}`);
  }
  if (schema.type === 'array' && !isObject(schema.items)) {
    fail('items is required for type array');
  }
  if (isObject(schema.items)) {
    checkNode(schema.items, `${where}.items`);
  }
  if (isObject(schema.additionalProperties)) {
    checkNode(schema.additionalProperties, `${where}.additionalProperties`);
  }
  for (const [key, child] of Object.entries(isObject(schema.properties) ? schema.properties : {})) {
    if (isObject(child)) {
      checkNode(child, `${where}.properties[${key}]`);
    } else {
      fail(`properties[${key}] must be a schema`);
    }
  }
}

/** Keys of a list of type map that an item may leave out without a default taking their place. */
function unkeyed(schema: JsonObject): string[] {
  const { items } = schema;
  const keys: unknown = schema['x-kubernetes-list-map-keys'];
  if (!Array.isArray(keys) || !isObject(items)) {
    return [];
  }
  const properties = isObject(items.properties) ? items.properties : {};
  const required: readonly unknown[] = Array.isArray(items.required) ? items.required : [];
  return keys.map(String).filter((key) => {
    const property = ownValue(properties, key);
    return !required.includes(key) && !(isObject(property) && property.default !== undefined);
  });
}

function compiles(pattern: string): boolean {
  try {
    return new RegExp(pattern) instanceof RegExp;
  } catch {
    return false;
  }
}

function objectAt(parent: JsonObject, key: string, where: string): JsonObject {
  const value = ownValue(parent, key);
  if (!isObject(value)) {
    throw new InvalidDefinitionError(`${where}: ${key} is required and must be an object`);
  }
  return value;
}

function stringAt(parent: JsonObject, key: string, where: string): string {
  const value = ownValue(parent, key);
  if (typeof value !== 'string' || value === '') {
    throw new InvalidDefinitionError(`${where}.${key}: Required value`);
  }
  return value;
}

function listAt(parent: JsonObject, key: string): unknown[] {
  const value = ownValue(parent, key);
  return Array.isArray(value) ? value : [];
}
