import type { KubeObject, ResourceType } from '../../kube/resource.ts';
import { routeTargets, type TrafficSources } from '../../optin/serves-traffic.ts';
import { createObjectIndex, type ObjectIndex } from '../shared/object-index.ts';
import { HTTP_ROUTE, INGRESS, SERVICE } from '../shared/resources.ts';
import { isCap, unitOfCap } from './caps/cap-policy.ts';
import { isPin, ownerOfPin } from './move/pins.ts';
import {
  CLUSTER_OVERRIDE_POLICY,
  HORIZONTAL_POD_AUTOSCALER,
  OVERRIDE_POLICY,
  SCALED_OBJECT,
  WORK,
} from './resources.ts';
import { workKeys } from './works.ts';

/** Under this name stand objects that bear on every namespace. */
const EVERYWHERE = '';

/** What bears on one unit or namespace of a hub, found without looking at everything else. */
export interface HubIndexes {
  changed(type: ResourceType, now: KubeObject | null, before: KubeObject | null): void;
  /** Works that may belong to a binding. */
  works(binding: KubeObject): Iterable<KubeObject>;
  /** Pins of a unit. */
  pins(unit: string): KubeObject[];
  allPins(): Iterable<KubeObject>;
  /** Caps of a unit. */
  caps(unit: string): KubeObject[];
  allCaps(): Iterable<KubeObject>;
  traffic(namespace: string): TrafficSources;
  autoscalers(namespace: string): Iterable<KubeObject>;
  /** Override policies that may select something in the namespace, Windvane's own left out. */
  overrides(namespace: string): Iterable<KubeObject>;
}

const ownNamespace = ({ metadata }: KubeObject): string[] => [metadata.namespace ?? EVERYWHERE];

export function createHubIndexes(): HubIndexes {
  const pins = createObjectIndex((object) => (isPin(object) ? [ownerOfPin(object).unit] : []));
  const caps = createObjectIndex((object) => (isCap(object) ? [unitOfCap(object)] : []));
  const overrides = createObjectIndex((object) =>
    isPin(object) || isCap(object) ? [] : ownNamespace(object),
  );
  const works = createObjectIndex(workKeys);
  const services = createObjectIndex(ownNamespace);
  const ingresses = createObjectIndex(ownNamespace);
  const routes = createObjectIndex(routeTargets);
  const autoscalers = createObjectIndex(ownNamespace);
  const indexesOf = new Map<ResourceType, readonly ObjectIndex[]>([
    [OVERRIDE_POLICY, [pins, caps, overrides]],
    [CLUSTER_OVERRIDE_POLICY, [overrides]],
    [WORK, [works]],
    [SERVICE, [services]],
    [INGRESS, [ingresses]],
    [HTTP_ROUTE, [routes]],
    [HORIZONTAL_POD_AUTOSCALER, [autoscalers]],
    [SCALED_OBJECT, [autoscalers]],
  ]);

  return {
    changed(type, now, before) {
      for (const index of indexesOf.get(type) ?? []) index.changed(now, before);
    },
    *works(binding) {
      const seen = new Set<KubeObject>();
      for (const key of workKeys(binding)) {
        for (const work of works.of(key)) {
          if (!seen.has(work)) yield work;
          seen.add(work);
        }
      }
    },
    pins: (unit) => [...pins.of(unit)],
    allPins: () => pins.all(),
    caps: (unit) => [...caps.of(unit)],
    allCaps: () => caps.all(),
    traffic: (namespace) => ({
      services: services.of(namespace),
      ingresses: ingresses.of(namespace),
      httpRoutes: routes.of(namespace),
    }),
    autoscalers: (namespace) => autoscalers.of(namespace),
    *overrides(namespace) {
      yield* overrides.of(namespace);
      yield* overrides.of(EVERYWHERE);
    },
  };
}
