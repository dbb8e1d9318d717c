import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isKubeError } from '../../src/kube/errors.ts';
import type { KubeObject } from '../../src/kube/resource.ts';
import { uninstallOcm } from '../../src/planes/ocm/handback/uninstall.ts';
import {
  ADD_ON_PLACEMENT_SCORE,
  MANIFEST_WORK_REPLICA_SET,
  PLACEMENT,
} from '../../src/planes/ocm/resources.ts';
import { STEERING_SCORES } from '../../src/planes/ocm/steering.ts';
import { CONFIG_MAP, NAMESPACE } from '../../src/planes/shared/resources.ts';
import type { Seen } from '../../test/planes/karmada/support/world.ts';
import { FOLLOW, placement, replicaSet } from '../../test/planes/ocm/support/objects.ts';
import { type Live, liveHub, openLive } from './support/live.ts';

const where = liveHub();
if (where === null) {
  process.stdout.write('Live OCM: skipped, WINDVANE_E2E_OCM_KUBECONFIG names no kubeconfig\n');
} else if (!where.played) {
  process.stdout.write('Live OCM: its managed clusters run what they are given (WINDVANE_E2E_OCM_AGENTS)\n');
}
const FIRST_CLEAN = [30, 350, 450];
const LAST_CLEAN = [450, 350, 30];
const FREEZE = { namespace: 'windvane-system', name: 'windvane-freeze' };
const NO_SURGE = { 'windvane.dev/surge-clusters': '0' };

