import { readFileSync } from 'node:fs';
import { type Document, LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { UserError } from './user-error.ts';

/** Reads and checks a YAML file. Throws {@link UserError}: one line per mistake with file, line, field and remedy. */
export function readYaml<T>(path: string, schema: z.ZodType<T>): T {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new UserError(
      `${path}: cannot be read (${code}): name a file that exists and that this user may read`,
    );
  }
  return parseYaml(text, path, schema);
}

/** The same for text already read; `path` only names it. */
function parseYaml<T>(text: string, path: string, schema: z.ZodType<T>): T {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    const line = lines.linePos(syntax.pos[0]).line;
    throw new UserError(`${path}:${line}: is not YAML: ${firstLine(syntax.message)}`);
  }
  const parsed = schema.safeParse(document.toJS() ?? {});
  if (parsed.success) return parsed.data;
  throw new UserError(
    parsed.error.issues.map((issue) => {
      const line = lineOf(document, issue, lines);
      return `${path}${line === null ? '' : `:${line}`}: ${describe(issue)}`;
    }),
  );
}

function describe(issue: z.core.$ZodIssue): string {
  const field = fieldName(issue.path);
  if (issue.code === 'unrecognized_keys') {
    const keys = issue.keys.map((key) => `"${key}"`).join(', ');
    return `${field === '' ? '' : `${field}: `}unknown ${issue.keys.length === 1 ? 'key' : 'keys'} ${keys}: remove or correct it`;
  }
  return `${field === '' ? 'content' : field}: ${issue.message}`;
}

function fieldName(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (name, part) =>
      typeof part === 'number' ? `${name}[${part}]` : `${name}${name === '' ? '' : '.'}${String(part)}`,
    '',
  );
}

function lineOf(document: Document, issue: z.core.$ZodIssue, lines: LineCounter): number | null {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...issue.path, ...unknown];
  // A missing field has no line of its own: the nearest parent that is written down stands for it.
  for (let length = path.length; length > 0; length -= 1) {
    const node = document.getIn(path.slice(0, length), true);
    const range = node !== null && typeof node === 'object' && 'range' in node ? node.range : null;
    if (Array.isArray(range) && typeof range[0] === 'number') return lines.linePos(range[0]).line;
  }
  return null;
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? message).replace(/:$/, '');
}
