import { InvalidDefinitionError, parseCustomResourceDefinition } from '../../schema/crd.ts';
import type { FieldError } from '../../schema/schema.ts';
import { equalJson, isObject, type KubeObject } from '../object.ts';

/** Rules between fields, and between an object and its former self, that no schema states. */
export type Check = (object: KubeObject, previous: KubeObject | undefined) => FieldError[];

function read(object: unknown, path: string): unknown {
  let value = object;
  for (const key of path.split('.')) value = isObject(value) ? value[key] : undefined;
  return value;
}

/** The pods of a template must be those that the selector selects; what is selected cannot change later. */
export const checkWorkload: Check = (object, previous) => [
  ...checkTemplateLabels(object),
  ...immutable(object, previous, ['spec.selector']),
];

export const checkJob: Check = (object, previous) => {
  const suspended = read(previous, 'spec.suspend') === true && read(object, 'spec.suspend') === true;
  const fields = ['spec.completions', 'spec.selector', ...(suspended ? [] : ['spec.template'])];
  return immutable(object, previous, fields);
};

export const checkDefinition: Check = (object) => {
  try {
    parseCustomResourceDefinition(object);
    return [];
  } catch (error) {
    if (!(error instanceof InvalidDefinitionError)) throw error;
    return [{ field: 'spec', reason: 'FieldValueInvalid', message: error.message }];
  }
};

/** What the scale subresource shows must be whole numbers from 0, whatever the schema allows. */
export function checkScale(paths: readonly string[]): Check {
  return (object) =>
    paths.flatMap((path): FieldError[] => {
      const value = read(object, path.replace(/^\./, ''));
      if (value === undefined || value === null) return [];
      const whole = typeof value === 'number' && Number.isInteger(value);
      if (whole && value >= 0) return [];
      const problem = whole
        ? `Invalid value: ${value}: should be a non-negative integer`
        : `Invalid value: 0: ${path} accessor error: ${text(value)} is of the type ${typeof value}, expected int64`;
      return [{ field: path, reason: 'FieldValueInvalid', message: problem }];
    });
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function checkTemplateLabels(object: KubeObject): FieldError[] {
  const field = 'spec.template.metadata.labels';
  const labels = read(object, field);
  const wanted = read(object, 'spec.selector.matchLabels');
  const expressions = read(object, 'spec.selector.matchExpressions');
  const found = isObject(labels) ? labels : {};
  const selects = isObject(wanted) && Object.entries(wanted).every(([key, value]) => found[key] === value);
  if (selects || (Array.isArray(expressions) && wanted === undefined)) return [];
  const value = JSON.stringify(labels ?? null);
  const message = `Invalid value: ${value}: \`selector\` does not match template \`labels\``;
  return [{ field, reason: 'FieldValueInvalid', message }];
}

function immutable(
  object: KubeObject,
  previous: KubeObject | undefined,
  fields: readonly string[],
): FieldError[] {
  if (previous === undefined) return [];
  return fields
    .filter((field) => !equalJson(read(object, field), read(previous, field)))
    .map((field) => {
      const value = JSON.stringify(read(object, field) ?? null);
      return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${value}: field is immutable` };
    });
}