describe.skipIf(where === null)('a live hub of Open Cluster Management', () => {
  let live: Live;
  beforeEach(async () => {
    if (where === null) throw new Error('skipped');
    live = await openLive(where);
  });
  afterEach(() => live.stop());

  const first = (): string => live.clusters[0] ?? '';
  const last = (): string => live.clusters.at(-1) ?? '';
  const create = async (
    name: string,
    annotations: Readonly<Record<string, string>> = {},
    spec: Readonly<Record<string, unknown>> = {},
  ): Promise<void> => {
    await live.user.create(
      PLACEMENT,
      placement(live.namespace, name, { numberOfClusters: 1, ...spec }, { ...FOLLOW, ...annotations }),
    );
    await live.user.create(MANIFEST_WORK_REPLICA_SET, replicaSet(live.namespace, name));
    await live.until(`${name} is available`, async () =>
      (await live.available(name)).length > 0 ? true : null,
    );
  };
  const steadyIn = (name: string, cluster: string): Promise<true> =>
    live.until(`${name} rests in ${cluster}`, async () => {
      const rests = live.view(name)?.state === 'Steady' && (await live.decided(name)) === cluster;
      return rests ? true : null;
    });
  /** A steered Placement that rests in the first cluster. */
  const steered = async (annotations: Readonly<Record<string, string>> = {}): Promise<void> => {
    await create('train', annotations);
    live.wind(FIRST_CLEAN);
    await live.control();
    await steadyIn('train', first());
  };
  const steeringWrites = () =>
    live
      .recording()
      .stored()
      .filter(
        ({ kind, name, subresource }) =>
          kind === 'AddOnPlacementScore' && name === STEERING_SCORES && subresource === 'status',
      );

  it('follows the wind with a surge: the work is available somewhere at every moment', async () => {
    await steered();
    live.recording().clear();
    let least = Number.POSITIVE_INFINITY;
    const looking = new AbortController();
    const watch = (async () => {
      while (!looking.signal.aborted) {
        least = Math.min(least, (await live.available('train')).length);
        await delay(20);
      }
    })();
    live.wind(LAST_CLEAN);
    await steadyIn('train', last());
    looking.abort();
    await watch;
    expect(least).toBeGreaterThanOrEqual(1);
    expect(live.view('train')?.moves.at(-1)?.result).toBe('completed');
    expect(steeringWrites()).toHaveLength(3);
    expect((await live.placement('train')).spec.numberOfClusters).toBe(1);
  });

  it('moves in place by two score writes, and nobody else moves', async () => {
    await create('other', { 'windvane.dev/locations': 'SE-SE3' });
    await create('manual', { 'windvane.dev/placement': 'off' });
    await steered(NO_SURGE);
    const others = async () => [await live.decided('other'), await live.decided('manual')];
    // It is where alone it may be: nothing of its own is left to write.
    await steadyIn('other', first());
    const before = await others();
    live.recording().clear();
    live.wind(LAST_CLEAN);
    await steadyIn('train', last());
    expect(steeringWrites()).toHaveLength(2);
    expect(await others()).toEqual(before);
  });

  // Real agents cannot be held back: the newcomer would be there before anybody froze.
  it.skipIf(where?.played !== true)('takes a surge back under a freeze, and is silent then', async () => {
    await steered();
    live.agents?.serve(false);
    live.wind(LAST_CLEAN);
    await live.until('the surge', async () => ((await live.decided('train')).includes(' ') ? true : null));
    await live.user.create(NAMESPACE, { metadata: { name: FREEZE.namespace } }).catch((error: unknown) => {
      if (!isKubeError(error, 'already-exists')) throw error;
    });
    try {
      await live.user.create(CONFIG_MAP, { metadata: FREEZE, data: { frozen: 'true', reason: 'a test' } });
      await live.until('rolled back', async () => {
        const back = live.view('train')?.moves.at(-1)?.result === 'rolled-back';
        return back && (await live.decided('train')) === first() ? true : null;
      });
      expect((await live.placement('train')).spec.numberOfClusters).toBe(1);
      await live.until('frozen', () => (live.view('train')?.state === 'Frozen' ? true : null));
      live.recording().clear();
      live.wind(FIRST_CLEAN);
      live.wind(LAST_CLEAN);
      await delay(1_000);
      const loud = live
        .recording()
        .stored()
        .filter(({ kind }) => kind !== 'CarbonPlacement' && kind !== 'Event');
      expect(loud).toEqual([]);
    } finally {
      await live.user.delete(CONFIG_MAP, FREEZE);
    }
  });

  it('adopts prioritizers that came with the manifest by one forced apply', async () => {
    const configurations = [{ scoreCoordinate: { type: 'BuiltIn', builtIn: 'Steady' }, weight: 3 }];
    await create('train', NO_SURGE, { prioritizerPolicy: { mode: 'Exact', configurations } });
    live.wind(LAST_CLEAN);
    await live.control();
    await steadyIn('train', last());
    const applies = live
      .recording()
      .stored()
      .filter(({ verb, kind }) => verb === 'apply' && kind === 'Placement');
    expect(applies.filter(({ force }) => force)).toHaveLength(1);
    expect((await live.placement('train')).spec.prioritizerPolicy.configurations[0]).toMatchObject({
      scoreCoordinate: { type: 'AddOn', addOn: { resourceName: STEERING_SCORES } },
      weight: 10,
    });
  });

  it('is uninstalled without a trace: specs as they were found, no score left', async () => {
    const bare = ({ spec, metadata }: Seen) => ({
      spec,
      annotations: Object.keys(metadata.annotations ?? {}),
    });
    await create('train', NO_SURGE);
    const found = bare(await live.placement('train'));
    live.wind(LAST_CLEAN);
    await live.control();
    await steadyIn('train', last());
    await live.stopControl();
    const outcome = await uninstallOcm(live.user, false, {
      now: Date.now,
      pause: async (length) => {
        await delay(length);
      },
      timeout: 60_000,
      force: false,
      tell: () => {},
    });
    expect(outcome).toEqual({ kind: 'done' });
    expect(bare(await live.placement('train'))).toEqual(found);
    const left: readonly KubeObject[] = (await live.user.list(ADD_ON_PLACEMENT_SCORE)).items;
    expect(left.filter(({ metadata }) => metadata.name === STEERING_SCORES)).toEqual([]);
  });
});
