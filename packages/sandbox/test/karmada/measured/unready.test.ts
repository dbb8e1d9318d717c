import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLUSTER, PROPAGATION_POLICY } from '../../../src/karmada/resources.ts';
import { DEPLOYMENT } from '../../runtime/support/api.ts';
import { servers } from '../../runtime/support/servers.ts';
import { deployment, divided, policy, selecting, weightPatch, weights } from '../support/objects.ts';
import { startWorld, type World } from '../support/world.ts';

describe.each(servers)('a dead member, as measured, on $name', (server) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(server);
  }, 120_000);
  afterAll(() => world.stop());

  const placed = async (list: ReturnType<typeof weights> | undefined): Promise<string> => {
    const namespace = await world.namespace();
    const web = deployment(namespace, 'web', 10);
    await world.api.create(PROPAGATION_POLICY, policy(namespace, 'web', selecting(web), divided(list)));
    await world.api.create(DEPLOYMENT, web);
    await world.settled();
    return namespace;
  };
  const setReady = async (cluster: string, ready: boolean): Promise<void> => {
    world.karmada.setReady(cluster, ready);
    await world.settled();
  };
  const replicasIn = (cluster: string, namespace: string): number | undefined =>
    world.karmada.members.totals(namespace, 'web').clusters[cluster]?.replicas;

  it('is not Ready and tainted against new work, and neither once it is back', async () => {
    await setReady('m3', false);
    const down = await world.api.get(CLUSTER, undefined, 'm3');
    expect(down.status.conditions).toMatchObject([{ type: 'Ready', status: 'False' }]);
    expect(down.spec.taints).toMatchObject([{ key: 'cluster.karmada.io/not-ready', effect: 'NoSchedule' }]);
    await setReady('m3', true);
    const up = await world.api.get(CLUSTER, undefined, 'm3');
    expect(up.status.conditions).toMatchObject([{ type: 'Ready', status: 'True' }]);
    expect(up.spec.taints ?? []).toEqual([]);
  });

  it('still gets 8 of 10 by its weight where it was a target, and runs none of them', async () => {
    const namespace = await placed(weights(['m1', 1], ['m2', 1], ['m3', 1]));
    await setReady('m3', false);
    const before = replicasIn('m3', namespace);
    await world.api.patch(PROPAGATION_POLICY, namespace, 'web', weightPatch(['m1', 1], ['m2', 1], ['m3', 8]));
    await world.settled();
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:1 m2:1 m3:8');
    expect(replicasIn('m3', namespace)).toBe(before);
    expect(world.karmada.members.totals(namespace, 'web').replicas).toBe(2 + (before ?? 0));
    await setReady('m3', true);
    expect(replicasIn('m3', namespace)).toBe(8);
  });

  it('gets nothing new where it was no target', async () => {
    await setReady('m3', false);
    const namespace = await placed(undefined);
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:5 m2:5');
    await setReady('m3', true);
  });

  it('keeps its replicas, and its Work hangs, when it is taken out of the list while down', async () => {
    const namespace = await placed(weights(['m1', 1], ['m3', 1]));
    await setReady('m3', false);
    await world.api.patch(PROPAGATION_POLICY, namespace, 'web', weightPatch(['m1', 1]));
    await world.settled();
    const work = await world.work('m3', namespace, 'web');
    expect(work?.metadata.deletionTimestamp).toBeDefined();
    expect(replicasIn('m3', namespace)).toBe(5);
    expect(world.karmada.idle()).toBe(true);
    await setReady('m3', true);
    expect(await world.work('m3', namespace, 'web')).toBeUndefined();
    expect(replicasIn('m3', namespace)).toBeUndefined();
  });
});
