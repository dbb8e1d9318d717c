import type { ApiCore, Target, WriteOptions } from '../core.ts';
import { badRequest, conflict, MODIFIED, notFound } from '../errors.ts';
import { cloneJson, isObject, type JsonObject, type KubeObject } from '../object.ts';
import type { ScalePaths } from '../registry/resource.ts';
import { find, replace } from './update.ts';

/**
 * The `scale` view of an object.
 * @throws ApiError 404 when the object is absent or has no such view
 */
export function getScale(core: ApiCore, target: Target): JsonObject {
  const { scale } = target.type;
  const live = find(core, target);
  if (live === undefined || scale === undefined) throw notFound(target.type, target.name);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = live.metadata;
  const selector = selectorText(scale, live);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: Number(read(live, scale.specReplicas) ?? 0) },
    status: {
      replicas: Number(read(live, scale.statusReplicas) ?? 0),
      ...(selector === '' ? {} : { selector }),
    },
  };
}

/**
 * Writes `spec.replicas` of a Scale into its object.
 * @throws ApiError 400 for a Scale without a whole number of replicas, 404, 409
 */
export function putScale(core: ApiCore, target: Target, body: unknown, options: WriteOptions): JsonObject {
  const { type, name } = target;
  const live = find(core, target);
  if (live === undefined || type.scale === undefined) throw notFound(type, name);
  const scale = isObject(body) ? body : {};
  const spec = isObject(scale['spec']) ? scale['spec'] : {};
  const replicas = spec['replicas'] ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas)) {
    throw badRequest('Scale in version "v1" cannot be handled as a Scale: spec.replicas must be an integer');
  }
  const metadata = isObject(scale['metadata']) ? scale['metadata'] : {};
  const version = metadata['resourceVersion'];
  if (typeof version === 'string' && version !== '' && version !== live.metadata.resourceVersion) {
    throw conflict(type, name, MODIFIED);
  }
  const next = cloneJson(live);
  write(next, type.scale.specReplicas, replicas);
  replace(core, target, live, next, options);
  return options.dryRun ? { ...getScale(core, target), spec: { replicas } } : getScale(core, target);
}

function read(object: JsonObject, path: string): unknown {
  let value: unknown = object;
  for (const part of path.split('.')) value = isObject(value) ? value[part] : undefined;
  return value;
}

function write(object: JsonObject, path: string, value: unknown): void {
  const parts = path.split('.');
  const last = parts.pop();
  let parent = object;
  for (const part of parts) {
    const child = parent[part];
    const next = isObject(child) ? child : {};
    parent[part] = next;
    parent = next;
  }
  if (last !== undefined) parent[last] = value;
}

/** The selector as text: custom resources keep it so, built-in ones as a LabelSelector. */
function selectorText(scale: ScalePaths, live: KubeObject): string {
  const selector = scale.selector === undefined ? undefined : read(live, scale.selector);
  if (typeof selector === 'string') return selector;
  if (!isObject(selector)) return '';
  const labels = isObject(selector['matchLabels']) ? selector['matchLabels'] : {};
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .join(',');
}
