import type { Clock, LocationResolver } from '@windvane/carbon-map';
import type { HubConfig } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';
import { decide } from '../engine/decide.ts';
import type { KubeApi } from '../kube/api.ts';
import { connectKube, type KubeConnection } from '../kube/connect.ts';
import { isKubeError } from '../kube/errors.ts';
import { createKarmadaPlane } from '../planes/karmada/index.ts';
import type { Plane } from '../planes/plane.ts';
import { CONTROLLER_LEASE, ensureSystemNamespace } from '../planes/shared/freeze.ts';
import { CARBON_PLACEMENT } from '../planes/shared/resources.ts';
import type { ControllerLog } from './controller.ts';
import { createElection, type Election } from './election.ts';

/** What planes share. */
export interface PlaneSurroundings {
  readonly resolver: LocationResolver;
  readonly clock: Clock;
  readonly log: ControllerLog;
}

/** What the configuration says to every plane. */
export type PlaneConfig = Pick<HubConfig, 'mode' | 'namespaces' | 'defaults' | 'limits'> &
  Partial<Pick<HubConfig, 'runOnceKinds'>>;

/** Makes the planes that the configuration names. Connects to nothing yet. Throws UserError for a bad kubeconfig. */
export function createPlanes(config: HubConfig, surroundings: PlaneSurroundings): readonly Plane[] {
  if (config.karmada === null) return [];
  const { kubeconfig, context, hub, clusterLocations } = config.karmada;
  const connection = { path: kubeconfig, ...(context === null ? {} : { context }) };
  const election = createElection({
    api: connect(connection),
    lease: CONTROLLER_LEASE,
    // Without statuses nothing may be written, and after an uninstallation nothing is to be left.
    mayRun: async (api) => (await api.serves(CARBON_PLACEMENT)) && (await prepare(api)),
    clock: surroundings.clock,
    log: surroundings.log,
  });
  const plane = createKarmada(connection, config, { hub, clusterLocations }, surroundings, election);
  return [election.elect(plane)];
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
  const api = connect(connection);
  const plane = createKarmadaPlane({
    kube: election === undefined ? api : election.gate(api),
    ...(election === undefined ? {} : { leading: election.leading }),
    hub,
    config: { mode, namespaces, clusterLocations, defaults, limits, runOnceKinds },
    locations: resolver,
    decide,
    log,
    clock,
  });
  return {
    ...plane,
    async start() {
      await plane.start().catch(rethrow);
    },
  };
}

/** The shipped manifests make the namespace, and their roles do not allow it; others may run without them. */
async function prepare(api: KubeApi): Promise<true> {
  await ensureSystemNamespace(api).catch((error: unknown) => {
    if (!isKubeError(error, 'forbidden')) throw error;
  });
  return true;
}

function connect(connection: KubeConnection): ReturnType<typeof connectKube> {
  try {
    return connectKube(connection);
  } catch (error) {
    return rethrow(error);
  }
}

/** A server that is wrong or away at the start is the user's to mend, and its message says how. */
function rethrow(error: unknown): never {
  const mendable = isKubeError(error, 'misconfigured', 'unreachable', 'unauthorized', 'forbidden');
  throw mendable ? new UserError(`karmada: ${error.message}`) : error;
}
