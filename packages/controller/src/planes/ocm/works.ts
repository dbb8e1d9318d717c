import type { KubeApi, WatchBookmark, WatchEvent } from '../../kube/api.ts';
import type { KubeObject } from '../../kube/resource.ts';

/** What is kept of a ManifestWork: its identity and its conditions. The manifests, most of its size, are dropped. */
function essence(work: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = work.metadata;
  const conditions =
    typeof work.status === 'object' && work.status !== null && 'conditions' in work.status
      ? work.status.conditions
      : [];
  return { metadata, status: { conditions } };
}

/** An API whose ManifestWorks are small: a hub has one per workload and cluster. */
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
