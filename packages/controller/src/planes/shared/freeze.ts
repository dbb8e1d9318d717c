import { quoted } from '@windvane/carbon-map';
import type { KubeApi } from '../../kube/api.ts';
import { isKubeError } from '../../kube/errors.ts';
import type { LeaseName } from '../../kube/lease.ts';
import type { KubeObject } from '../../kube/resource.ts';
import { CONFIG_MAP, NAMESPACE } from './resources.ts';

/** Where Windvane keeps what belongs to no workload. */
export const SYSTEM_NAMESPACE = 'windvane-system';

/** What the controllers of one API server elect their leader by. */
export const CONTROLLER_LEASE: LeaseName = { namespace: SYSTEM_NAMESPACE, name: 'windvane-controller' };

/**
 * The same for the plane of Open Cluster Management: a server that is both keeps two leaders, one for each.
 */
export const OCM_CONTROLLER_LEASE: LeaseName = {
  namespace: SYSTEM_NAMESPACE,
  name: 'windvane-controller-ocm',
};

const NAME = { namespace: SYSTEM_NAMESPACE, name: 'windvane-freeze' };

/** Key of the ConfigMap that freezes, in a cache. */
export const FREEZE_KEY: string = `${NAME.namespace}/${NAME.name}`;

/**
 * Why everything is frozen, by that ConfigMap (undefined when there is none); null when nothing is. It stands there
 * because somebody wants a freeze: anything but a clear `"false"` freezes, and the reason says how it was read.
 */
export function frozenBy(map: KubeObject | undefined): string | null {
  if (map === undefined) return null;
  const data: object = typeof map['data'] === 'object' ? (map['data'] ?? {}) : {};
  const frozen: unknown = 'frozen' in data ? data.frozen : undefined;
  if (frozen === 'false') return null;
  const reason = 'reason' in data && typeof data.reason === 'string' ? data.reason : 'no reason given';
  if (frozen === 'true') return reason;
  const read = typeof frozen === 'string' ? `is ${quoted(frozen)}` : 'is missing';
  return `${reason}; data.frozen ${read} and was taken as "true"`;
}

/** What a unit at rest says of itself while everything is frozen. */
export function frozenText(frozen: string | null, text: string): string {
  return frozen === null ? text : `Everything is frozen (${frozen}). ${text}`;
}

/**
 * Makes the namespace of Windvane's own objects where it is missing. Karmada copies every namespace into every member;
 * the label keeps this one out of them.
 */
export async function ensureSystemNamespace(api: KubeApi): Promise<void> {
  try {
    await api.create(NAMESPACE, {
      metadata: {
        name: SYSTEM_NAMESPACE,
        labels: { 'namespace.karmada.io/skip-auto-propagation': 'true' },
      },
    });
  } catch (error) {
    if (!isKubeError(error, 'already-exists')) throw error;
  }
}

/**
 * Freezes every unit on this API server: the step under way is rolled back, then nothing is written. Freezing again
 * replaces the reason. Throws {@link KubeError}.
 */
export async function freeze(api: KubeApi, reason: string): Promise<void> {
  const data = { frozen: 'true', reason };
  await ensureSystemNamespace(api);
  try {
    await api.create(CONFIG_MAP, { metadata: NAME, data });
  } catch (error) {
    if (!isKubeError(error, 'already-exists')) throw error;
    await api.mergePatch(CONFIG_MAP, NAME, { data });
  }
}

/** Ends the freeze; false when there was none. Throws {@link KubeError}. */
export async function unfreeze(api: KubeApi): Promise<boolean> {
  try {
    await api.delete(CONFIG_MAP, NAME);
    return true;
  } catch (error) {
    if (isKubeError(error, 'not-found')) return false;
    throw error;
  }
}
