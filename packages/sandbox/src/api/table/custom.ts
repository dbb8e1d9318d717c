import type { KubeObject } from '../object.ts';
import type { PrinterColumn } from '../registry/resource.ts';
import type { Column } from './column.ts';
import { age } from './duration.ts';
import { compileJsonPath } from './json-path.ts';

/** The columns of a custom resource, after the name that every table begins with. */
export function customColumns(columns: readonly PrinterColumn[]): Column[] {
  return columns.map(({ name, type, format, description, priority, jsonPath }) => {
    const path = compileJsonPath(jsonPath);
    return {
      name,
      type,
      format: format ?? '',
      description: description ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
      priority: priority ?? 0,
      cell: (object: KubeObject, now: number) => cell(type, path(object), now),
    };
  });
}

/** A value of another type than its column's shows as nothing; text columns show every value found. */
function cell(type: string, found: readonly unknown[], now: number): unknown {
  const [first] = found;
  if (first === undefined) return null;
  switch (type) {
    case 'integer':
    case 'number':
      return typeof first === 'number' ? (type === 'integer' ? Math.trunc(first) : first) : null;
    case 'boolean':
      return typeof first === 'boolean' ? first : null;
    case 'date':
      return typeof first === 'string' ? age(first, now) : null;
    default:
      return found.map(print).join(' ');
  }
}

function print(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
