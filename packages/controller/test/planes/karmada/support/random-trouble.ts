import { PROPAGATION_POLICY } from '../../../../src/planes/karmada/resources.ts';
import { CONFIG_MAP } from '../../../../src/planes/shared/resources.ts';
import type { World } from './world.ts';

const FREEZE = { namespace: 'windvane-system', name: 'windvane-freeze' };
const PLACEMENT = 'windvane.dev/placement';

export interface TroubleOptions {
  readonly world: World;
  readonly namespace: string;
  readonly clusters: readonly string[];
  /** Policies that opted in. */
  readonly policies: () => Iterable<string>;
  /** In [0, 1). */
  readonly random: () => number;
  /** Told of everything that happens: of one policy, or of all. */
  readonly said: (what: string, policy?: string) => void;
}

/** What happens around moves that touches no workload: replicas must not fall by any of it. */
export interface Trouble {
  /**
   * Perhaps makes a cluster unreachable, or the one that is reachable again; freezes or unfreezes; restarts Karmada's
   * scheduler or its controller manager; lets owners opt out and in again.
   */
  strike(): Promise<void>;
  /** A cluster is away: what Karmada gives to it does not come up, whoever scales. */
  away(): boolean;
  /** Every cluster is back, and everything is frozen. */
  end(): Promise<void>;
}

export function createTrouble(options: TroubleOptions): Trouble {
  const { world, namespace, clusters, random, said } = options;
  let frozen = false;
  let away: string | null = null;

  async function freeze(on: boolean): Promise<void> {
    if (on === frozen) return;
    frozen = on;
    said(on ? 'frozen' : 'unfrozen');
    if (on) await world.user.create(CONFIG_MAP, { metadata: FREEZE, data: { frozen: 'true' } });
    else await world.user.delete(CONFIG_MAP, FREEZE);
  }

  function reach(): void {
    if (away === null) return;
    said(`${away} is back`);
    world.karmada.setReady(away, true);
    away = null;
  }

  function lose(): void {
    away = clusters[Math.floor(random() * clusters.length)] ?? null;
    if (away === null) return;
    said(`${away} is away`);
    world.karmada.setReady(away, false);
  }

  async function changeMind(name: string): Promise<void> {
    const object = await world.get(PROPAGATION_POLICY, namespace, name);
    const follows = object.metadata.annotations?.[PLACEMENT] === 'follow-the-wind';
    const out = random() < 0.5 ? 'off' : 'observe';
    const annotations = { [PLACEMENT]: follows ? out : 'follow-the-wind' };
    said(annotations[PLACEMENT] ?? '', name);
    await world.user.mergePatch(PROPAGATION_POLICY, { namespace, name }, { metadata: { annotations } });
  }

  return {
    async strike() {
      if (away !== null) reach();
      else if (random() < 0.2) lose();
      if (random() < (frozen ? 0.5 : 0.1)) await freeze(!frozen);
      if (random() < 0.1) {
        said('the scheduler restarts');
        world.karmada.restartScheduler();
      }
      if (random() < 0.1) {
        said('the controller manager restarts');
        world.karmada.restartControllerManager();
      }
      for (const name of options.policies()) if (random() < 0.04) await changeMind(name);
      await world.settle();
    },
    away: () => away !== null,
    async end() {
      reach();
      await freeze(true);
    },
  };
}
