import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MANIFEST_WORK_REPLICA_SET, PLACEMENT } from '../../../src/ocm/resources.ts';
import { servers } from '../../runtime/support/servers.ts';
import { addOn, builtIn, replicaSet, steered } from '../support/objects.ts';
import { startWorld, type World } from '../support/world.ts';

describe.each(servers)('scores of add-ons, as measured, on $name', (server) => {
  let world: World;
  let namespace: string;
  beforeAll(async () => {
    world = await startWorld(server);
  });
  afterEach(() => world.ocm.setWorkPlan(() => ({})));
  afterAll(() => world.stop());

  it('two score writes move one steered Placement, and the other stays', async () => {
    namespace = await world.namespace();
    for (const cluster of ['c1', 'c2']) {
      const [train, etl] = cluster === 'c1' ? [100, 100] : [80, 80];
      await world.score(cluster, 'windvane-placements', { 'apps.train': train, 'apps.etl': etl });
    }
    expect(
      await world.place(namespace, 'train', {
        numberOfClusters: 1,
        prioritizerPolicy: steered('apps.train'),
      }),
    ).toBe('c1');
    expect(
      await world.place(namespace, 'etl', { numberOfClusters: 1, prioritizerPolicy: steered('apps.etl') }),
    ).toBe('c1');
    await world.score('c2', 'windvane-placements', { 'apps.train': 100 });
    await world.settled();
    // Equal scores: what is chosen stays.
    expect(await world.decided(namespace, 'train')).toBe('c1');
    await world.score('c1', 'windvane-placements', { 'apps.train': 80 });
    await world.settled();
    expect(await world.decided(namespace, 'train')).toBe('c2');
    expect(await world.decided(namespace, 'etl')).toBe('c1');
  });

  it('surges: 90 and one more cluster selects both, swapped scores and one less keep the newcomer', async () => {
    namespace = await world.namespace();
    await world.score('c1', 'windvane-placements', { 'apps.surge': 100 });
    await world.score('c2', 'windvane-placements', { 'apps.surge': 80 });
    const spec = { numberOfClusters: 1, prioritizerPolicy: steered('apps.surge') };
    expect(await world.place(namespace, 'surge', spec)).toBe('c1');
    await world.score('c2', 'windvane-placements', { 'apps.surge': 90 });
    await world.settled();
    expect(await world.decided(namespace, 'surge')).toBe('c1');
    await world.api.patch(PLACEMENT, namespace, 'surge', { spec: { numberOfClusters: 2 } });
    await world.settled();
    expect(await world.decided(namespace, 'surge')).toBe('c1 c2');
    await world.score('c2', 'windvane-placements', { 'apps.surge': 100 });
    await world.score('c1', 'windvane-placements', { 'apps.surge': 80 });
    await world.api.patch(PLACEMENT, namespace, 'surge', { spec: { numberOfClusters: 1 } });
    await world.settled();
    expect(await world.decided(namespace, 'surge')).toBe('c2');
  });

  it('Exact with AddOn 5 and Steady 1 holds until the newcomer leads by more than 20 points', async () => {
    namespace = await world.namespace();
    const scored = (c2: number): Promise<void> => world.score('c2', 'lead', { s: c2 });
    await world.score('c1', 'lead', { s: 50 });
    await scored(0);
    const prioritizerPolicy = {
      mode: 'Exact',
      configurations: [addOn('lead', 's', 5), builtIn('Steady', 1)],
    };
    expect(await world.place(namespace, 'lead', { numberOfClusters: 1, prioritizerPolicy })).toBe('c1');
    await scored(70);
    await world.settled();
    // 5 x 70 = 5 x 50 + 100: a tie, which the name decides.
    expect(await world.decided(namespace, 'lead')).toBe('c1');
    await scored(71);
    await world.settled();
    expect(await world.decided(namespace, 'lead')).toBe('c2');
  });

  it('a score flip moves the ManifestWork, which becomes available', async () => {
    namespace = await world.namespace();
    await world.score('c1', 'windvane-placements', { 'apps.work': 100 });
    const prioritizerPolicy = steered('apps.work');
    await world.place(namespace, 'work', { numberOfClusters: 1, prioritizerPolicy });
    await world.api.create(MANIFEST_WORK_REPLICA_SET, replicaSet(namespace, 'work', 'work'));
    await world.settled();
    expect(Object.keys(await world.works(namespace, 'work'))).toEqual(['c1']);
    await world.score('c2', 'windvane-placements', { 'apps.work': 100 });
    await world.score('c1', 'windvane-placements', { 'apps.work': 80 });
    await world.settled();
    const works = await world.works(namespace, 'work');
    expect(Object.keys(works)).toEqual(['c2']);
    expect(works['c2']?.status.conditions).toMatchObject([
      { type: 'Applied', status: 'True', reason: 'AppliedManifestWorkComplete', observedGeneration: 1 },
      { type: 'Available', status: 'True', reason: 'ResourcesAvailable', observedGeneration: 1 },
    ]);
    expect(world.ocm.clusters.places(namespace, 'work')).toMatchObject({ applied: ['c2'], ready: ['c2'] });
  });
});
