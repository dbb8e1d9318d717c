import type { KubeApi } from '../../../../src/kube/api.ts';
import { KubeError } from '../../../../src/kube/errors.ts';
import type { KubeObject, ResourceType } from '../../../../src/kube/resource.ts';

export interface RecordedWrite {
  readonly verb: 'create' | 'replace' | 'apply' | 'mergePatch' | 'jsonPatch' | 'delete';
  readonly kind: string;
  readonly name: string;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly subresource: string | null;
  readonly body: unknown;
}

export interface Recording {
  readonly api: KubeApi;
  /** All writes so far that were meant to be stored. */
  stored(): readonly RecordedWrite[];
  clear(): void;
  /** From the n-th write from now on that fits, every request fails, as for a process that was killed there. */
  killAt(fits: (write: RecordedWrite) => boolean): void;
  killed(): boolean;
}

/** Passes everything through and remembers what was written. */
export function record(
  api: KubeApi,
  heard: (write: RecordedWrite) => void | Promise<void> = () => {},
): Recording {
  const writes: RecordedWrite[] = [];
  let killer: ((write: RecordedWrite) => boolean) | null = null;
  let dead = false;

  async function note(
    verb: RecordedWrite['verb'],
    type: ResourceType,
    name: string,
    body: unknown,
    options: { dryRun?: boolean; force?: boolean; subresource?: string } = {},
  ): Promise<void> {
    const write: RecordedWrite = {
      verb,
      kind: type.kind,
      name,
      dryRun: options.dryRun ?? false,
      force: options.force ?? false,
      subresource: options.subresource ?? null,
      body,
    };
    if (killer?.(write) === true) dead = true;
    if (dead) throw new KubeError('unreachable', 'killed');
    writes.push(write);
    await heard(write);
  }
  const named = (object: KubeObject): string => object.metadata.name;

  return {
    api: {
      ...api,
      async create(type, object, options) {
        await note('create', type, named(object), object, options);
        return api.create(type, object, options);
      },
      async replace(type, object, options) {
        await note('replace', type, named(object), object, options);
        return api.replace(type, object, options);
      },
      async apply(type, object, options) {
        await note('apply', type, named(object), object, options);
        return api.apply(type, object, options);
      },
      async mergePatch(type, name, patch, options) {
        await note('mergePatch', type, name.name, patch, options);
        return api.mergePatch(type, name, patch, options);
      },
      async jsonPatch(type, name, operations, options) {
        await note('jsonPatch', type, name.name, operations, options);
        return api.jsonPatch(type, name, operations, options);
      },
      async delete(type, name, options) {
        await note('delete', type, name.name, null, options);
        await api.delete(type, name, options);
      },
    },
    stored: () => writes.filter((write) => !write.dryRun),
    clear: () => void writes.splice(0),
    killAt(fits) {
      killer = fits;
    },
    killed: () => dead,
  };
}
