import { MINUTE } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectKube } from '../../../src/kube/connect.ts';
import { PLACEMENT } from '../../../src/planes/ocm/resources.ts';
import { FOLLOW, placement, replicaSet } from './support/objects.ts';
import { type OcmWorld, startOcmWorld } from './support/world.ts';

const GERMAN = { DE: 20, FR: 110, 'SE-SE3': 120, 'US-MIDA-PJM': 400 };
const FRENCH = { DE: 300, FR: 20, 'SE-SE3': 310, 'US-MIDA-PJM': 400 };
const MINE = {
  mode: 'Exact',
  configurations: [{ scoreCoordinate: { type: 'BuiltIn', builtIn: 'Steady' }, weight: 3 }],
};

describe('who owns the prioritizer policy', () => {
  let world: OcmWorld;
  beforeAll(async () => {
    world = await startOcmWorld();
    await world.wind(GERMAN);
  });
  afterAll(() => world.stop());

  const forced = () =>
    world.recording.stored().filter(({ kind, force }) => kind === 'Placement' && force).length;
  const policyOf = async (namespace: string) =>
    (await world.placement(namespace, 'train'))['spec'].prioritizerPolicy;

  async function applied(spec: object, annotations = FOLLOW): Promise<string> {
    const namespace = await world.namespace();
    await world.user.apply(
      PLACEMENT,
      placement(namespace, 'train', { numberOfClusters: 1, ...spec }, annotations),
    );
    await world.create(replicaSet(namespace, 'train'));
    await world.settle();
    return namespace;
  }

  it('takes a policy that nobody wrote without force, and later applies leave it be', async () => {
    const before = forced();
    const namespace = await applied({});
    expect((await policyOf(namespace)).mode).toBe('Exact');
    await world.user.apply(PLACEMENT, placement(namespace, 'train', { numberOfClusters: 1 }));
    await world.settle();
    expect((await policyOf(namespace)).configurations).toHaveLength(2);
    expect(forced()).toBe(before);
    expect(world.view(namespace, 'train')?.found).toEqual({ present: false, value: null });
  });

  it('takes over a policy that somebody applied with one forced apply, and remembers it', async () => {
    const before = forced();
    const namespace = await applied({ prioritizerPolicy: MINE });
    expect((await policyOf(namespace)).configurations).toHaveLength(2);
    expect(forced()).toBe(before + 1);
    expect(world.view(namespace, 'train')?.found).toEqual({ present: true, value: MINE });
  });

  it('leaves such a policy alone where adopt is never', async () => {
    const namespace = await applied(
      { prioritizerPolicy: MINE },
      { ...FOLLOW, 'windvane.dev/adopt': 'never' },
    );
    expect(world.view(namespace, 'train')).toMatchObject({ state: 'Blocked', reason: 'FieldConflict' });
    expect(await policyOf(namespace)).toEqual(MINE);
  });

  it('observes when somebody takes the policy back, until an annotation changes', async () => {
    const namespace = await applied({ prioritizerPolicy: MINE });
    const before = forced();
    await world.user.apply(
      PLACEMENT,
      placement(namespace, 'train', { numberOfClusters: 1, prioritizerPolicy: MINE }),
      { force: true },
    );
    await world.settle();
    expect(world.view(namespace, 'train')).toMatchObject({ reason: 'RevertedByOther' });
    await world.wind(FRENCH);
    expect(await policyOf(namespace)).toEqual(MINE);
    expect(forced()).toBe(before);
    await world.user.mergePatch(
      PLACEMENT,
      { namespace, name: 'train' },
      { metadata: { annotations: { 'windvane.dev/min-gain': '6' } } },
    );
    await world.settle();
    expect(world.view(namespace, 'train')?.reason).toBeNull();
    expect(forced()).toBe(before + 1);
    await world.wind(GERMAN);
  });

  it('ends a surge under way when the policy is taken back, at the number that was found', async () => {
    const namespace = await applied({});
    world.ocm.setWorkPlan(() => ({ readyAfter: null }));
    await world.wind(FRENCH);
    expect((await world.placement(namespace, 'train'))['spec'].numberOfClusters).toBe(2);
    await world.user.mergePatch(
      PLACEMENT,
      { namespace, name: 'train' },
      { spec: { prioritizerPolicy: MINE } },
    );
    await world.settle();
    await world.advance(30 * MINUTE, 5 * MINUTE);
    world.ocm.setWorkPlan(() => ({}));
    const object = await world.placement(namespace, 'train');
    expect(object['spec']).toMatchObject({ numberOfClusters: 1, prioritizerPolicy: MINE });
    expect(object.metadata.annotations?.['windvane.dev/step']).toBeUndefined();
    expect(world.view(namespace, 'train')?.reason).toBe('RevertedByOther');
    await world.wind(GERMAN);
  });

  it('never makes a Placement that is gone', async () => {
    const namespace = await world.namespace();
    await world.create(placement(namespace, 'train'), replicaSet(namespace, 'train'));
    await world.user.delete(PLACEMENT, { namespace, name: 'train' });
    await world.settle();
    const { items } = await world.user.list(PLACEMENT, { namespace });
    expect(items).toEqual([]);
    const bodies = world.recording
      .stored()
      .filter(({ kind, verb }) => kind === 'Placement' && verb === 'apply');
    expect(bodies.length).toBeGreaterThan(0);
    for (const { body } of bodies) expect(body).toHaveProperty('metadata.uid', expect.any(String));
  });

  it('does not stay an owner of numberOfClusters', async () => {
    const namespace = await applied({});
    world.ocm.setWorkPlan(() => ({ readyAfter: null }));
    await world.wind(FRENCH);
    const raised = await world.placement(namespace, 'train');
    expect(raised['spec'].numberOfClusters).toBe(2);
    const owners = (raised.metadata.managedFields ?? []).filter(({ fieldsV1 }) =>
      JSON.stringify(fieldsV1).includes('f:numberOfClusters'),
    );
    expect(owners.map(({ manager }) => manager)).not.toContain('windvane');
    world.ocm.setWorkPlan(() => ({}));
    await world.advance(20 * MINUTE, 5 * MINUTE);
    await world.wind(GERMAN);
  });

  it('gives up surges when somebody puts the number back twice, and says how to go on', async () => {
    const namespace = await applied({});
    const gitops = connectKube({ kubeconfig: world.kubeconfig, manager: 'gitops' });
    const putBack = () =>
      gitops.mergePatch(PLACEMENT, { namespace, name: 'train' }, { spec: { numberOfClusters: 1 } });
    world.ocm.setWorkPlan(() => ({ readyAfter: null }));
    await world.wind(FRENCH);
    // The move is tried once more.
    for (let time = 1; time <= 2; time += 1) {
      expect((await world.placement(namespace, 'train'))['spec'].numberOfClusters).toBe(2);
      await putBack();
      await world.settle();
    }
    await world.advance(MINUTE);
    world.ocm.setWorkPlan(() => ({}));
    expect(await world.decided(namespace, 'train')).toBe('frankfurt');
    expect(world.view(namespace, 'train')?.reason).toBe('FieldConflict');
    expect((await world.placement(namespace, 'train'))['spec'].numberOfClusters).toBe(1);
    await world.user.mergePatch(
      PLACEMENT,
      { namespace, name: 'train' },
      { metadata: { annotations: { 'windvane.dev/surge-clusters': '0' } } },
    );
    await world.settle();
    expect(await world.decided(namespace, 'train')).toBe('paris');
    await world.wind(GERMAN);
  });
});
