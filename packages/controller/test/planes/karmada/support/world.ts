import { readFileSync } from 'node:fs';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import {
  type CarbonMap,
  createLocationResolver,
  createVirtualClock,
  type VirtualClock,
  type ZoneData,
} from '@windvane/carbon-map';
import {
  type KarmadaStandIns,
  karmadaDefinitions,
  type MemberOptions,
  type PodStartup,
  startKarmadaStandIns,
} from '@windvane/sandbox';
import { decide } from '../../../../src/engine/decide.ts';
import type { KubeApi } from '../../../../src/kube/api.ts';
import { connectKube } from '../../../../src/kube/connect.ts';
import { EVENT } from '../../../../src/kube/events.ts';
import type { KubeObject, ResourceType } from '../../../../src/kube/resource.ts';
import { noOutlook, type Outlook } from '../../../../src/outlook/outlook.ts';
import { createKarmadaPlane, type KarmadaPlaneConfig } from '../../../../src/planes/karmada/index.ts';
import * as kinds from '../../../../src/planes/karmada/resources.ts';
import type { PlacementView, Plane } from '../../../../src/planes/plane.ts';
import * as sharedKinds from '../../../../src/planes/shared/resources.ts';
import { datesOf, type Followed, followWatches } from './caught-up.ts';
import { mapOf, withForecasts } from './maps.ts';
import { type RecordedWrite, type Recording, record } from './recording.ts';
import type { TestServer } from './servers.ts';

export const DEPLOYMENT: ResourceType = kinds.workloadKinds.find(({ kind }) => kind === 'Deployment')!;

const CRD = readFileSync(
  new URL('../../../../../../deploy/hub/crd/carbonplacements.windvane.dev.yaml', import.meta.url),
  'utf8',
);
const START = Date.parse('2026-03-01T00:00:00Z');
/** Tests share a hub; only those of the fleet's limits want any. */
const NO_LIMITS = { replicasPerHour: 1_000, shareOfReplicasPerHour: 1, stepsPerReceivingCluster: 1_000 };
const UNLIMITED = { inFlight: 64, writesPerSecond: 100_000, writeBurst: 100_000 };

/** frankfurt DE, paris FR, stockholm SE-SE3, virginia US-MIDA-PJM */
export const MEMBERS: readonly MemberOptions[] = [
  { name: 'frankfurt', provider: 'aws', region: 'eu-central-1' },
  { name: 'paris', provider: 'aws', region: 'eu-west-3' },
  { name: 'virginia', provider: 'aws', region: 'us-east-1' },
];

/** An object as tests look at it: whatever is inside may be asked for. */
export interface Seen {
  readonly metadata: KubeObject['metadata'];
  // oxlint-disable-next-line typescript/no-explicit-any -- a test that asks for what is not there fails by that
  readonly [field: string]: any;
}

export interface World {
  readonly clock: VirtualClock;
  readonly karmada: KarmadaStandIns;
  /** What a person does on the hub. */
  readonly user: KubeApi;
  /** A person who runs Windvane's commands. */
  person(): KubeApi;
  /** Somebody else who writes under a field manager of their own. */
  writer(manager: string): KubeApi;
  /** For programs that talk to the hub themselves. */
  kubeconfig(user?: string): string;
  /** What Windvane wrote. */
  recording: Recording;
  plane: Plane;
  /** Goes with the next map. */
  outlook: Outlook;
  /** How often the engine was asked so far. */
  asked: number;
  /** A namespace of its own for a test. */
  namespace(annotations?: Readonly<Record<string, string>>): Promise<string>;
  create(object: KubeObject): Promise<void>;
  get(type: ResourceType, namespace: string | undefined, name: string): Promise<Seen>;
  /** Replaces the map and waits until everything is at rest. */
  wind(grams: Readonly<Record<string, number | null>>, data?: ZoneData): Promise<void>;
  /** The same with a map of the test's own. */
  show(map: CarbonMap): Promise<void>;
  /** The same, with what is expected of some zones for the hours from the present one on. */
  forecast(
    grams: Readonly<Record<string, number | null>>,
    ahead: Readonly<Record<string, readonly number[]>>,
  ): Promise<void>;
  /** Starts a controller as after a crash of the one before. */
  restart(config?: Partial<KarmadaPlaneConfig>): Promise<void>;
  settle(): Promise<void>;
  /** Lets time pass, settling after each timer that may matter. */
  advance(millis: number, slice?: number): Promise<void>;
  view(namespace: string, name: string): PlacementView | undefined;
  /** The split as `frankfurt 3, paris 6`. */
  split(namespace: string, name: string): string;
  events(namespace: string): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly members?: readonly MemberOptions[];
  readonly config?: Partial<KarmadaPlaneConfig>;
  readonly withoutCrd?: boolean;
  /** Definitions besides those of Karmada and Windvane. */
  readonly crds?: readonly string[];
  /** Users beside the administrator, who may do what roles give them; on the sandbox alone. */
  readonly users?: readonly string[];
  /** Milliseconds until a pod is ready; null for never. */
  readonly podStartup?: PodStartup;
  /** Milliseconds that the pods of a Job run; for ever by default. */
  readonly jobDuration?: number;
  /** Told of every write of a controller, just before it is made. */
  readonly heard?: (write: RecordedWrite) => void;
}

