import type { Instant } from '@windvane/carbon-map';
import { z } from 'zod';
import type { PlacementView } from '../planes/plane.ts';
import { type Hold, MOST_ZONES, type ReportedHold } from '../scalers/desk.ts';
import { type ScalerView, scalerView } from '../scalers/view.ts';
import { badInput, callerError } from './errors.ts';
import type { FleetView } from './fleet-view.ts';
import type { Caller } from './roles.ts';

interface Context {
  readonly fleet: FleetView;
  readonly caller: Caller;
}

const name = z.string().min(1, 'must not be empty').max(253, 'is longer than a name of Kubernetes');
const instant = z.custom<Instant>((value) => typeof value === 'number').nullish();
const holdSchema = z.object({
  namespace: name,
  name,
  kind: name,
  since: instant,
  until: instant,
  reason: z.string().regex(/^[A-Za-z]{1,60}$/, 'must be a CamelCase word'),
  replicas: z.number().int().min(0, 'must not be negative'),
  message: z.string().max(1_024, 'is longer than 1024 characters').nullish(),
});
const holdsSchema = z.array(holdSchema).max(10_000, 'holds more than 10000 entries');

/** Zones that a view is asked for. Names of zones that this hub does not know are no mistake: a scaler may know more. */
export const zonesSchema: z.ZodType<string[]> = z
  .array(z.string().regex(/^[A-Za-z0-9-]{1,40}$/, 'holds a name that is no zone code'))
  .max(MOST_ZONES, `holds more than ${MOST_ZONES} zones`);

/** The view of a cluster for whoever may see it; zones asked for are kept in the map from now on. */
export function viewFor(fleet: FleetView, cluster: string, zones: readonly string[]): Promise<ScalerView> {
  const known = zones.filter((zone) => fleet.resolver.zoneName(zone) !== zone || fleet.map()?.zones[zone]);
  fleet.scalers.want(cluster, known);
  const planes = fleet.planes();
  return scalerView(
    {
      map: fleet.map(),
      now: fleet.now(),
      frozen: fleet.frozen(),
      store: fleet.store,
      zoneOf: (wanted) =>
        planes.flatMap((plane) => plane.clusters()).find((each) => each.name === wanted)?.zone ?? null,
      placements: planes.flatMap((plane) => plane.placements()),
    },
    cluster,
    known,
  );
}

/** Whether a caller may act for a cluster: a scaler's token only for the one that it names. */
export function mayActFor({ role, cluster: own }: Caller, cluster: string): boolean {
  return role !== 'scaler' || own === cluster;
}

function checkCluster(caller: Caller, cluster: string): void {
  if (mayActFor(caller, cluster)) return;
  throw callerError(`this token is for the cluster ${caller.cluster ?? ''}, not for ${cluster}`, 'FORBIDDEN');
}

/** Resolvers of what a scaler reads. */
export const scalerQueries = {
  scalerView(
    _: unknown,
    args: { cluster: string; zones?: string[] | null },
    { fleet, caller }: Context,
  ): Promise<ScalerView> {
    checkCluster(caller, args.cluster);
    return viewFor(fleet, args.cluster, checked(zonesSchema, args.zones ?? [], 'zones'));
  },
};

/** Resolvers of what scalers reported, for readers. */
export const holdQueries = {
  holds(_: unknown, _args: unknown, { fleet }: Context): readonly ReportedHold[] {
    return fleet.scalers.holds().toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  },
};

/** Resolvers of what a scaler reports. */
export const scalerMutations = {
  reportHolds(_: unknown, args: { cluster: string; holds: unknown }, { fleet, caller }: Context): number {
    if (caller.role === 'reader') {
      throw callerError('a reader token may not report: use the token of the scaler', 'FORBIDDEN');
    }
    checkCluster(caller, args.cluster);
    const holds = checked(holdsSchema, args.holds, 'holds').map(
      ({ since = null, until = null, message = null, ...hold }): Hold => ({ ...hold, since, until, message }),
    );
    fleet.scalers.report(args.cluster, holds);
    return holds.length;
  },
};

/** Resolvers of the fields of a placement. */
export const placementFields = {
  holds(
    { namespace, name: workload, kind }: PlacementView,
    _: unknown,
    { fleet }: Context,
  ): readonly ReportedHold[] {
    return fleet.scalers
      .holds()
      .filter((hold) => hold.namespace === namespace && hold.name === workload && hold.kind === kind);
  },
};

function keyOf({ cluster, namespace, kind, name: held }: ReportedHold): string {
  return [cluster, namespace, kind, held].join('/');
}

function checked<T>(schema: z.ZodType<T>, value: unknown, field: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = [field, ...(issue?.path ?? [])].join('.');
  throw badInput(`${path} ${issue?.message ?? 'is not valid'}`);
}
