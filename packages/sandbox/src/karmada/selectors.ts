import type { KubeObject } from '../runtime/client/object.ts';
import { matchesLabels } from '../runtime/labels.ts';
import type { ResourceSelector } from './types.ts';

/** How closely a selector names an object; 0 when it does not match at all. */
type Closeness = 0 | 1 | 2 | 3;

const BY_KIND = 1;
const BY_LABEL = 2;
const BY_NAME = 3;

/**
 * How closely `selector` names `object`: by kind alone, by label, or by name. A selector with a name does not
 * look at its labels. `ownNamespace` is what an empty namespace stands for (Karmada's webhook writes it there).
 */
function closeness(
  object: KubeObject,
  selector: ResourceSelector,
  ownNamespace: string | undefined,
): Closeness {
  if (object.apiVersion !== selector.apiVersion || object.kind !== selector.kind) return 0;
  const namespace =
    selector.namespace === undefined || selector.namespace === '' ? ownNamespace : selector.namespace;
  if (namespace !== undefined && namespace !== object.metadata.namespace) return 0;
  if (selector.name !== undefined && selector.name !== '') {
    return selector.name === object.metadata.name ? BY_NAME : 0;
  }
  if (selector.labelSelector === undefined) return BY_KIND;
  return matchesLabels(object.metadata.labels, selector.labelSelector) ? BY_LABEL : 0;
}

/** The closest match among several selectors. */
export function closest(
  object: KubeObject,
  selectors: readonly ResourceSelector[],
  ownNamespace: string | undefined,
): Closeness {
  let best: Closeness = 0;
  for (const selector of selectors) {
    const found = closeness(object, selector, ownNamespace);
    if (found > best) best = found;
  }
  return best;
}
