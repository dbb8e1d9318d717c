import type { ApiCore } from '../core.ts';
import { cloneJson, isObject, type KubeObject } from '../object.ts';
import { objectKey } from '../storage/store.ts';
import { remove } from '../write/delete.ts';
import { commit } from '../write/update.ts';
import { INTERNAL } from './internal.ts';

const NAMESPACES = '/namespaces';

/**
 * Stands in for the namespace controller of kube-controller-manager: deletes what is in a namespace that is
 * being deleted, and lets the namespace go once it is empty. The answer stops it.
 */
export function deleteNamespaces(core: ApiCore): () => void {
  const dirty = new Set<string>();
  let stopped = false;
  const plan = (namespace: string): void => {
    if (stopped || dirty.has(namespace)) return;
    dirty.add(namespace);
    setImmediate(() => {
      dirty.delete(namespace);
      if (!stopped) sweep(core, namespace);
    });
  };
  const unsubscribe = core.store.subscribeAll((resource, { type, object }) => {
    if (resource === NAMESPACES) {
      if (type !== 'DELETED' && object.metadata.deletionTimestamp !== undefined) plan(object.metadata.name);
    } else if (type === 'DELETED') {
      const { namespace = '' } = object.metadata;
      if (core.store.get(NAMESPACES, namespace)?.metadata.deletionTimestamp !== undefined) plan(namespace);
    }
  });
  return () => {
    stopped = true;
    unsubscribe();
  };
}

function sweep(core: ApiCore, name: string): void {
  const namespace = core.store.get(NAMESPACES, name);
  if (namespace?.metadata.deletionTimestamp === undefined) return;
  let left = 0;
  for (const storage of core.store.resources()) {
    const type = core.registry.ofStorage(storage);
    if (type?.namespaced !== true) continue;
    for (const { metadata } of core.store.list(storage, name)) {
      const target = { type, namespace: name, name: metadata.name, subresource: '' } as const;
      if (metadata.deletionTimestamp === undefined) remove(core, target, {}, INTERNAL);
      if (core.store.get(storage, objectKey(name, metadata.name)) !== undefined) left += 1;
    }
  }
  if (left === 0) finalize(core, namespace);
}

/** Takes the finalizer `kubernetes` out of the spec, which lets the namespace go. */
function finalize(core: ApiCore, namespace: KubeObject): void {
  const type = core.registry.ofStorage(NAMESPACES);
  if (type === undefined) return;
  const next = cloneJson(namespace);
  const spec = isObject(next['spec']) ? next['spec'] : {};
  next['spec'] = { ...spec, finalizers: [] };
  const target = { type, namespace: '', name: namespace.metadata.name, subresource: 'finalize' } as const;
  commit(core, target, namespace, next, INTERNAL);
}
