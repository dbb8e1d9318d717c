import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type CarbonMap, createLocationResolver } from '@windvane/carbon-map';
import { parse } from 'yaml';
import { decide } from '../../src/engine/decide.ts';
import type { KubeApi } from '../../src/kube/api.ts';
import { connectKube } from '../../src/kube/connect.ts';
import { isKubeError } from '../../src/kube/errors.ts';
import type { ResourceType } from '../../src/kube/resource.ts';
import { noOutlook } from '../../src/outlook/outlook.ts';
import type { PlacementView, Plane } from '../../src/planes/plane.ts';
import type { PlaneOptions } from '../../src/planes/shared/options.ts';
import {
  CARBON_PLACEMENT,
  CUSTOM_RESOURCE_DEFINITION,
  NAMESPACE,
} from '../../src/planes/shared/resources.ts';
import { mapOf } from '../../test/planes/karmada/support/maps.ts';
import { type Recording, record } from '../../test/planes/karmada/support/recording.ts';

const CRD = new URL('../../../../deploy/hub/crd/carbonplacements.windvane.dev.yaml', import.meta.url);
const LIMITS = { inFlight: 32, writesPerSecond: 1_000, writeBurst: 1_000 };
const PATIENCE = 90_000;

/** A live hub on which a controller serves one namespace made for a test. */
export interface LiveHub {
  /** What a person does on the hub. */
  readonly user: KubeApi;
  readonly namespace: string;
  /** What the present controller wrote. */
  recording(): Recording;
  /**
   * Starts a controller; the one before is stopped. It connects with the kubeconfig that
   * `WINDVANE_E2E_CONTROLLER_KUBECONFIG` names, of a user with the shipped roles alone, or else as the person does.
   */
  control(): Promise<Plane>;
  stopControl(): Promise<void>;
  /** Grams per cluster, in the order of names. */
  wind(grams: readonly number[]): void;
  view(name: string): PlacementView | undefined;
  /** Asks again and again, and fails after a minute and a half, or after `patience` milliseconds. */
  until<T>(
    what: string,
    look: () => Promise<T | null | undefined> | T | null | undefined,
    patience?: number,
  ): Promise<T>;
  /** Deletes everything of these kinds in the namespace. */
  clear(types: readonly ResourceType[]): Promise<void>;
}

/** A person on the hub, which serves CarbonPlacements from here on. */
export async function enterHub(kubeconfig: string): Promise<KubeApi> {
  const user = connectKube({ path: kubeconfig, limits: LIMITS, manager: 'somebody' });
  await user.apply(CUSTOM_RESOURCE_DEFINITION, parse(readFileSync(CRD, 'utf8')), { force: true });
  return user;
}

/** Makes a namespace in which a controller will act on these clusters, one zone each. */
export async function openHub(given: {
  readonly user: KubeApi;
  readonly kubeconfig: string;
  readonly clusters: readonly string[];
  readonly zones: readonly string[];
  readonly createPlane: (options: PlaneOptions) => Plane;
}): Promise<LiveHub> {
  const { user, kubeconfig, clusters, zones } = given;
  const namespace = `windvane-e2e-${randomUUID().slice(0, 8)}`;
  await user.create(NAMESPACE, { metadata: { name: namespace } });
  const locations = createLocationResolver();
  let map: CarbonMap | null = null;
  let plane: Plane | null = null;
  let recording: Recording | null = null;

  const until: LiveHub['until'] = async (what, look, patience = PATIENCE) => {
    const end = Date.now() + patience;
    while (Date.now() < end) {
      const found = await look();
      if (found !== null && found !== undefined) return found;
      await delay(50);
    }
    throw new Error(
      `${what}: not within ${patience / 1000} s; ${JSON.stringify(plane?.placements().map((each) => each.conditions))}`,
    );
  };
  return {
    user,
    namespace,
    recording() {
      if (recording === null) throw new Error('no controller was started');
      return recording;
    },
    async control() {
      await plane?.stop();
      const path = process.env['WINDVANE_E2E_CONTROLLER_KUBECONFIG'] ?? kubeconfig;
      recording = record(connectKube({ path, limits: LIMITS }));
      plane = given.createPlane({
        kube: recording.api,
        hub: 'live',
        config: {
          mode: 'act',
          namespaces: [namespace],
          clusterLocations: Object.fromEntries(clusters.map((name, index) => [name, zones[index] ?? 'DE'])),
          limits: { replicasPerHour: 1_000, shareOfReplicasPerHour: 1, stepsPerReceivingCluster: 1_000 },
        },
        locations,
        decide,
        log: {
          info() {},
          warn() {},
          error: (fields, message) => void process.stdout.write(`${message} ${JSON.stringify(fields)}\n`),
        },
        currentMap: () => map,
      });
      await plane.start();
      await until('the CRD is served', async () => ((await user.serves(CARBON_PLACEMENT)) ? true : null));
      return plane;
    },
    async stopControl() {
      await plane?.stop();
      plane = null;
    },
    wind(grams) {
      map = mapOf(Date.now(), Object.fromEntries(zones.map((zone, index) => [zone, grams[index] ?? 400])));
      plane?.mapChanged(map, noOutlook);
    },
    view: (name) => plane?.placements().find((each) => each.namespace === namespace && each.name === name),
    until,
    async clear(types) {
      for (const type of types) {
        for (const { metadata } of (await user.list(type, { namespace })).items) {
          await user.delete(type, metadata).catch((error: unknown) => {
            if (!isKubeError(error, 'not-found')) throw error;
          });
        }
      }
    },
  };
}
