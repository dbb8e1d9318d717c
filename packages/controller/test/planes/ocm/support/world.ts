import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import {
  type CarbonMap,
  createLocationResolver,
  createVirtualClock,
  type VirtualClock,
  type ZoneData,
} from '@windvane/carbon-map';
import {
  type ManagedClusterOptions,
  type OcmStandIns,
  ocmDefinitions,
  startOcmStandIns,
  startSandbox,
  type WorkPlan,
  type WorkRef,
} from '@windvane/sandbox';
import { decide } from '../../../../src/engine/decide.ts';
import type { KubeApi } from '../../../../src/kube/api.ts';
import { connectKube } from '../../../../src/kube/connect.ts';
import { type KubeObject, keyOf, type ResourceType } from '../../../../src/kube/resource.ts';
import { noOutlook } from '../../../../src/outlook/outlook.ts';
import { createOcmPlane, type OcmPlaneConfig } from '../../../../src/planes/ocm/index.ts';
import * as kinds from '../../../../src/planes/ocm/resources.ts';
import { STEERING_SCORES } from '../../../../src/planes/ocm/steering.ts';
import type { PlacementView, Plane } from '../../../../src/planes/plane.ts';
import * as shared from '../../../../src/planes/shared/resources.ts';
import { mapOf } from '../../karmada/support/maps.ts';
import { type RecordedWrite, type Recording, record } from '../../karmada/support/recording.ts';
import type { Seen } from '../../karmada/support/world.ts';
import { clusterSet, placement, replicaSet, setBinding } from './objects.ts';

const CRD = readFileSync(
  new URL('../../../../../../deploy/hub/crd/carbonplacements.windvane.dev.yaml', import.meta.url),
  'utf8',
);
const START = Date.parse('2026-03-01T00:00:00Z');
const NO_LIMITS = { replicasPerHour: 100_000, shareOfReplicasPerHour: 1, stepsPerReceivingCluster: 100_000 };
const UNLIMITED = { inFlight: 64, writesPerSecond: 100_000, writeBurst: 100_000 };

/** A cluster of the set `all` that stands in a zone. */
export function standing(
  name: string,
  location: string,
  more: Partial<ManagedClusterOptions> = {},
): ManagedClusterOptions {
  return {
    name,
    annotations: { 'windvane.dev/location': location },
    ...more,
    labels: { fleet: 'all', ...more.labels },
  };
}

/** frankfurt DE, paris FR, stockholm SE-SE3, virginia US-MIDA-PJM */
const CLUSTERS: readonly ManagedClusterOptions[] = [
  standing('frankfurt', 'DE'),
  standing('paris', 'FR'),
  standing('stockholm', 'SE-SE3'),
  standing('virginia', 'US-MIDA-PJM'),
];

export interface OcmWorld {
  readonly clock: VirtualClock;
  readonly ocm: OcmStandIns;
  /** What a person does on the hub. */
  readonly user: KubeApi;
  /** The command line of Windvane. */
  readonly hands: KubeApi;
  readonly kubeconfig: string;
  /** What Windvane wrote. */
  recording: Recording;
  plane: Plane;
  /** A namespace of its own for a test, bound to the set `all`. */
  namespace(annotations?: Readonly<Record<string, string>>): Promise<string>;
  create(...objects: readonly KubeObject[]): Promise<void>;
  get(type: ResourceType, namespace: string | undefined, name: string): Promise<Seen>;
  placement(namespace: string, name: string): Promise<Seen>;
  /** A Placement `train` with a ManifestWorkReplicaSet of the same name, at rest. */
  train(options?: {
    readonly clusters?: number;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly spec?: Readonly<Record<string, unknown>>;
  }): Promise<string>;
  /** Replaces the map and waits until everything is at rest. */
  wind(grams: Readonly<Record<string, number | null>>, data?: ZoneData): Promise<void>;
  /** Starts a controller as after a crash of the one before. */
  restart(config?: Partial<OcmPlaneConfig>): Promise<void>;
  /** Ends the controller and starts none. */
  die(): Promise<void>;
  settle(): Promise<void>;
  /** Lets time pass, settling after each slice. */
  advance(millis: number, slice?: number): Promise<void>;
  view(namespace: string, name: string): PlacementView | undefined;
  /** What OCM has decided for, as `frankfurt paris`. */
  decided(namespace: string, name: string): Promise<string>;
  /** Steering scores of one Placement by cluster. */
  scores(namespace: string, name: string): Promise<Readonly<Record<string, number>>>;
  /** Stored writes of Windvane on one kind of score. */
  scoreWrites(name?: string): readonly RecordedWrite[];
  stop(): Promise<void>;
}

export interface OcmWorldOptions {
  readonly clusters?: readonly ManagedClusterOptions[];
  readonly config?: Partial<OcmPlaneConfig>;
  readonly withoutCrd?: boolean;
  readonly workPlan?: (work: WorkRef) => WorkPlan;
  /** Told of every write of a controller, just before it is made; the write waits for what is done then. */
  readonly heard?: (write: RecordedWrite) => void | Promise<void>;
}

const typeOf = (object: KubeObject): ResourceType => {
  const all: readonly unknown[] = [...Object.values(kinds), ...Object.values(shared)];
  const found = all.find(
    (each): each is ResourceType =>
      typeof each === 'object' && each !== null && 'kind' in each && each.kind === object.kind,
  );
  if (found === undefined) throw new Error(`no type for ${object.kind}`);
  return found;
};

