/**
 * Kubernetes' CEL builds patches from struct literals, `JSONPatch{op: 'add', path: '/a', value: 1}`, a form
 * that the CEL library of this package does not parse. Here it becomes a call of a function of a map,
 * `newJSONPatch({'op': dyn('add'), ...})`. Strings stay untouched, nested literals are rewritten as well.
 */

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const FIELD = /\s*([A-Za-z_][A-Za-z0-9_]*)\s*:/y;
/** Quotes with their prefixes: raw and byte strings, single and triple quotes. */
const QUOTE = /([rRbB]{0,2})("""|'''|"|')/y;

/** A literal that is not closed, or a field without a name. */
export class StructLiteralError extends Error {
  override readonly name = 'StructLiteralError';
}

/**
 * Rewrites the struct literals of `types` in a CEL expression.
 * @throws StructLiteralError for braces that do not fit together
 */
export function rewriteStructLiterals(expression: string, types: readonly string[]): string {
  const scanner = new Scanner(expression, types);
  return scanner.rest('');
}

class Scanner {
  readonly #text: string;
  readonly #types: readonly string[];
  #at = 0;

  constructor(text: string, types: readonly string[]) {
    this.#text = text;
    this.#types = types;
  }

  /** Copies up to one of the `ends` outside of brackets and strings, or to the end when there are none. */
  rest(ends: string): string {
    let copied = '';
    let depth = 0;
    while (this.#at < this.#text.length) {
      const char = this.#text.charAt(this.#at);
      if (depth === 0 && ends.includes(char)) return copied;
      const quoted = this.#string();
      if (quoted !== undefined) {
        copied += quoted;
        continue;
      }
      const name = this.#match(NAME)?.[0];
      if (name !== undefined) {
        copied += this.#types.includes(name) && this.#isOpen() ? this.#literal(name) : name;
        continue;
      }
      if ('([{'.includes(char)) depth += 1;
      if (')]}'.includes(char)) depth -= 1;
      copied += char;
      this.#at += 1;
    }
    if (ends !== '') throw new StructLiteralError(`a struct literal is not closed in: ${this.#text}`);
    return copied;
  }

  #isOpen(): boolean {
    return /^\s*\{/.test(this.#text.slice(this.#at));
  }

  #literal(type: string): string {
    this.#at = this.#text.indexOf('{', this.#at) + 1;
    const fields: string[] = [];
    while (!/^\s*\}/.test(this.#text.slice(this.#at))) {
      const name = this.#match(FIELD)?.[1];
      if (name === undefined) {
        throw new StructLiteralError(`a field of ${type} has no name at: ${this.#text.slice(this.#at)}`);
      }
      fields.push(`${JSON.stringify(name)}: dyn(${this.rest(',}').trim()})`);
      if (this.#text.charAt(this.#at) === ',') this.#at += 1;
    }
    this.#at = this.#text.indexOf('}', this.#at) + 1;
    return `new${type}({${fields.join(', ')}})`;
  }

  #string(): string | undefined {
    const opening = this.#match(QUOTE);
    if (opening === undefined) return undefined;
    const [text, prefix = '', quote = ''] = opening;
    const raw = /[rR]/.test(prefix);
    let end = this.#at;
    while (end < this.#text.length && !this.#text.startsWith(quote, end)) {
      end += !raw && this.#text.charAt(end) === '\\' ? 2 : 1;
    }
    const body = this.#text.slice(this.#at, end + quote.length);
    this.#at = end + quote.length;
    return text + body;
  }

  #match(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text);
    if (found === null) return undefined;
    this.#at = pattern.lastIndex;
    return found;
  }
}
