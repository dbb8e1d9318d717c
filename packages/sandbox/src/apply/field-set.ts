import { isObject, type JsonObject } from '../schema/json.ts';
import { compareElements, type PathElement, parseElement, printElement } from './path-element.ts';

/**
 * An immutable set of field paths, kept as a tree. A path and its descendants are members independently of
 * each other: owning `.spec` does not mean owning `.spec.replicas`.
 */
export class FieldSet {
  static readonly empty: FieldSet = new FieldSet(new Set(), new Map());

  readonly #members: ReadonlySet<PathElement>;
  readonly #children: ReadonlyMap<PathElement, FieldSet>;

  private constructor(members: ReadonlySet<PathElement>, children: ReadonlyMap<PathElement, FieldSet>) {
    this.#members = members;
    this.#children = children;
  }

  /** A set of the given paths; the empty path is ignored, because nobody owns a whole object. */
  static of(paths: Iterable<readonly PathElement[]>): FieldSet {
    const members = new Set<PathElement>();
    const deeper = new Map<PathElement, (readonly PathElement[])[]>();
    for (const [first, ...rest] of paths) {
      if (first === undefined) {
        continue;
      }
      if (rest.length === 0) {
        members.add(first);
      } else {
        const siblings = deeper.get(first) ?? [];
        siblings.push(rest);
        deeper.set(first, siblings);
      }
    }
    const children = new Map<PathElement, FieldSet>();
    for (const [element, tails] of deeper) {
      children.set(element, FieldSet.of(tails));
    }
    return new FieldSet(members, children);
  }

  get isEmpty(): boolean {
    return this.#members.size === 0 && this.#children.size === 0;
  }

  /** True when the element itself is a member, whatever is below it. */
  hasMember(element: PathElement): boolean {
    return this.#members.has(element);
  }

  /** The paths below an element. */
  below(element: PathElement): FieldSet {
    return this.#children.get(element) ?? FieldSet.empty;
  }

  union(other: FieldSet): FieldSet {
    const children = new Map(this.#children);
    for (const [element, child] of other.#children) {
      children.set(element, this.below(element).union(child));
    }
    return new FieldSet(new Set([...this.#members, ...other.#members]), children);
  }

  intersection(other: FieldSet): FieldSet {
    return this.#mapChildren(
      keep(this.#members, (element) => other.hasMember(element)),
      (child, element) => child.intersection(other.below(element)),
    );
  }

  /** The members that are not members of the other set; their parents and children are left alone. */
  difference(other: FieldSet): FieldSet {
    return this.#mapChildren(
      keep(this.#members, (element) => !other.hasMember(element)),
      (child, element) => child.difference(other.below(element)),
    );
  }

  /** As {@link difference}, and everything below a member of the other set goes too. */
  recursiveDifference(other: FieldSet): FieldSet {
    return this.#mapChildren(
      keep(this.#members, (element) => !other.hasMember(element)),
      (child, element) =>
        other.hasMember(element) ? FieldSet.empty : child.recursiveDifference(other.below(element)),
    );
  }

  /** A set in which `visit` may add members at every level and goes on into the children. */
  extend(
    visit: (element: PathElement) => { member: boolean; rebuild: (below: FieldSet) => FieldSet },
  ): FieldSet {
    const members = new Set(this.#members);
    const children = new Map<PathElement, FieldSet>();
    for (const [element, child] of this.#children) {
      const { member, rebuild } = visit(element);
      if (member) {
        members.add(element);
      }
      children.set(element, rebuild(child));
    }
    return new FieldSet(members, children);
  }

  #mapChildren(
    members: ReadonlySet<PathElement>,
    change: (child: FieldSet, element: PathElement) => FieldSet,
  ): FieldSet {
    const children = new Map<PathElement, FieldSet>();
    for (const [element, child] of this.#children) {
      const changed = change(child, element);
      if (!changed.isEmpty) {
        children.set(element, changed);
      }
    }
    return new FieldSet(members, children);
  }

  /** All paths in the order of conflict messages: the members of a level, then its children. */
  *paths(): Generator<readonly PathElement[]> {
    for (const element of [...this.#members].sort(compareElements)) {
      yield [element];
    }
    for (const element of [...this.#children.keys()].sort(compareElements)) {
      for (const rest of this.below(element).paths()) {
        yield [element, ...rest];
      }
    }
  }

  /** The wire form, `metadata.managedFields[].fieldsV1`. */
  toFieldsV1(): JsonObject {
    const node: JsonObject = {};
    const elements = new Set([...this.#members, ...this.#children.keys()]);
    for (const element of [...elements].sort(compareElements)) {
      const child = this.#children.get(element);
      const own = this.#members.has(element) && child !== undefined ? { '.': {} } : {};
      node[element] = { ...own, ...child?.toFieldsV1() };
    }
    return node;
  }

  /** Reads the wire form; malformed elements are skipped, as a server must live with what is stored. */
  static fromFieldsV1(node: unknown): FieldSet {
    const members = new Set<PathElement>();
    const children = new Map<PathElement, FieldSet>();
    for (const [text, content] of Object.entries(isObject(node) ? node : {})) {
      const element = text === '.' ? undefined : parseElement(text);
      if (element === undefined || !isObject(content)) {
        continue;
      }
      const child = FieldSet.fromFieldsV1(content);
      if (Object.hasOwn(content, '.') || Object.keys(content).length === 0) {
        members.add(element);
      }
      if (!child.isEmpty) {
        children.set(element, child);
      }
    }
    return new FieldSet(members, children);
  }
}

function keep(
  members: ReadonlySet<PathElement>,
  condition: (element: PathElement) => boolean,
): ReadonlySet<PathElement> {
  return new Set([...members].filter(condition));
}

/** A path as conflict messages print it: `.spec.template.spec.containers[name="web"].image`. */
export function printPath(path: readonly PathElement[]): string {
  return path.map(printElement).join('');
}
