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
 * before it (foreground) or stay (orphan). Works in turns of the event loop after each change that may leave
 * something to collect, and looks only at what that change concerns.
 * The answer stops it.
 */
export function collectGarbage(core: ApiCore): () => void {
  const family = new Family();
  let dirty = new Set<string>();
  let stopped = false;
  const sweep = (): void => {
    if (stopped) return;
    const uids = dirty;
    dirty = new Set();
    for (const uid of uids) look(core, family, uid);
  };
  const unsubscribe = core.store.subscribeAll((storage, event) => {
    const concerned = family.take(storage, event);
    if (concerned.length === 0) return;
    if (dirty.size === 0) setImmediate(sweep);
    for (const uid of concerned) dirty.add(uid);
  });
  return () => {
    stopped = true;
    unsubscribe();
  };
}

/** Everything that lives and what each owns, by uid. */
class Family {
  readonly #living = new Map<string, Placed>();
  readonly #dependents = new Map<string, Set<string>>();

  /** Takes a change in. Returns whom it may have left to collect: owners that wait, or objects without owners. */
  take(storage: string, { type, object, previous }: StoredEvent): string[] {
    const { uid = '', deletionTimestamp, ownerReferences = [] } = object.metadata;
    const owners = new Set(type === 'DELETED' ? [] : ownerReferences.map((owner) => owner.uid));
    const left = (previous?.metadata.ownerReferences ?? []).map((owner) => owner.uid);
    const lost = left.filter((owner) => !owners.has(owner));
    for (const owner of lost) this.#forget(owner, uid);
    for (const owner of owners) {
      const known = this.#dependents.get(owner) ?? new Set();
      this.#dependents.set(owner, known.add(uid));
    }
    if (type === 'DELETED') {
      this.#living.delete(uid);
      return this.#dependents.has(uid) ? [uid, ...lost] : lost;
    }
    this.#living.set(uid, { storage, object });
    // Being deleted may mean waiting for dependents; a new reference may name an owner that is gone.
    const concerned = deletionTimestamp !== undefined || ![...owners].every((owner) => this.lives(owner));
    return concerned ? [uid, ...lost] : lost;
  }

  lives(uid: string): boolean {
    return this.#living.has(uid);
  }

  get(uid: string): Placed | undefined {
    return this.#living.get(uid);
  }

  dependents(uid: string): Placed[] {
    return [...(this.#dependents.get(uid) ?? [])].flatMap((dependent) => this.get(dependent) ?? []);
  }

  #forget(owner: string, dependent: string): void {
    const known = this.#dependents.get(owner);
    known?.delete(dependent);
    if (known?.size === 0) this.#dependents.delete(owner);
  }
}

/** Collects what hangs on one uid; what that changes is looked at in turn. */
function look(core: ApiCore, family: Family, uid: string): void {
  const placed = family.get(uid);
  if (placed === undefined) {
    for (const dependent of family.dependents(uid)) forsake(core, dependent, family);
    return;
  }
  const { finalizers = [], deletionTimestamp, ownerReferences = [] } = placed.object.metadata;
  if (deletionTimestamp !== undefined && [FOREGROUND, ORPHAN].some((name) => finalizers.includes(name))) {
    settle(core, placed, family.dependents(uid));
  }
  if (ownerReferences.some((owner) => !family.lives(owner.uid))) forsake(core, placed, family);
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
function forsake(core: ApiCore, { storage, object }: Placed, family: Family): void {
  const current = core.store.get(storage, objectKey(object.metadata.namespace ?? '', object.metadata.name));
  if (current === undefined || current.metadata.uid !== object.metadata.uid) return;
  const owners = current.metadata.ownerReferences ?? [];
  if (owners.length === 0 || current.metadata.deletionTimestamp !== undefined) return;
  if (owners.some(({ uid }) => family.lives(uid))) {
    dropOwners(core, { storage, object: current }, ({ uid }) => !family.lives(uid));
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
