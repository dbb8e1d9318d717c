import type { Clock, LocationResolver } from '@windvane/carbon-map';
import type { HubConfig } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';
import { decide } from '../engine/decide.ts';
import type { KubeApi } from '../kube/api.ts';
import { connectKube, type KubeConnection } from '../kube/connect.ts';
import { isKubeError, lineOf } from '../kube/errors.ts';
import type { LeaseName } from '../kube/lease.ts';
import { createKarmadaPlane } from '../planes/karmada/index.ts';
import { createOcmPlane } from '../planes/ocm/index.ts';
import type { Plane } from '../planes/plane.ts';
import { CONTROLLER_LEASE, ensureSystemNamespace, OCM_CONTROLLER_LEASE } from '../planes/shared/freeze.ts';
import { CARBON_PLACEMENT } from '../planes/shared/resources.ts';
import type { ControllerLog } from './controller.ts';
import { createElection, type Election } from './election.ts';
import { patient } from './patient-plane.ts';

/** What planes share. */
export interface PlaneSurroundings {
  readonly resolver: LocationResolver;
  readonly clock: Clock;
  readonly log: ControllerLog;
}

/** What the configuration says to every plane. */
export type PlaneConfig = Pick<HubConfig, 'mode' | 'namespaces' | 'defaults' | 'limits'> &
  Partial<Pick<HubConfig, 'runOnceKinds'>>;

/**
 * Makes the planes that the configuration names, each with a connection and an election of its own. Connects to nothing
 * yet. Throws UserError for a bad kubeconfig.
 */
export function createPlanes(config: HubConfig, surroundings: PlaneSurroundings): readonly Plane[] {
  const { karmada, ocm } = config;
  const planes: Plane[] = [];
  if (karmada !== null) {
    const connection = connectionOf(karmada);
    planes.push(
      elected('karmada', connection, CONTROLLER_LEASE, surroundings, (election) =>
        createKarmada(connection, config, karmada, surroundings, election),
      ),
    );
  }
  if (ocm !== null) {
    const connection = connectionOf(ocm);
    planes.push(
      elected('ocm', connection, OCM_CONTROLLER_LEASE, surroundings, (election) =>
        createOcm(connection, config, ocm, surroundings, election),
      ),
    );
  }
  // Alone, a server that is no such hub is a mistake to tell at once; beside another plane it must not stop that one.
  return planes.map((plane) =>
    mendable(planes.length > 1 ? patient(plane, surroundings.clock, surroundings.log) : plane),
  );
}

function connectionOf({
  kubeconfig,
  context,
}: {
  kubeconfig: string;
  context: string | null;
}): KubeConnection {
  return { path: kubeconfig, ...(context === null ? {} : { context }) };
}

function elected(
  kind: Plane['kind'],
  connection: KubeConnection,
  lease: LeaseName,
  { clock, log }: PlaneSurroundings,
  make: (election: Election) => Plane,
): Plane {
  const election = createElection({
    api: connect(kind, connection),
    lease,
    // Without statuses nothing may be written, and after an uninstallation nothing is to be left.
    mayRun: async (api) => (await api.serves(CARBON_PLACEMENT)) && (await prepare(api)),
    clock,
    log,
  });
  return election.elect(make(election));
}

/**
 * The Karmada plane over one connection. Without an election it takes itself for the only one. Throws UserError when the connection
 * cannot be used.
 */
export function createKarmada(
  connection: KubeConnection,
  { mode, namespaces, defaults, limits, runOnceKinds = [] }: PlaneConfig,
  { hub, clusterLocations }: { hub: string; clusterLocations: Readonly<Record<string, string>> },
  { resolver, clock, log }: PlaneSurroundings,
  election?: Pick<Election, 'leading' | 'gate'>,
): Plane {
  const api = connect('karmada', connection);
  return createKarmadaPlane({
    kube: election === undefined ? api : election.gate(api),
    ...(election === undefined ? {} : { leading: election.leading }),
    hub,
    config: { mode, namespaces, clusterLocations, defaults, limits, runOnceKinds },
    locations: resolver,
    decide,
    log,
    clock,
  });
}

/** The plane of Open Cluster Management over one connection, as {@link createKarmada} is for Karmada. */
export function createOcm(
  connection: KubeConnection,
  { mode, namespaces, defaults, limits }: PlaneConfig,
  {
    hub,
    clusterLocations,
    locationClaim = null,
    scores,
  }: Pick<NonNullable<HubConfig['ocm']>, 'hub' | 'clusterLocations' | 'scores'> & {
    locationClaim?: string | null;
  },
  { resolver, clock, log }: PlaneSurroundings,
  election?: Pick<Election, 'leading' | 'gate'>,
): Plane {
  const api = connect('ocm', connection);
  return createOcmPlane({
    kube: election === undefined ? api : election.gate(api),
    ...(election === undefined ? {} : { leading: election.leading }),
    hub,
    config: {
      mode,
      namespaces,
      clusterLocations,
      locationClaim,
      scores: scores.publish ? scores : null,
      defaults,
      limits,
    },
    locations: resolver,
    decide,
    log,
    clock,
  });
}

/** The shipped manifests make the namespace, and their roles do not allow it; others may run without them. */
async function prepare(api: KubeApi): Promise<true> {
  await ensureSystemNamespace(api).catch((error: unknown) => {
    if (!isKubeError(error, 'forbidden')) throw error;
  });
  return true;
}

function connect(kind: Plane['kind'], connection: KubeConnection): ReturnType<typeof connectKube> {
  try {
    return connectKube(connection);
  } catch (error) {
    return rethrow(kind, error);
  }
}

function mendable(plane: Plane): Plane {
  return { ...plane, start: () => plane.start().catch((error: unknown) => rethrow(plane.kind, error)) };
}

/** A server that is wrong or away at the start is the user's to mend, and its message says how. */
function rethrow(kind: Plane['kind'], error: unknown): never {
  const line = lineOf(error);
  throw line === null ? error : new UserError(`${kind}: ${line}`);
}
