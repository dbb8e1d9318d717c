import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MANAGED_CLUSTER, PLACEMENT, PLACEMENT_DECISION } from '../../../src/ocm/resources.ts';
import { servers } from '../../runtime/support/servers.ts';
import { addOn, builtIn, placement } from '../support/objects.ts';
import { startWorld, type World } from '../support/world.ts';

const TEN_MINUTES = 600_000;
const HOUR = 3_600_000;

describe.each(servers)('prioritizers, as measured, on $name', (server) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(server);
  });
  afterAll(() => world.stop());

  const exactly = (...configurations: ReturnType<typeof addOn>[]) => ({ mode: 'Exact', configurations });
  const at = (milliseconds: number): string => new Date(world.clock.now() + milliseconds).toISOString();

  it('a missing object, a missing name and an expired score count 0 and beat a negative one', async () => {
    const namespace = await world.namespace();
    const one = (name: string) => ({
      numberOfClusters: 1,
      prioritizerPolicy: exactly(addOn('zero', name, 1)),
    });
    await world.score('c1', 'zero', { 'no-object': -1, 'no-name': -1, expired: -1 });
    await world.score('c2', 'zero', { other: 5 });
    expect(await world.place(namespace, 'no-object', one('no-object'))).toBe('c2');
    await world.score('c2', 'zero', { 'no-object': -2, 'no-name': -2 });
    // The third cluster has no object at all.
    expect(await world.place(namespace, 'missing', one('no-object'))).toBe('c3');
    await world.score('c3', 'zero', { expired: 50 }, at(-1_000));
    await world.score('c2', 'zero', { expired: -3 });
    expect(await world.place(namespace, 'expired', one('expired'))).toBe('c3');
  });

  it('an expiry is noticed at the next event or the ten-minute resync, not by itself', async () => {
    const namespace = await world.namespace();
    const validUntil = at(HOUR);
    for (const [cluster, value] of [
      ['c1', 1],
      ['c2', 9],
      ['c3', 5],
    ] as const) {
      await world.score(cluster, 'runs-out', { s: value }, validUntil);
    }
    const spec = { numberOfClusters: 1, prioritizerPolicy: exactly(addOn('runs-out', 's', 1)) };
    expect(await world.place(namespace, 'resync', spec)).toBe('c2');
    expect(await world.place(namespace, 'event', spec)).toBe('c2');
    // Not at a resync: one minute past the hour, nine before the next one.
    await world.advance(HOUR + 60_000);
    expect(await world.decided(namespace, 'resync')).toBe('c2');
    await world.api.patch(PLACEMENT, namespace, 'event', { metadata: { annotations: { touched: 'yes' } } });
    await world.settled();
    // With all expired the order is alphabetical.
    expect(await world.decided(namespace, 'event')).toBe('c1');
    expect(await world.decided(namespace, 'resync')).toBe('c2');
    await world.advance(TEN_MINUTES);
    expect(await world.decided(namespace, 'resync')).toBe('c1');
    // Renewed alone, with the same values, they count again.
    await world.score('c2', 'runs-out', {}, at(HOUR));
    await world.settled();
    expect(await world.decided(namespace, 'resync')).toBe('c2');
  });

  it('default Additive, with Steady 1 and Balance 1, keeps a cluster at -100 over one at +100', async () => {
    // Balance looks at all decisions of the hub: a hub of its own.
    const quiet = await startWorld(server);
    try {
      const namespace = await quiet.namespace();
      const second = { labelSelector: { matchLabels: { second: 'yes' } } };
      await quiet.api.patch(MANAGED_CLUSTER, undefined, 'c2', { metadata: { labels: { second: 'yes' } } });
      expect(
        await quiet.place(namespace, 'other', { predicates: [{ requiredClusterSelector: second }] }),
      ).toBe('c2');
      await quiet.score('c1', 'additive', { s: 100 });
      const configurations = [addOn('additive', 's', 1)];
      const spec = { numberOfClusters: 1, prioritizerPolicy: { configurations } };
      expect(await quiet.place(namespace, 'kept', spec)).toBe('c1');
      await quiet.score('c2', 'additive', { s: 100 });
      await quiet.score('c1', 'additive', { s: -100 });
      await quiet.score('c3', 'additive', { s: -100 });
      await quiet.settled();
      // -100 and Steady 100 and Balance 100, against 100 and Balance -100: another Placement uses the newcomer.
      expect(await quiet.decided(namespace, 'kept')).toBe('c1');
      await quiet.api.remove(PLACEMENT, namespace, 'other');
      if (!server.collectsGarbage) await quiet.api.remove(PLACEMENT_DECISION, namespace, 'other-decision-1');
      await quiet.settled();
      // Nobody told the scheduler that the balance is another one now.
      expect(await quiet.decided(namespace, 'kept')).toBe('c1');
      await quiet.score('c1', 'additive', { s: -99 });
      await quiet.settled();
      expect(await quiet.decided(namespace, 'kept')).toBe('c2');
    } finally {
      await quiet.stop();
    }
  });

  it('the same add-on score listed twice is summed', async () => {
    const namespace = await world.namespace();
    await world.score('c1', 'twice', { s: 50 });
    await world.score('c2', 'twice', { t: 80 });
    const spec = (...own: ReturnType<typeof addOn>[]) => ({
      numberOfClusters: 1,
      prioritizerPolicy: exactly(...own, addOn('twice', 't', 1)),
    });
    expect(await world.place(namespace, 'once', spec(addOn('twice', 's', 1)))).toBe('c2');
    expect(await world.place(namespace, 'twice', spec(addOn('twice', 's', 1), addOn('twice', 's', 1)))).toBe(
      'c1',
    );
  });

  it('sortBy and scoreRateLimit have no effect', async () => {
    const namespace = await world.namespace();
    await world.score('c3', 'sorted', { s: 100 });
    const prioritizerPolicy = exactly(addOn('sorted', 's', 1));
    const plain = placement(namespace, 'sorted', { numberOfClusters: 2, prioritizerPolicy });
    await world.api.create(PLACEMENT, {
      ...plain,
      spec: { ...plain.spec, sortBy: 'Score', scoreRateLimit: '1h' },
    });
    await world.settled();
    expect(await world.decided(namespace, 'sorted')).toBe('c1 c3');
    await world.score('c2', 'sorted', { s: 99 });
    await world.settled();
    expect(await world.decided(namespace, 'sorted')).toBe('c2 c3');
  });

  it('without numberOfClusters scores change nothing', async () => {
    const namespace = await world.namespace();
    const spec = { prioritizerPolicy: exactly(addOn('all', 's', 1)) };
    expect(await world.place(namespace, 'all', spec)).toBe('c1 c2 c3');
    const before = await world.decisions(namespace, 'all');
    await world.score('c3', 'all', { s: 100 });
    await world.settled();
    expect(await world.decisions(namespace, 'all')).toEqual(before);
  });

  it.each([
    ['mode', { mode: 'Precise' }, ':incorrect prioritizer policy mode: Precise'],
    ['builtIn Spread', { configurations: [builtIn('Spread', 1)] }, ':incorrect builtin prioritizer: Spread'],
  ])('a wrong %s empties the decisions', async (name, prioritizerPolicy, message) => {
    const namespace = await world.namespace();
    const key = name === 'mode' ? 'wrong-mode' : 'wrong-builtin';
    const plain = { mode: 'Exact', configurations: [] };
    expect(await world.place(namespace, key, { numberOfClusters: 2, prioritizerPolicy: plain })).toBe(
      'c1 c2',
    );
    await world.api.patch(PLACEMENT, namespace, key, { spec: { prioritizerPolicy } });
    await world.settled();
    expect(await world.decided(namespace, key)).toBe('');
    const { status } = await world.placement(namespace, key);
    expect(status.conditions).toMatchObject([
      { type: 'PlacementMisconfigured', status: 'True', reason: 'Misconfigured', message },
      { type: 'PlacementSatisfied', status: 'False', reason: 'NoManagedClusterMatched' },
    ]);
    expect(status.numberOfSelectedClusters).toBe(0);
    await world.api.patch(PLACEMENT, namespace, key, { spec: { prioritizerPolicy: plain } });
    await world.settled();
    expect(await world.decided(namespace, key)).toBe('c1 c2');
  });

  it('scores outside -100..100 and weights outside -10..10 are refused', async () => {
    const namespace = await world.namespace();
    const beyond = (weight: number) =>
      world.place(namespace, 'beyond', { prioritizerPolicy: exactly(addOn('beyond', 's', weight)) });
    await expect(beyond(11)).rejects.toMatchObject({ code: 422 });
    await expect(beyond(-11)).rejects.toMatchObject({ code: 422 });
    await expect(world.score('c1', 'beyond', { s: 101 })).rejects.toMatchObject({ code: 422 });
    await expect(world.score('c1', 'beyond', { s: -101 })).rejects.toMatchObject({ code: 422 });
  });
});
