import type { Instant } from '@windvane/carbon-map';
import type { KubeObject, ResourceType } from '../../kube/resource.ts';
import { CARBON_PLACEMENT, NAMESPACE } from '../shared/resources.ts';
import type { World } from '../shared/world.ts';
import { type FleetSettings, type ManagedCluster, managedCluster } from './fleet.ts';
import { storedScores } from './read/scores.ts';
import {
  ADD_ON_PLACEMENT_SCORE,
  APPLICATION_SET,
  CLUSTER_MANAGEMENT_ADD_ON,
  MANAGED_CLUSTER,
  MANAGED_CLUSTER_SET,
  MANAGED_CLUSTER_SET_BINDING,
  MANIFEST_WORK,
  MANIFEST_WORK_REPLICA_SET,
  PLACEMENT,
  PLACEMENT_BINDING,
  PLACEMENT_DECISION,
} from './resources.ts';
import { createCelSelector } from './scheduler/cel.ts';
import type { HubClusters } from './scheduler/feasible.ts';
import type { AddOnScores } from './scheduler/prioritizers.ts';
import { buildUnitIndex, type UnitIndex } from './unit-index.ts';

/** What the watched objects of one hub come to, read again only when something changed. */
export interface HubView {
  fleet(): readonly ManagedCluster[];
  clusters(): HubClusters;
  index(): UnitIndex;
  addOnScores(now: Instant): AddOnScores;
  /** An object of this kind changed. True when what units share may have changed with it. */
  changed(type: ResourceType): boolean;
}

const FLEET_KINDS: readonly ResourceType[] = [
  MANAGED_CLUSTER,
  MANAGED_CLUSTER_SET,
  MANAGED_CLUSTER_SET_BINDING,
];
/** These are looked up when a unit is asked for. */
const LOOKED_UP: readonly ResourceType[] = [CARBON_PLACEMENT, ADD_ON_PLACEMENT_SCORE, NAMESPACE];

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
      index ??= buildUnitIndex(
        {
          placements: world.objects(PLACEMENT),
          replicaSets: world.objects(MANIFEST_WORK_REPLICA_SET),
          decisions: world.objects(PLACEMENT_DECISION),
          works: world.objects(MANIFEST_WORK),
          addOns: world.objects(CLUSTER_MANAGEMENT_ADD_ON),
          placementBindings: world.objects(PLACEMENT_BINDING),
          applicationSets: world.objects(APPLICATION_SET),
          namespace: (name) => world.get(NAMESPACE, name),
          carbonPlacement: (key) => world.get(CARBON_PLACEMENT, key),
        },
        serves,
      );
      return index;
    },
    addOnScores: (now) => (cluster, resource, score) => {
      const object: KubeObject | undefined = world.get(ADD_ON_PLACEMENT_SCORE, `${cluster}/${resource}`);
      if (object === undefined) return undefined;
      const { values, validUntil } = storedScores(object);
      return validUntil !== null && now > Date.parse(validUntil) ? undefined : values.get(score);
    },
    changed(type) {
      if (FLEET_KINDS.includes(type)) {
        fleet = null;
        clusters = null;
        return true;
      }
      if (!LOOKED_UP.includes(type)) index = null;
      return false;
    },
  };
}
