import type { Instant } from '@windvane/carbon-map';
import type { KubeObject, ResourceType } from '../../kube/resource.ts';
import type { World } from '../shared/world.ts';
import { type FleetSettings, type ManagedCluster, managedCluster } from './fleet.ts';
import { storedScores } from './read/scores.ts';
import {
  ADD_ON_PLACEMENT_SCORE,
  MANAGED_CLUSTER,
  MANAGED_CLUSTER_SET,
  MANAGED_CLUSTER_SET_BINDING,
} from './resources.ts';
import { createCelSelector } from './scheduler/cel.ts';
import type { HubClusters } from './scheduler/feasible.ts';
import type { AddOnScores } from './scheduler/prioritizers.ts';
import { createUnitIndex, type UnitIndex } from './unit-index.ts';

/** What the watched objects of one hub come to, kept up as they change. */
export interface HubView {
  fleet(): readonly ManagedCluster[];
  clusters(): HubClusters;
  index(): UnitIndex;
  addOnScores(now: Instant): AddOnScores;
  /** Takes over a change of an object. True when what units share may have changed with it. */
  changed(type: ResourceType, now: KubeObject | null, before: KubeObject | null): boolean;
}

const FLEET_KINDS: readonly ResourceType[] = [
  MANAGED_CLUSTER,
  MANAGED_CLUSTER_SET,
  MANAGED_CLUSTER_SET_BINDING,
];
export function createHubView(
  world: Pick<World, 'objects' | 'get'>,
  settings: FleetSettings,
  serves: (namespace: string) => boolean,
): HubView {
  let fleet: readonly ManagedCluster[] | null = null;
  let clusters: HubClusters | null = null;
  let index: UnitIndex | null = null;
  const cel = createCelSelector((cluster, resource) => {
    const object = world.get(ADD_ON_PLACEMENT_SCORE, `${cluster}/${resource}`);
    return object === undefined
      ? null
      : [...storedScores(object).values].map(([name, value]) => ({ name, value }));
  });

  function currentFleet(): readonly ManagedCluster[] {
    fleet ??= [...world.objects(MANAGED_CLUSTER)]
      .map((object) => managedCluster(object, settings))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    return fleet;
  }

  function currentClusters(): HubClusters {
    if (clusters !== null) return clusters;
    const bindings = new Map<string, string[]>();
    for (const { metadata } of world.objects(MANAGED_CLUSTER_SET_BINDING)) {
      const namespace = metadata.namespace ?? '';
      bindings.set(namespace, [...(bindings.get(namespace) ?? []), metadata.name]);
    }
    clusters = {
      fleet: currentFleet(),
      cel,
      sets: new Map([...world.objects(MANAGED_CLUSTER_SET)].map((set) => [set.metadata.name, set])),
      bound: (namespace) => bindings.get(namespace) ?? [],
    };
    return clusters;
  }

  return {
    fleet: currentFleet,
    clusters: currentClusters,
    index() {
      index ??= createUnitIndex(world, serves);
      return index;
    },
    addOnScores: (now) => (cluster, resource, score) => {
      const object: KubeObject | undefined = world.get(ADD_ON_PLACEMENT_SCORE, `${cluster}/${resource}`);
      if (object === undefined) return undefined;
      const { values, validUntil } = storedScores(object);
      return validUntil !== null && now > Date.parse(validUntil) ? undefined : values.get(score);
    },
    changed(type, now, before) {
      if (FLEET_KINDS.includes(type)) {
        fleet = null;
        clusters = null;
        return true;
      }
      index?.changed(type, now, before);
      return false;
    },
  };
}
