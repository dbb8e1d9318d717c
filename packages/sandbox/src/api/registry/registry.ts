import { apiVersionOf, type ResourceType } from './resource.ts';

/** The resources that are served now; custom ones come and go with their definitions. */
export class Registry {
  readonly #types = new Map<string, ResourceType>();
  #revision = 0;

  /** Grows with every change; documents derived from the registry are cached by it. */
  get revision(): number {
    return this.#revision;
  }

  add(type: ResourceType): void {
    this.#types.set(keyOf(type.group, type.version, type.plural), type);
    this.#revision += 1;
  }

  /** Removes every version of a resource. */
  remove(group: string, plural: string): void {
    for (const [key, type] of this.#types) {
      if (type.group === group && type.plural === plural) this.#types.delete(key);
    }
    this.#revision += 1;
  }

  find(group: string, version: string, plural: string): ResourceType | undefined {
    return this.#types.get(keyOf(group, version, plural));
  }

  /** The type that serves a kind, as an ownerReference or a manifest names it. */
  findKind(apiVersion: string, kind: string): ResourceType | undefined {
    return this.all().find((type) => type.kind === kind && apiVersionOf(type) === apiVersion);
  }

  /** The type in whose version objects on `storage` are stored. */
  ofStorage(storage: string): ResourceType | undefined {
    return this.all().find((type) => type.storage === storage && apiVersionOf(type) === type.storageVersion);
  }

  all(): ResourceType[] {
    return [...this.#types.values()];
  }

  inGroupVersion(group: string, version: string): ResourceType[] {
    return this.all()
      .filter((type) => type.group === group && type.version === version)
      .sort((a, b) => (a.plural < b.plural ? -1 : 1));
  }

  /** Groups in the order of their first resource, each with its versions, the preferred one first. */
  groups(): Map<string, string[]> {
    const groups = new Map<string, string[]>();
    for (const { group, version } of this.#types.values()) {
      const versions = groups.get(group) ?? [];
      if (!versions.includes(version)) versions.push(version);
      groups.set(group, versions);
    }
    for (const versions of groups.values()) versions.sort(compareVersions);
    return groups;
  }
}

function keyOf(group: string, version: string, plural: string): string {
  return `${group}/${version}/${plural}`;
}

const STABILITY: Readonly<Record<string, number>> = { '': 3, beta: 2, alpha: 1 };

/** Kubernetes' order of versions: v2, v1, v1beta2, v1beta1, v1alpha1, then other names by alphabet. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rank(a), rank(b)];
  for (const [index, number] of left.entries()) {
    const difference = (right[index] ?? 0) - number;
    if (difference !== 0) return difference;
  }
  return a < b ? -1 : 1;
}

function rank(version: string): readonly number[] {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (match === null) return [0, 0, 0];
  return [STABILITY[match[2] ?? ''] ?? 0, Number(match[1]), Number(match[3] ?? 0)];
}
