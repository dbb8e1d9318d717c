import { HOUR } from '@windvane/carbon-map';
import type { ClusterOption } from '../../engine/problem.ts';
import { isAllowed } from '../../optin/locations.ts';
import type { UnitOptions } from '../../optin/options.ts';
import { shunnedClusters } from '../shared/annotations.ts';
import { intensityOf } from '../shared/intensity.ts';
import { pricesOf } from '../shared/prices.ts';
import type { ManagedCluster } from './fleet.ts';
import { selectedClusters, toleratedClusters } from './scheduler/feasible.ts';
import { eligibleSets } from './scheduler/membership.ts';
import type { PlacementView, Unit } from './unit.ts';
import type { PlanContext } from './unit-plan.ts';

/** The clusters of one Placement. */
export interface Candidates {
  /** Identifies `clusters` and `feasible` among all Placements while fleet and map stay as they are. */
  readonly key: string;
  /** Of its sets, meeting its predicates: what OCM chooses from, taints apart. */
  readonly selected: readonly ManagedCluster[];
  /** What OCM would consider now. */
  readonly feasible: ReadonlySet<string>;
  /** What it would consider or has decided for, in ascending order of names. */
  readonly clusters: readonly ManagedCluster[];
}

export function candidatesOf(
  placement: PlacementView,
  decided: readonly string[],
  { hub, now, classes }: Pick<PlanContext, 'hub' | 'now' | 'classes'>,
): Candidates {
  const { spec, object } = placement;
  const namespace = object.metadata.namespace ?? '';
  const chosen = JSON.stringify([eligibleSets(namespace, spec, hub), spec.predicates ?? []]);
  const selected = classes.selected.get(chosen, () => selectedClusters(namespace, spec, hub));
  const held = new Set(decided);
  const tolerated = toleratedClusters(selected, spec, held, now);
  const out = tolerated.length === selected.length ? [] : except(selected, tolerated);
  const names = new Set(tolerated.map(({ name }) => name));
  const strangers = decided.filter((name) => !names.has(name));
  const key = JSON.stringify([chosen, out, strangers]);
  return classes.candidates.get(key, () => ({
    key,
    selected,
    feasible: names,
    clusters: hub.fleet.filter(({ name }) => names.has(name) || held.has(name)),
  }));
}

function except(all: readonly ManagedCluster[], some: readonly ManagedCluster[]): string[] {
  const kept = new Set(some);
  return all.filter((cluster) => !kept.has(cluster)).map(({ name }) => name);
}

/** The candidates as the engine sees them: one copy in each, so that none may hold more than one part of `count`. */
export function clusterOptions(
  unit: Unit & { readonly placement: PlacementView },
  { key, clusters, feasible }: Candidates,
  options: UnitOptions,
  count: number,
  context: PlanContext & { readonly map: NonNullable<PlanContext['map']> },
): readonly ClusterOption[] {
  const shunned = shunnedClusters(unit.placement.object, context.now);
  const kind = JSON.stringify([
    [key, options.locations, options.onStaleData, count, Object.keys(shunned)],
    // Prices change by the hour.
    Math.floor(context.now / HOUR),
  ]);
  return context.classes.options.get(kind, () =>
    clusters.map((cluster) => {
      const { name, available, place } = cluster;
      const { zone, location, avoid, maxShare, pue, excluded } = place;
      return {
        name,
        zone: excluded === null ? zone : null,
        ready: available && feasible.has(name) && shunned[name] === undefined,
        allowed: isAllowed({ location, zone }, options.locations, context.locations),
        avoid,
        ...intensityOf(place, options.onStaleData, context),
        pue,
        ...pricesOf(cluster, context, context.now),
        headroomReplicas: null,
        maxShare: Math.min(maxShare, 1 / count),
      };
    }),
  );
}

/** Whether Windvane may choose the cluster at all, whatever its electricity. */
export function isEligible({ ready, allowed, avoid, maxShare }: ClusterOption): boolean {
  return ready && allowed && !avoid && maxShare > 0;
}
