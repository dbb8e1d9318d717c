import { MINUTE } from '@windvane/carbon-map';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isKubeError } from '../../../src/kube/errors.ts';
import { restorePlacements } from '../../../src/planes/ocm/handback/restore.ts';
import { planOcmUninstall, uninstallOcm } from '../../../src/planes/ocm/handback/uninstall.ts';
import { ADD_ON_PLACEMENT_SCORE, PLACEMENT } from '../../../src/planes/ocm/resources.ts';
import { freeze, unfreeze } from '../../../src/planes/shared/freeze.ts';
import { record } from '../karmada/support/recording.ts';
import { paceIn } from './support/hand-back.ts';
import { DEFAULTS, FOLLOW, placement, replicaSet } from './support/objects.ts';
import { type OcmWorld, startOcmWorld } from './support/world.ts';

const GERMAN = { DE: 20, FR: 110, 'SE-SE3': 120, 'US-MIDA-PJM': 400 };
const FRENCH = { DE: 300, FR: 20, 'SE-SE3': 310, 'US-MIDA-PJM': 400 };
const MINE = {
  mode: 'Exact',
  configurations: [
    { scoreCoordinate: { type: 'AddOn', addOn: { resourceName: 'mine', scoreName: 's' } }, weight: 1 },
  ],
};
const ALL = { kind: 'all', namespace: null } as const;