const typeOf = (object: KubeObject): ResourceType => {
  const all: readonly unknown[] = [
    ...Object.values(kinds),
    ...Object.values(sharedKinds),
    ...kinds.workloadKinds,
  ];
  const found = all.find(
    (each): each is ResourceType =>
      typeof each === 'object' && each !== null && 'kind' in each && each.kind === object.kind,
  );
  if (found === undefined) throw new Error(`no type for ${object.kind}`);
  return found;
};

export async function startWorld(server: TestServer, options: WorldOptions = {}): Promise<World> {
  const clock = createVirtualClock(START);
  const crds = [
    ...karmadaDefinitions,
    ...(options.crds ?? []),
    ...(options.withoutCrd === true ? [] : [CRD]),
  ];
  const hub = await server.start(crds, () => clock.now(), options.users);
  const { podStartup, jobDuration } = options;
  const karmada = await startKarmadaStandIns({
    kubeconfig: hub.kubeconfig(),
    clock: { now: () => clock.now(), after: (wait, task) => void clock.after(wait, task) },
    members: options.members ?? MEMBERS,
    ...(podStartup === undefined ? {} : { podStartup }),
    ...(jobDuration === undefined ? {} : { jobDuration: () => jobDuration }),
    ...(hub.resourceVersion === undefined ? {} : { resourceVersion: hub.resourceVersion }),
  });
  await karmada.settled();
  const user = connectKube({ kubeconfig: hub.kubeconfig(), limits: UNLIMITED, manager: 'somebody' });
  const locations = createLocationResolver();
  let map: CarbonMap | null = null;
  let namespaces = 0;
  let followed: Followed;
  const dated = datesOf(() => clock.now());

  function openPlane(config: Partial<KarmadaPlaneConfig> = {}): { plane: Plane; recording: Recording } {
    const api = connectKube({ kubeconfig: hub.kubeconfig(), limits: UNLIMITED });
    followed = hub.resourceVersion === undefined ? followWatches(api, dated) : followWatches(api);
    const recording = record(followed.api, options.heard);
    const plane = createKarmadaPlane({
      kube: recording.api,
      hub: 'test',
      config: { mode: 'act', namespaces: ['*'], limits: NO_LIMITS, ...options.config, ...config },
      locations,
      decide(problem) {
        world.asked += 1;
        return decide(problem);
      },
      clock,
      log: { info() {}, warn() {}, error() {} },
      currentMap: () => map,
    });
    return { plane, recording };
  }

  const turnsToRest = async (resourceVersion: () => unknown): Promise<void> => {
    let quiet = 0;
    let version: unknown = null;
    for (let turns = 0; quiet < 40; turns += 1) {
      if (turns > 200_000) throw new Error('the world does not come to rest');
      await turn();
      const next = resourceVersion();
      quiet = world.plane.idle() && karmada.idle() && next === version ? quiet + 1 : 0;
      version = next;
    }
  };
  /** A real server has a process of its own: it is asked whether everybody has seen all that it holds. */
  const looksToRest = async (): Promise<void> => {
    const revision = async (): Promise<string> => (await user.list(sharedKinds.NAMESPACE)).resourceVersion;
    const resting = (): boolean => world.plane.idle() && karmada.idle();
    for (let looks = 0; looks < 20_000; looks += 1) {
      const before = await revision();
      await karmada.settled();
      if (resting() && (await followed.caughtUp()) && resting() && (await revision()) === before) return;
      await delay(2);
    }
    throw new Error('the world does not come to rest');
  };
  const rest = (): Promise<void> =>
    hub.resourceVersion === undefined ? looksToRest() : turnsToRest(hub.resourceVersion);

  const world: World = {
    ...openPlane(),
    outlook: noOutlook,
    asked: 0,
    clock,
    karmada,
    user,
    person: () => connectKube({ kubeconfig: hub.kubeconfig(), limits: UNLIMITED }),
    writer: (manager) => connectKube({ kubeconfig: hub.kubeconfig(), limits: UNLIMITED, manager }),
    kubeconfig: (name) => hub.kubeconfig(name),
    async namespace(annotations) {
      namespaces += 1;
      const name = `ns${namespaces}`;
      await user.create(sharedKinds.NAMESPACE, {
        metadata: { name, ...(annotations === undefined ? {} : { annotations }) },
      });
      return name;
    },
    async create(object) {
      dated(await user.create(typeOf(object), object));
    },
    get: (type, namespace, name) => user.get(type, { namespace, name }),
    wind: (grams, data) => world.show(mapOf(clock.now(), grams, data)),
    async show(next) {
      map = next;
      world.plane.mapChanged(next, world.outlook);
      await rest();
    },
    forecast: (grams, ahead) => world.show(withForecasts(mapOf(clock.now(), grams), ahead)),
    async restart(config) {
      await world.plane.stop();
      Object.assign(world, openPlane(config));
      await world.plane.start();
      await rest();
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
    split: (namespace, name) => world.view(namespace, name)?.summary?.split ?? '',
    async events(namespace) {
      const { items } = await user.list(EVENT, { namespace });
      return items.map((event) => {
        const seen: Seen = event;
        return `${seen['involvedObject'].kind} ${seen['reason']}`;
      });
    },
    async stop() {
      await world.plane.stop();
      await karmada.stop();
      await hub.stop();
    },
  };
  await world.plane.start();
  return world;
}
