import type { KubeApi, WatchBookmark, WatchEvent } from '../../kube/api.ts';
import type { KubeObject } from '../../kube/resource.ts';
import { type AppliedPins, appliedPins, appliedText } from './move/pins.ts';

/** Label with the permanent id of the binding that a Work was made for. */
const BINDING_ID = 'resourcebinding.karmada.io/permanent-id';
const BINDING_NAME = 'resourcebinding.karmada.io/name';
const BINDING_NAMESPACE = 'resourcebinding.karmada.io/namespace';
const EXECUTION_SPACE = 'karmada-es-';

/** What is kept of a Work: its identity and what it was rendered with. The manifest, most of its size, is dropped. */
function essence(work: KubeObject): KubeObject {
  const { name, namespace, uid, resourceVersion, labels, annotations } = work.metadata;
  return {
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
  };
}

/** An API whose Works are small: a hub has one per workload and cluster. */
export function slimWorks(api: KubeApi): Pick<KubeApi, 'list' | 'watch'> {
  return {
    async list(type, options) {
      const { items, resourceVersion } = await api.list(type, options);
      return { items: items.map(essence), resourceVersion };
    },
    async *watch(type, options): AsyncIterable<WatchEvent | WatchBookmark> {
      for await (const event of api.watch(type, options)) {
        yield event.type === 'BOOKMARK' ? event : { type: event.type, object: essence(event.object) };
      }
    },
  };
}

/** Pins that the Works of one binding were rendered with, by cluster. Clusters without a Work are absent. */
export function appliedIn(works: Iterable<KubeObject>, binding: KubeObject): Map<string, AppliedPins> {
  const id = binding.metadata.labels?.[BINDING_ID];
  const { name, namespace } = binding.metadata;
  const found = new Map<string, AppliedPins>();
  for (const work of works) {
    const { labels = {}, annotations = {} } = work.metadata;
    const space = work.metadata.namespace ?? '';
    const same =
      id !== undefined && labels[BINDING_ID] !== undefined
        ? labels[BINDING_ID] === id
        : annotations[BINDING_NAME] === name && annotations[BINDING_NAMESPACE] === namespace;
    if (same && space.startsWith(EXECUTION_SPACE))
      found.set(space.slice(EXECUTION_SPACE.length), appliedPins(work));
  }
  return found;
}

/**
 * What a Work is found by: the id of its binding, and the binding's key for Works without one. A binding is found by
 * the same.
 */
export function workKeys(object: KubeObject): string[] {
  const id = object.metadata.labels?.[BINDING_ID];
  const { name, namespace = '' } = object.metadata;
  const key = namespace.startsWith(EXECUTION_SPACE) ? bindingKeyOf(object) : `${namespace}/${name}`;
  return [id, key].filter((each) => typeof each === 'string');
}

/** The cluster that a Work is for; null for an object that is none. */
export function clusterOfWork(work: KubeObject): string | null {
  const space = work.metadata.namespace ?? '';
  return space.startsWith(EXECUTION_SPACE) ? space.slice(EXECUTION_SPACE.length) : null;
}

/** Key of the binding that a Work was made for; null when it does not say. */
function bindingKeyOf(work: KubeObject): string | null {
  const { annotations = {} } = work.metadata;
  const name = annotations[BINDING_NAME];
  const namespace = annotations[BINDING_NAMESPACE];
  return name === undefined || namespace === undefined ? null : `${namespace}/${name}`;
}

/** Key of the binding of a Work that is rendered with other pins than before; null for any other change. */
export function renderedAnew(now: KubeObject | null, before: KubeObject | null): string | null {
  const work = now ?? before;
  const rendered = (each: KubeObject | null): string | undefined => (each === null ? '' : appliedText(each));
  return work === null || rendered(now) === rendered(before) ? null : bindingKeyOf(work);
}
