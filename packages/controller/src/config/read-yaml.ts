import { readFileSync } from 'node:fs';
import { quoted } from '@windvane/carbon-map';
import {
  type Alias,
  type Document,
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import type { z } from 'zod';
import { schemaWords } from './schema-words.ts';
import { UserError } from './user-error.ts';

/**
 * Reads and checks a YAML file. Throws {@link UserError}: one line per mistake with file, line, field and remedy.
 * @param field of the configuration that names the file
 */
export function readYaml<T>(path: string, schema: z.ZodType<T>, field: string = ''): T {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new UserError(
      `${field === '' ? '' : `${field}: `}${path}: cannot be read (${code}): name a file that exists and that this user may read`,
    );
  }
  return parseYaml(text, path, schema, field);
}

/** The same for text already read; `path` only names it. */
function parseYaml<T>(text: string, path: string, schema: z.ZodType<T>, root: string): T {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, logLevel: 'error' });
  const [syntax] = document.errors;
  if (syntax !== undefined) {
    const line = lines.linePos(syntax.pos[0]).line;
    const why = syntax.code === 'MULTIPLE_DOCS' ? SECOND_DOCUMENT : firstLine(syntax.message);
    throw new UserError(`${path}:${line}: is not YAML: ${why}`);
  }
  const parsed = schema.safeParse(valueOf(document, path, lines) ?? {}, { error: schemaWords });
  if (parsed.success) return parsed.data;
  throw new UserError(
    parsed.error.issues.map((issue) => {
      const line = lineOf(document, issue, lines);
      return `${path}${line === null ? '' : `:${line}`}: ${describe(issue, root)}`;
    }),
  );
}

const SECOND_DOCUMENT = 'a second document begins here: keep one, without the line ---';

/** Aliases are followed only now: one may name nothing, and many may stand for more than fits into memory. */
function valueOf(document: Document, path: string, lines: LineCounter): unknown {
  try {
    return document.toJS();
  } catch {
    const aliases: Alias[] = [];
    visit(document, { Alias: (_, alias) => void aliases.push(alias) });
    const unknown = aliases.find((alias) => alias.resolve(document) === undefined);
    const line = lines.linePos((unknown ?? aliases[0])?.range?.[0] ?? 0).line;
    const why =
      unknown === undefined
        ? 'its aliases stand for too much: write the values themselves'
        : `no anchor ${quoted(unknown.source)} stands before this alias: write a text that begins with * in quotes`;
    throw new UserError(`${path}:${line}: is not YAML: ${why}`);
  }
}

function describe(issue: z.core.$ZodIssue, root: string): string {
  const field = fieldName(issue.path, root);
  if (issue.code === 'unrecognized_keys' && field === '') return issue.message;
  return `${field === '' ? 'content' : field}: ${issue.message}`;
}

function fieldName(path: readonly PropertyKey[], root: string): string {
  return path.reduce<string>(
    (name, part) =>
      typeof part === 'number' ? `${name}[${part}]` : `${name}${name === '' ? '' : '.'}${String(part)}`,
    root,
  );
}

function lineOf(document: Document, issue: z.core.$ZodIssue, lines: LineCounter): number | null {
  const unknown = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const path = [...issue.path, ...unknown];
  // A missing field has no line of its own: the nearest parent that is written down stands for it.
  for (let length = path.length; length > 0; length -= 1) {
    const start = nodeAt(document, path.slice(0, length))?.range?.[0];
    if (start !== undefined) return lines.linePos(start).line;
  }
  return null;
}

/** The key where there is one: what it holds may begin on a later line. */
function nodeAt(document: Document, path: readonly PropertyKey[]): Node | null {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const name = String(path.at(-1));
  const key = isMap(parent)
    ? parent.items.map((pair) => pair.key).find((each) => isScalar(each) && String(each.value) === name)
    : undefined;
  const node = key ?? document.getIn(path, true);
  return isNode(node) ? node : null;
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? message).replace(/:$/, '');
}