describe('handing Placements back', () => {
  let world: OcmWorld;
  beforeEach(async () => {
    world = await startOcmWorld();
    await world.wind(GERMAN);
  });
  afterEach(() => world.stop());

  const specOf = async (namespace: string) => (await world.placement(namespace, 'train'))['spec'];

  async function nothingLeft(namespace: string): Promise<void> {
    const { metadata } = await world.placement(namespace, 'train');
    const own = Object.keys(metadata.annotations ?? {}).filter((key) =>
      ['found', 'step', 'shunned', 'surge-ends'].includes(key.replace('windvane.dev/', '')),
    );
    expect(own).toEqual([]);
    expect((metadata.managedFields ?? []).map(({ manager }) => manager)).not.toContain('windvane');
    expect(await world.scores(namespace, 'train')).toEqual({});
  }

  it.each([
    ['none', {}, true],
    ['none', {}, false],
    ['one of its own', { prioritizerPolicy: MINE }, true],
    ['one of its own', { prioritizerPolicy: MINE }, false],
  ])('restores a policy as found: %s; controller alive or not', async (_, spec, alive) => {
    const namespace = await world.train({ spec });
    const before = { ...DEFAULTS, numberOfClusters: 1, ...spec };
    await world.wind(FRENCH);
    expect(await world.decided(namespace, 'train')).toBe('paris');
    if (!alive) await world.die();
    const [done] = await restorePlacements(world.hands, ALL, paceIn(world));
    expect(done?.outcome).toBe('restored');
    expect(await specOf(namespace)).toEqual(before);
    await nothingLeft(namespace);
  });

  it('is observed alone by a controller that lives on', async () => {
    const namespace = await world.train();
    await world.wind(FRENCH);
    await restorePlacements(world.hands, ALL, paceIn(world));
    await world.wind(GERMAN);
    expect(world.view(namespace, 'train')).toMatchObject({ mode: 'observe', hold: { reason: 'Restored' } });
    expect(await specOf(namespace)).toEqual({ ...DEFAULTS, numberOfClusters: 1 });
  });

  it('exchanges first what OCM would not keep, with the work available', async () => {
    const namespace = await world.train({ spec: { prioritizerPolicy: MINE } });
    await world.wind(FRENCH);
    expect(await world.decided(namespace, 'train')).toBe('paris');
    await restorePlacements(world.hands, ALL, paceIn(world));
    // Without any score and without Steady the first name wins.
    expect(await world.decided(namespace, 'train')).toBe('frankfurt');
    const history = world.ocm.clusters.history(namespace, 'train');
    const first = history.findIndex(({ ready }) => ready.length > 0);
    expect(history.slice(first).every(({ ready }) => ready.length > 0)).toBe(true);
  });

  it('takes a surge under way back first', async () => {
    const namespace = await world.train();
    world.ocm.setWorkPlan(() => ({ readyAfter: null }));
    await world.wind(FRENCH);
    expect((await specOf(namespace)).numberOfClusters).toBe(2);
    await world.die();
    await restorePlacements(world.hands, ALL, paceIn(world));
    expect(await specOf(namespace)).toEqual({ ...DEFAULTS, numberOfClusters: 1 });
    expect(await world.decided(namespace, 'train')).toBe('frankfurt');
    await nothingLeft(namespace);
  });

  it('leaves what somebody took back', async () => {
    const namespace = await world.train();
    await world.user.mergePatch(
      PLACEMENT,
      { namespace, name: 'train' },
      { spec: { prioritizerPolicy: MINE } },
    );
    await world.settle();
    const [done] = await restorePlacements(world.hands, ALL, paceIn(world));
    expect(done?.outcome).toBe('left');
    expect((await specOf(namespace)).prioritizerPolicy).toEqual(MINE);
    await nothingLeft(namespace);
  });

  it('rolls a surge back while everything is frozen, and goes on afterwards', async () => {
    const namespace = await world.train();
    world.ocm.setWorkPlan(() => ({ readyAfter: null }));
    await world.wind(FRENCH);
    await freeze(world.user, 'a release');
    await world.settle();
    await world.advance(MINUTE);
    expect((await specOf(namespace)).numberOfClusters).toBe(1);
    expect(await world.decided(namespace, 'train')).toBe('frankfurt');
    expect(world.view(namespace, 'train')?.state).toBe('Frozen');
    world.recording.clear();
    world.ocm.setWorkPlan(() => ({}));
    await world.wind({ ...FRENCH, FR: 10 });
    expect(
      world.recording.stored().filter(({ kind }) => kind !== 'CarbonPlacement' && kind !== 'Event'),
    ).toEqual([]);
    await unfreeze(world.user);
    await world.settle();
    await world.advance(MINUTE);
    expect(await world.decided(namespace, 'train')).toBe('paris');
  });

  it('uninstalls in order, and stops at published scores that are in use', async () => {
    await world.restart({
      scores: { cleanGramsPerKwh: 0, dirtyGramsPerKwh: 800, deadBand: 5 },
    });
    const namespace = await world.train();
    const reads = {
      configurations: [
        {
          scoreCoordinate: { type: 'AddOn', addOn: { resourceName: 'windvane', scoreName: 'carbon' } },
          weight: 5,
        },
      ],
    };
    await world.create(placement(namespace, 'reader', { numberOfClusters: 1, prioritizerPolicy: reads }, {}));
    await world.settle();
    await world.die();
    const would = await planOcmUninstall(world.user, false);
    expect(would.join('\n')).toContain('delete AddOnPlacementScore windvane-placements in 4 clusters');
    const first = await uninstallOcm(world.hands, false, paceIn(world));
    expect(first).toEqual({ kind: 'in-use', placements: [`Placement ${namespace}/reader`] });
    expect(await specOf(namespace)).toEqual({ ...DEFAULTS, numberOfClusters: 1 });
    const names = async () =>
      (await world.user.list(ADD_ON_PLACEMENT_SCORE)).items.map(({ metadata }) => metadata.name);
    expect(new Set(await names())).toEqual(new Set(['windvane']));
    expect(await uninstallOcm(world.hands, false, paceIn(world, { force: true }))).toEqual({ kind: 'done' });
    expect(await names()).toEqual([]);
    expect(await uninstallOcm(world.hands, false, paceIn(world))).toEqual({ kind: 'done' });
  });

  it('ends the same when it is killed at any write and run again', async () => {
    for (let write = 1; ; write += 1) {
      const namespace = await world.train({ spec: { prioritizerPolicy: MINE }, annotations: FOLLOW });
      await world.wind(FRENCH);
      await world.die();
      const recording = record(world.hands);
      let left = write;
      recording.killAt(() => --left === 0);
      let killed = false;
      try {
        await restorePlacements(recording.api, { kind: 'all', namespace }, paceIn(world));
      } catch (error) {
        if (!isKubeError(error, 'unreachable')) throw error;
        killed = true;
      }
      await restorePlacements(world.hands, { kind: 'all', namespace }, paceIn(world));
      expect(await specOf(namespace)).toEqual({ ...DEFAULTS, numberOfClusters: 1, prioritizerPolicy: MINE });
      await nothingLeft(namespace);
      await world.restart();
      await world.wind(GERMAN);
      if (!killed) break;
    }
  }, 240_000);

  it('has nothing to hand back on a hub without Windvane', async () => {
    const namespace = await world.namespace();
    await world.create(
      placement(namespace, 'plain', { numberOfClusters: 1 }, {}),
      replicaSet(namespace, 'plain'),
    );
    expect(await restorePlacements(world.hands, ALL, paceIn(world))).toEqual([]);
  });
});
