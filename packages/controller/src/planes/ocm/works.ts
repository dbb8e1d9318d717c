import type { KubeApi, WatchBookmark, WatchEvent } from '../../kube/api.ts';
import { essenceOf } from './read/work.ts';

/** An API whose ManifestWorks are small: a hub has one per workload and cluster. */
export function slimWorks(api: KubeApi): Pick<KubeApi, 'list' | 'watch'> {
  return {
    async list(type, options) {
      const { items, resourceVersion } = await api.list(type, options);
      return { items: items.map(essenceOf), resourceVersion };
    },
    async *watch(type, options): AsyncIterable<WatchEvent | WatchBookmark> {
      for await (const event of api.watch(type, options)) {
        yield event.type === 'BOOKMARK' ? event : { type: event.type, object: essenceOf(event.object) };
      }
    },
  };
}
