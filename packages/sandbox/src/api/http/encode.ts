import type { ApiCore, Target } from '../core.ts';
import type { JsonObject, KubeObject } from '../object.ts';
import type { Page } from '../read/list.ts';
import { jsonOf } from '../read/represent.ts';
import type { WatchEvent } from '../read/watch.ts';
import { apiVersionOf } from '../registry/resource.ts';
import { tableOf, withoutColumns } from '../table/table.ts';
import type { Negotiated } from './accept.ts';

/** One object as the client asked for it. */
export function encodeItem(
  core: ApiCore,
  target: Target,
  form: Negotiated,
  query: URLSearchParams,
  object: KubeObject,
): JsonObject | string {
  switch (form.form) {
    case 'table':
      return tableOf(core, target.type, form.metaVersion, query.get('includeObject'), [object], {
        resourceVersion: object.metadata.resourceVersion,
      });
    case 'metadata':
      return metadataOf(form, object);
    case 'object':
    default:
      return jsonOf(object);
  }
}

/** A page of a list as the client asked for it. */
export function encodeList(
  core: ApiCore,
  { type }: Target,
  form: Negotiated,
  query: URLSearchParams,
  page: Page,
): JsonObject | string {
  const metadata = {
    ...(page.next === '' ? {} : { continue: page.next }),
    ...(page.remaining === undefined ? {} : { remainingItemCount: page.remaining }),
    resourceVersion: page.resourceVersion,
  };
  switch (form.form) {
    case 'table':
      return tableOf(core, type, form.metaVersion, query.get('includeObject'), page.items, metadata);
    case 'metadata':
      return {
        kind: 'PartialObjectMetadataList',
        apiVersion: `meta.k8s.io/${form.metaVersion}`,
        metadata,
        items: page.items.map((object) => metadataOf(form, object)),
      };
    case 'object':
    default: {
      // Items carry their own kind and apiVersion, as custom resources do on a real server.
      const head = JSON.stringify({ kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata });
      const items = page.items.map(jsonOf);
      return `${head.slice(0, -1)},"items":[${items.join(',')}]}`;
    }
  }
}

/** Turns watch events into lines; a table's columns are sent with its first line only. */
export function encodeWatch(
  core: ApiCore,
  { type }: Target,
  form: Negotiated,
  query: URLSearchParams,
): (event: WatchEvent) => string {
  let first = true;
  return (event) => {
    const line = (object: string): string => `{"type":"${event.type}","object":${object}}\n`;
    if (event.type === 'ERROR') return line(JSON.stringify(event.object));
    const { object } = event;
    switch (form.form) {
      case 'table': {
        const { resourceVersion } = object.metadata;
        const include = query.get('includeObject');
        const table = tableOf(core, type, form.metaVersion, include, [object], { resourceVersion });
        const sent = first ? table : withoutColumns(table);
        first = false;
        return line(JSON.stringify(sent));
      }
      case 'metadata':
        return line(JSON.stringify(metadataOf(form, object)));
      case 'object':
      default:
        return line(jsonOf(object));
    }
  };
}

function metadataOf({ metaVersion }: Negotiated, object: KubeObject): JsonObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${metaVersion}`,
    metadata: object.metadata,
  };
}
