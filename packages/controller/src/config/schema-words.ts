import { nearMisses, quoted } from '@windvane/carbon-map';
import { z } from 'zod';

const WANTED: Readonly<Record<string, string>> = {
  object: 'write keys and values',
  record: 'write names and values',
  array: 'write a list, for example [a, b]',
  string: 'write a text',
  number: 'write a number',
  int: 'write a whole number',
  boolean: 'write true or false',
};

/**
 * What to write instead, wherever a schema does not say it itself: the schema library's own words tell no remedy.
 * Undefined leaves an issue to them.
 */
export function schemaWords(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      return wanted(WANTED[issue.expected] ?? `write a value of type ${issue.expected}`, issue.input);
    case 'too_small':
      if (issue.origin !== 'number') return 'must not be empty';
      return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`;
    case 'too_big':
      return `must be at most ${issue.maximum}`;
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownKey(key, issue.inst)).join('; ');
    case 'custom':
    case 'invalid_element':
    case 'invalid_format':
    case 'invalid_key':
    case 'invalid_union':
    case 'invalid_value':
    case 'not_multiple_of':
      break;
  }
  return undefined;
}

function wanted(remedy: string, written: unknown): string {
  if (written === undefined) return `is missing: ${remedy}`;
  return written === null ? `nothing stands behind it: ${remedy}, or remove the key` : remedy;
}

function unknownKey(key: string, object: unknown): string {
  const shape = shapeOf(object);
  const section = Object.keys(shape).find((name) => Object.hasOwn(shapeOf(shape[name]), key));
  const [near] = nearMisses(key, Object.keys(shape), 1);
  const remedy =
    section !== undefined
      ? `it belongs under ${section}`
      : near !== undefined
        ? `did you mean "${near}"?`
        : 'remove or correct it';
  return `unknown key ${quoted(key)}: ${remedy}`;
}

/** The keys of an object and what they hold, also behind a default; none of anything else. */
function shapeOf(schema: unknown): Readonly<Record<string, unknown>> {
  if (schema instanceof z.ZodObject) return schema.shape;
  if (schema instanceof z.ZodPipe) return shapeOf(schema.out);
  const behind = schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional;
  return behind ? shapeOf(schema.unwrap()) : {};
}
