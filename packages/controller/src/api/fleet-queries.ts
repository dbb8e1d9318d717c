import { combinedQuality } from '@windvane/carbon-map';
import type { ClusterView, PlacementView } from '../planes/plane.ts';
import type { FleetView } from './fleet-view.ts';
import { type ZoneView, zonesNow } from './zone-view.ts';

interface PlacementFilter {
  hub?: string | null;
  namespace?: string | null;
  state?: string | null;
  reason?: string | null;
}

/** Resolvers of what is placed where. */
export const fleetQueries = {
  clusters(_: unknown, _args: unknown, { fleet }: { fleet: FleetView }): readonly ClusterView[] {
    return fleet
      .planes()
      .flatMap((plane) => plane.clusters())
      .toSorted((a, b) => byText(a.hub, b.hub) || byText(a.name, b.name));
  },

  placements(_: unknown, filter: PlacementFilter, { fleet }: { fleet: FleetView }): readonly PlacementView[] {
    return allPlacements(fleet).filter(
      (placement) =>
        matches(filter.hub, placement.hub) &&
        matches(filter.namespace, placement.namespace) &&
        matches(filter.state, placement.state) &&
        matches(filter.reason, placement.reason),
    );
  },

  placement(
    _: unknown,
    args: { namespace: string; name: string; kind: string },
    { fleet }: { fleet: FleetView },
  ): PlacementView | null {
    // Kinds are written as kubectl takes them, in any case.
    const kind = args.kind.toLowerCase();
    return (
      allPlacements(fleet).find(
        (placement) =>
          placement.namespace === args.namespace &&
          placement.name === args.name &&
          placement.kind.toLowerCase() === kind,
      ) ?? null
    );
  },

  status(_: unknown, _args: unknown, { fleet }: { fleet: FleetView }): unknown {
    const map = fleet.map();
    return {
      mode: fleet.mode,
      frozen: fleet.frozen(),
      data: combinedQuality(Object.values(map?.zones ?? {}).map((zone) => zone.data)),
      mapVersion: map?.version ?? null,
      store: { kind: fleet.store.kind, connected: fleet.store.connected() },
      planes: fleet.planes().map((plane) => ({
        name: plane.kind,
        hub: plane.hub,
        connected: plane.connected(),
        problem: plane.problem(),
      })),
    };
  },
};

/** Resolvers of the fields of a cluster. */
export const clusterFields = {
  zone(cluster: ClusterView, _: unknown, { fleet }: { fleet: FleetView }): ZoneView | null {
    return cluster.zone === null ? null : (zonesNow(fleet, [cluster.zone])[0] ?? null);
  },
};

function allPlacements(fleet: FleetView): readonly PlacementView[] {
  return fleet
    .planes()
    .flatMap((plane) => plane.placements())
    .toSorted(
      (a, b) =>
        byText(a.hub, b.hub) ||
        byText(a.namespace, b.namespace) ||
        byText(a.name, b.name) ||
        byText(a.kind, b.kind),
    );
}

function matches(wanted: string | null | undefined, value: string | null): boolean {
  return wanted === null || wanted === undefined || wanted === value;
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
