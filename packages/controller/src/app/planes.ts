import type { Clock, LocationResolver } from '@windvane/carbon-map';
import type { HubConfig } from '../config/config.ts';
import type { KubeConnection } from '../kube/connect.ts';
import type { Plane } from '../planes/plane.ts';
import type { ControllerLog } from './controller.ts';

/** What planes share. */
export interface PlaneSurroundings {
  readonly resolver: LocationResolver;
  readonly clock: Clock;
  readonly log: ControllerLog;
}

/** Makes the planes that the configuration names. Connects to nothing yet. */
export function createPlanes(config: HubConfig, surroundings: PlaneSurroundings): readonly Plane[] {
  if (config.karmada === null) return [];
  const { kubeconfig, context } = config.karmada;
  return [createKarmada({ path: kubeconfig, ...(context === null ? {} : { context }) }, surroundings)];
}

export function createKarmada(_connection: KubeConnection, _surroundings: PlaneSurroundings): Plane {
  return {
    kind: 'karmada',
    hub: 'karmada',
    start: async () => {},
    stop: async () => {},
    connected: () => true,
    problem: () => null,
    clusters: () => [],
    placements: () => [],
    mapChanged() {},
    idle: () => true,
  };
}