export async function startOcmWorld(options: OcmWorldOptions = {}): Promise<OcmWorld> {
  const clock = createVirtualClock(START);
  const crds = [...ocmDefinitions, ...(options.withoutCrd === true ? [] : [CRD])];
  const hub = await startSandbox({ crds, now: () => clock.now() });
  const { workPlan } = options;
  const ocm = await startOcmStandIns({
    kubeconfig: hub.kubeconfig(),
    clock: { now: () => clock.now(), after: (wait, task) => void clock.after(wait, task) },
    clusters: options.clusters ?? CLUSTERS,
    ...(workPlan === undefined ? {} : { workPlan }),
    resourceVersion: hub.resourceVersion,
  });
  const user = connectKube({ kubeconfig: hub.kubeconfig(), limits: UNLIMITED, manager: 'somebody' });
  await user.create(kinds.MANAGED_CLUSTER_SET, clusterSet('all', { fleet: 'all' }));
  await ocm.settled();
  const locations = createLocationResolver();
  let map: CarbonMap | null = null;
  let namespaces = 0;
  let alive = true;

  function openPlane(config: Partial<OcmPlaneConfig> = {}): { plane: Plane; recording: Recording } {
    const recording = record(connectKube({ kubeconfig: hub.kubeconfig(), limits: UNLIMITED }), options.heard);
    const plane = createOcmPlane({
      kube: recording.api,
      hub: 'test',
      config: {
        mode: 'act',
        namespaces: ['*'],
        limits: NO_LIMITS,
        scores: null,
        ...options.config,
        ...config,
      },
      locations,
      decide,
      clock,
      log: { info() {}, warn() {}, error() {} },
      currentMap: () => map,
    });
    return { plane, recording };
  }

  const rest = async (): Promise<void> => {
    let quiet = 0;
    let version: unknown = null;
    for (let turns = 0; quiet < 40; turns += 1) {
      if (turns > 400_000) throw new Error('the world does not come to rest');
      await turn();
      const next = hub.resourceVersion();
      quiet = (!alive || world.plane.idle()) && ocm.idle() && next === version ? quiet + 1 : 0;
      version = next;
    }
  };

  const world: OcmWorld = {
    ...openPlane(),
    clock,
    ocm,
    user,
    hands: connectKube({ kubeconfig: hub.kubeconfig(), limits: UNLIMITED }),
    kubeconfig: hub.kubeconfig(),
    async namespace(annotations) {
      namespaces += 1;
      const name = `ns${namespaces}`;
      await user.create(shared.NAMESPACE, {
        metadata: { name, ...(annotations === undefined ? {} : { annotations }) },
      });
      await user.create(kinds.MANAGED_CLUSTER_SET_BINDING, setBinding(name, 'all'));
      return name;
    },
    async create(...objects) {
      for (const object of objects) await user.create(typeOf(object), object);
    },
    get: (type, namespace, name) => user.get(type, { namespace, name }),
    placement: (namespace, name) => user.get(kinds.PLACEMENT, { namespace, name }),
    async train({ clusters = 1, annotations, spec = {} } = {}) {
      const namespace = await world.namespace();
      await world.create(
        placement(namespace, 'train', { numberOfClusters: clusters, ...spec }, annotations),
        replicaSet(namespace, 'train'),
      );
      await rest();
      return namespace;
    },
    async wind(grams, data) {
      map = mapOf(clock.now(), grams, data);
      if (alive) world.plane.mapChanged(map, noOutlook);
      await rest();
    },
    async restart(config) {
      if (alive) await world.plane.stop();
      Object.assign(world, openPlane(config));
      alive = true;
      await world.plane.start();
      await rest();
    },
    async die() {
      alive = false;
      await world.plane.stop();
    },
    settle: rest,
    async advance(millis, slice = 30_000) {
      const end = clock.now() + millis;
      while (clock.now() < end) {
        clock.advanceTo(Math.min(end, clock.now() + slice));
        await rest();
      }
    },
    view: (namespace, name) =>
      world.plane.placements().find((each) => each.namespace === namespace && each.name === name),
    async decided(namespace, name) {
      const { items } = await user.list(kinds.PLACEMENT_DECISION, { namespace });
      const label = 'cluster.open-cluster-management.io/placement';
      return items
        .filter(({ metadata }) => metadata.labels?.[label] === name)
        .flatMap((decision: Seen) => decision['status']?.decisions ?? [])
        .map(({ clusterName }: { clusterName: string }) => clusterName)
        .sort()
        .join(' ');
    },
    async scores(namespace, name) {
      const { items } = await user.list(kinds.ADD_ON_PLACEMENT_SCORE);
      return Object.fromEntries(
        items
          .filter(({ metadata }) => metadata.name === STEERING_SCORES)
          .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
          .flatMap((object: Seen) => {
            const score = (object['status']?.scores ?? []).find(
              (each: { name: string }) => each.name === `${namespace}.${name}`,
            );
            return score === undefined ? [] : [[object.metadata.namespace ?? '', score.value]];
          }),
      );
    },
    scoreWrites: (name = STEERING_SCORES) =>
      world.recording
        .stored()
        .filter((write) => write.kind === 'AddOnPlacementScore' && write.name === name)
        .filter(({ subresource }) => subresource === 'status'),
    async stop() {
      if (alive) await world.plane.stop();
      await ocm.stop();
      await hub.stop();
    },
  };
  await world.plane.start();
  return world;
}
