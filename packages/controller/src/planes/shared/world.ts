import type { Clock } from '@windvane/carbon-map';
import type { KubeApi } from '../../kube/api.ts';
import type { CacheHandler } from '../../kube/cache.ts';
import { KubeError } from '../../kube/errors.ts';
import { createInformer, type Informer, type InformerTransition } from '../../kube/informer.ts';
import type { KubeObject, ResourceType } from '../../kube/resource.ts';
import { FREEZE_KEY, frozenBy, SYSTEM_NAMESPACE } from './freeze.ts';
import type { PlaneLog } from './log.ts';
import { CARBON_PLACEMENT, CONFIG_MAP } from './resources.ts';

const PROBE_MILLIS = 30_000;

export interface WorldOptions {
  readonly api: KubeApi;
  readonly clock: Clock;
  /** Kinds without which there is nothing to do. */
  readonly required: readonly ResourceType[];
  /** Looked at where they are served; a kind that comes later is found within the time of a probe. */
  readonly optional: readonly ResourceType[];
  /** What the API server must be to serve the required kinds, for people: `Karmada control plane`. */
  readonly plane: string;
  /** Another view of the API for some kinds, for example without the bulk of their objects (none). */
  readonly viewOf?: (type: ResourceType) => Pick<KubeApi, 'list' | 'watch'> | null;
  readonly changed: (type: ResourceType, ...change: Parameters<CacheHandler>) => void;
  /** Name of the hub in the log. */
  readonly hub: string;
  readonly log: PlaneLog;
}

/** Everything that is watched on one hub. */
export interface World {
  /** Rejects with {@link KubeError} when the server cannot be reached, {@link MissingKindError} when it lacks a kind. */
  start(): Promise<void>;
  stop(): Promise<void>;
  informer(type: ResourceType): Informer | null;
  objects(type: ResourceType): Iterable<KubeObject>;
  get(type: ResourceType, key: string): KubeObject | undefined;
  /** Everything that is watched is up to date. */
  connected(): boolean;
  /** Why nothing can be done on the hub, for people; null when it can. */
  problem(): string | null;
  /** Why everything is frozen; null when it is not. */
  frozen(): string | null;
}

/** The API server lacks a kind without which there is nothing to do: the wrong server, or not yet set up. */
export class MissingKindError extends KubeError {
  constructor(server: string, { plural, group, version }: ResourceType, plane: string) {
    super(
      'misconfigured',
      `API server ${server} does not serve ${plural}.${group}/${version}: it is no ${plane}; check the context of the kubeconfig`,
    );
  }
}

export function createWorld(options: WorldOptions): World {
  const { api, clock, required, optional, changed, hub, log } = options;
  const informers = new Map<ResourceType, Informer>();
  let cancelProbe = (): void => {};
  let started = false;
  let stopped = false;

  function transition(name: InformerTransition, type: ResourceType, error: KubeError | null): void {
    const fields = { hub, kind: type.kind, ...(error === null ? {} : { error: error.message }) };
    if (name === 'relisted' || name === 'recovered') log.info(fields, `informer ${name}`);
    else log.warn(fields, `informer ${name}`);
  }

  function broken(): KubeError | null {
    for (const informer of informers.values()) {
      const problem = informer.problem();
      if (problem !== null) return problem;
    }
    return null;
  }

  async function watch(type: ResourceType): Promise<void> {
    const informer = createInformer({
      api: options.viewOf?.(type) ?? api,
      type,
      ...(type === CONFIG_MAP ? { namespace: SYSTEM_NAMESPACE } : {}),
      changed: (now, before) => changed(type, now, before),
      transition,
      clock,
    });
    await informer.start();
    if (stopped) await informer.stop();
    else informers.set(type, informer);
  }

  async function watchServed(types: readonly ResourceType[]): Promise<ResourceType[]> {
    const missing: ResourceType[] = [];
    await Promise.all(
      types.map(async (type) => {
        if (await api.serves(type)) await watch(type);
        else missing.push(type);
      }),
    );
    return missing;
  }

  function probeLater(missing: readonly ResourceType[]): void {
    if (missing.length === 0 || stopped) return;
    cancelProbe = clock.after(PROBE_MILLIS, () => {
      watchServed(missing).then(probeLater, () => {
        probeLater(missing.filter((type) => !informers.has(type)));
      });
    });
  }

  return {
    async start() {
      // Asked of all before any is watched: a start that fails can be tried again.
      const served = await Promise.all(required.map((type) => api.serves(type)));
      const missing = required.find((_, index) => served[index] === false);
      if (missing !== undefined) throw new MissingKindError(api.server, missing, options.plane);
      await watchServed(required);
      probeLater(await watchServed(optional));
      started = true;
    },
    async stop() {
      stopped = true;
      cancelProbe();
      await Promise.all([...informers.values()].map((informer) => informer.stop()));
    },
    informer: (type) => informers.get(type) ?? null,
    objects: (type) => informers.get(type)?.objects.values() ?? [],
    get: (type, key) => informers.get(type)?.objects.get(key),
    connected: () => started && broken() === null,
    problem() {
      if (!started) return 'not started';
      const noStatuses = informers.has(CARBON_PLACEMENT) ? null : 'the CarbonPlacement CRD is not installed';
      return broken()?.message ?? noStatuses;
    },
    frozen: () => frozenBy(informers.get(CONFIG_MAP)?.objects.get(FREEZE_KEY)),
  };
}
