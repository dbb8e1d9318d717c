import { equalJson, type KubeObject } from '../../runtime/client/object.ts';

type Keys = Readonly<Record<string, string>>;

/** Labels or annotations without those that Karmada itself writes. */
function ownKeys(keys: Keys | undefined): Keys {
  return Object.fromEntries(Object.entries(keys ?? {}).filter(([key]) => !key.includes('.karmada.io')));
}

function withoutVolatile(object: KubeObject): Record<string, unknown> {
  const { status: _status, metadata, ...rest } = object;
  const { labels, annotations, managedFields: _fields, resourceVersion: _version, ...kept } = metadata;
  const { generation: _generation, ...meta } = kept;
  return { ...rest, metadata: { ...meta, labels: ownKeys(labels), annotations: ownKeys(annotations) } };
}

/**
 * Whether somebody other than Karmada changed a template: anything but its status, its bookkeeping and the
 * keys that Karmada writes (pkg/util/eventfilter). Under Lazy this is what lets pending policy changes through.
 */
export function changedByUser(before: KubeObject | undefined, after: KubeObject): boolean {
  return before === undefined || !equalJson(withoutVolatile(before), withoutVolatile(after));
}

/** Whether labels or annotations differ: a claim may have come or gone. */
export function metadataChanged(before: KubeObject, after: KubeObject): boolean {
  return (
    !equalJson(before.metadata.labels, after.metadata.labels) ||
    !equalJson(before.metadata.annotations, after.metadata.annotations)
  );
}
