import { createLocationResolver } from '@windvane/carbon-map';
import type { KubeApi } from '../../../kube/api.ts';
import { type KubeObject, keyOf, type ResourceType } from '../../../kube/resource.ts';
import { CARBON_PLACEMENT, NAMESPACE } from '../../shared/resources.ts';
import { createHubView, type HubView } from '../hub.ts';
import {
  CLUSTER_MANAGEMENT_ADD_ON,
  MANIFEST_WORK,
  MANIFEST_WORK_REPLICA_SET,
  requiredKinds,
} from '../resources.ts';

const KINDS: readonly ResourceType[] = [
  ...requiredKinds,
  MANIFEST_WORK,
  MANIFEST_WORK_REPLICA_SET,
  CLUSTER_MANAGEMENT_ADD_ON,
  NAMESPACE,
  CARBON_PLACEMENT,
];

/** A hub at one moment, read without watching. */
export interface HubSnapshot {
  readonly view: HubView;
  objects(type: ResourceType): readonly KubeObject[];
  get(type: ResourceType, key: string): KubeObject | undefined;
  /** Takes the answer of an own write. */
  assume(type: ResourceType, object: KubeObject): void;
  forget(type: ResourceType, object: KubeObject): void;
  readonly serves: (type: ResourceType) => boolean;
}

/** Reads everything that bears on handing back. Null when the server is no hub. Throws {@link KubeError}. */
export async function readHub(api: KubeApi): Promise<HubSnapshot | null> {
  const served = await Promise.all(KINDS.map((type) => api.serves(type)));
  const known = KINDS.filter((_, index) => served[index] === true);
  if (requiredKinds.some((type) => !known.includes(type))) return null;
  const lists = await Promise.all(known.map(async (type) => [type, (await api.list(type)).items] as const));
  const caches = new Map(
    lists.map(([type, items]) => [type, new Map(items.map((each) => [keyOf(each), each]))]),
  );
  const world = {
    objects: (type: ResourceType) => [...(caches.get(type)?.values() ?? [])],
    get: (type: ResourceType, key: string) => caches.get(type)?.get(key),
  };
  const settings = { locations: createLocationResolver(), configured: {}, locationClaim: null };
  const view = createHubView(world, settings, () => true);
  return {
    ...world,
    view,
    assume(type, object) {
      const before = caches.get(type)?.get(keyOf(object)) ?? null;
      caches.get(type)?.set(keyOf(object), object);
      view.changed(type, object, before);
    },
    forget(type, object) {
      caches.get(type)?.delete(keyOf(object));
      view.changed(type, null, object);
    },
    serves: (type) => known.includes(type),
  };
}
