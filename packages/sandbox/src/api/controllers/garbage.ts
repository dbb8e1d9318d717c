import type { ApiCore, Target } from '../core.ts';
import { cloneJson, type KubeObject, type OwnerReference } from '../object.ts';
import { present } from '../read/represent.ts';
import type { StoredEvent } from '../storage/history.ts';
import { objectKey } from '../storage/store.ts';
import { type DeleteOptions, FOREGROUND, ORPHAN, remove } from '../write/delete.ts';
import { commit } from '../write/update.ts';
import { INTERNAL } from './internal.ts';

/** An object and the shelf it stands on. */
interface Placed {
  readonly storage: string;
  readonly object: KubeObject;
}

/**
 * Stands in for the garbage collector of kube-controller-manager: dependents go after their last owner,
 * before it (foreground) or stay (orphan). Works in turns of the event loop after each deletion.
 * The answer stops it.
 */
export function collectGarbage(core: ApiCore): () => void {
  let planned = false;
  let stopped = false;
  const plan = (): void => {
    if (planned || stopped) return;
    planned = true;
    setImmediate(() => {
      planned = false;
      if (!stopped) sweep(core);
    });
  };
  const family = new Family();
  const unsubscribe = core.store.subscribeAll((_resource, event) => {
    if (family.concerns(event)) plan();
  });
  return () => {
    stopped = true;
    unsubscribe();
  };
}

/** Who lives and how many each owns: enough to tell which of all changes the collector has to look into. */
class Family {
  readonly #living = new Set<string>();
  readonly #dependents = new Map<string, number>();

  /** Takes a change in, and tells whether it may leave something to collect. */
  concerns({ type, object, previous }: StoredEvent): boolean {
    const { uid = '', deletionTimestamp } = object.metadata;
    for (const owner of previous?.metadata.ownerReferences ?? []) this.#count(owner.uid, -1);
    if (type === 'DELETED') {
      this.#living.delete(uid);
      const waiting = (object.metadata.ownerReferences ?? []).some(
        (owner) => owner.blockOwnerDeletion === true,
      );
      return waiting || this.#dependents.has(uid);
    }
    this.#living.add(uid);
    const owners = object.metadata.ownerReferences ?? [];
    for (const owner of owners) this.#count(owner.uid, 1);
    // Being deleted may mean waiting for dependents; a new reference may name an owner that is gone.
    return deletionTimestamp !== undefined || owners.some((owner) => !this.#living.has(owner.uid));
  }

  #count(owner: string, by: number): void {
    const count = (this.#dependents.get(owner) ?? 0) + by;
    if (count > 0) this.#dependents.set(owner, count);
    else this.#dependents.delete(owner);
  }
}

/** One pass over everything that has or is an owner; what it changes plans the next pass. */
function sweep(core: ApiCore): void {
  const dependents = new Map<string, Placed[]>();
  const living = new Map<string, KubeObject>();
  const waiting: Placed[] = [];
  for (const storage of core.store.resources()) {
    for (const object of core.store.list(storage)) {
      const { uid = '', ownerReferences = [], finalizers = [], deletionTimestamp } = object.metadata;
      living.set(uid, object);
      for (const owner of ownerReferences) {
        const known = dependents.get(owner.uid) ?? [];
        known.push({ storage, object });
        dependents.set(owner.uid, known);
      }
      const policies = [FOREGROUND, ORPHAN].some((name) => finalizers.includes(name));
      if (deletionTimestamp !== undefined && policies) waiting.push({ storage, object });
    }
  }
  for (const owner of waiting) settle(core, owner, dependents.get(owner.object.metadata.uid ?? '') ?? []);
  for (const [uid, orphans] of dependents) {
    if (living.has(uid)) continue;
    for (const dependent of orphans) forsake(core, dependent, living);
  }
}

/** Ends an owner's waiting: orphans are let go; in the foreground, blocking dependents go first. */
function settle(core: ApiCore, owner: Placed, dependents: readonly Placed[]): void {
  const uid = owner.object.metadata.uid ?? '';
  if (owner.object.metadata.finalizers?.includes(ORPHAN) === true) {
    for (const dependent of dependents) dropOwners(core, dependent, (reference) => reference.uid === uid);
    dropFinalizer(core, owner, ORPHAN);
    return;
  }
  const blocking = dependents.filter(({ object }) =>
    object.metadata.ownerReferences?.some((one) => one.uid === uid && one.blockOwnerDeletion === true),
  );
  for (const { storage, object } of blocking) {
    if (object.metadata.deletionTimestamp === undefined) {
      discard(core, storage, object, { propagationPolicy: 'Foreground' });
    }
  }
  if (blocking.length === 0) dropFinalizer(core, owner, FOREGROUND);
}

/** Deletes a dependent without living owners; with some left, it only loses the references to the others. */
function forsake(core: ApiCore, { storage, object }: Placed, living: ReadonlyMap<string, KubeObject>): void {
  const current = core.store.get(storage, objectKey(object.metadata.namespace ?? '', object.metadata.name));
  if (current === undefined || current.metadata.uid !== object.metadata.uid) return;
  const owners = current.metadata.ownerReferences ?? [];
  if (owners.length === 0 || current.metadata.deletionTimestamp !== undefined) return;
  if (owners.some(({ uid }) => living.has(uid))) {
    dropOwners(core, { storage, object: current }, ({ uid }) => !living.has(uid));
  } else discard(core, storage, current, { propagationPolicy: 'Background' });
}

function discard(core: ApiCore, storage: string, { metadata }: KubeObject, options: DeleteOptions): void {
  const target = targetOf(core, storage, metadata.namespace ?? '', metadata.name);
  if (
    target === undefined ||
    core.store.get(storage, objectKey(target.namespace, target.name)) === undefined
  ) {
    return;
  }
  remove(core, target, options, INTERNAL);
}

function dropOwners(core: ApiCore, placed: Placed, gone: (reference: OwnerReference) => boolean): void {
  change(core, placed, (object) => {
    const kept = (object.metadata.ownerReferences ?? []).filter((reference) => !gone(reference));
    if (kept.length > 0) object.metadata.ownerReferences = kept;
    else delete object.metadata.ownerReferences;
  });
}

function dropFinalizer(core: ApiCore, placed: Placed, finalizer: string): void {
  change(core, placed, (object) => {
    object.metadata.finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== finalizer);
    if (object.metadata.finalizers.length === 0) delete object.metadata.finalizers;
  });
}

/** Changes the newest state of an object as a controller would, unless it is gone. */
function change(core: ApiCore, { storage, object }: Placed, edit: (object: KubeObject) => void): void {
  const { namespace = '', name } = object.metadata;
  const target = targetOf(core, storage, namespace, name);
  const stored = core.store.get(storage, objectKey(namespace, name));
  if (target === undefined || stored === undefined) return;
  const live = present(target.type, stored);
  const next = cloneJson(live);
  edit(next);
  commit(core, target, live, next, INTERNAL);
}

function targetOf(core: ApiCore, storage: string, namespace: string, name: string): Target | undefined {
  const type = core.registry.ofStorage(storage);
  return type === undefined ? undefined : { type, namespace, name, subresource: '' };
}
