import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROPAGATION_POLICY, RESOURCE_BINDING } from '../../../src/karmada/resources.ts';
import { JOB } from '../../runtime/support/api.ts';
import { servers } from '../../runtime/support/servers.ts';
import { divided, job, policy, selecting, weightPatch, weights } from '../support/objects.ts';
import { startWorld, type World } from '../support/world.ts';

describe.each(servers)('Jobs, as measured, on $name', (server) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(server, { jobDuration: () => 600_000 });
  }, 120_000);
  afterAll(() => world.stop());

  const appliedIn = async (cluster: string, namespace: string, name: string) => {
    const { status } = await world.binding(namespace, name);
    return status.aggregatedStatus.find((item: { clusterName: string }) => item.clusterName === cluster);
  };

  it('leaves a Job unclaimed that no policy selects', async () => {
    const namespace = await world.namespace();
    await world.api.create(JOB, job(namespace, 'etl'));
    await world.settled();
    const { metadata } = await world.api.get(JOB, namespace, 'etl');
    expect(metadata.labels?.['propagationpolicy.karmada.io/permanent-id']).toBeUndefined();
    expect(await world.api.find(RESOURCE_BINDING, namespace, 'etl-job')).toBeUndefined();
  });

  it('dispatches a Job by a policy of its own, to one cluster, for good', async () => {
    const namespace = await world.namespace();
    const etl = await world.api.create(JOB, job(namespace, 'etl'));
    const own = policy(namespace, 'etl', selecting(etl), { clusterAffinity: { clusterNames: ['m2'] } });
    own.metadata.ownerReferences = [
      { apiVersion: 'batch/v1', kind: 'Job', name: 'etl', uid: etl.metadata.uid },
    ];
    await world.api.create(PROPAGATION_POLICY, own);
    await world.settled();
    expect(await world.schedule(namespace, 'etl-job')).toBe('m2:1');
    const copy = world.karmada.members.get('m2', 'Job', namespace, 'etl');
    expect(copy?.status).toMatchObject({ active: 1 });

    world.karmada.restartControllerManager();
    world.karmada.restartScheduler();
    await world.settled();
    expect(world.karmada.members.get('m2', 'Job', namespace, 'etl')?.metadata.uid).toBe(copy?.metadata.uid);

    if (!server.collectsGarbage) return;
    await world.api.remove(JOB, namespace, 'etl');
    await expect
      .poll(async () => {
        await world.settled();
        return world.api.find(PROPAGATION_POLICY, namespace, 'etl');
      })
      .toBeUndefined();
    await world.settled();
    expect(world.karmada.members.get('m2', 'Job', namespace, 'etl')).toBeUndefined();
  });

  it('sets a Job back to suspended that was released inside a member', async () => {
    const namespace = await world.namespace();
    const batch = job(namespace, 'batch', { suspend: true });
    await world.api.create(
      PROPAGATION_POLICY,
      policy(namespace, 'batch', selecting(batch), { clusterAffinity: { clusterNames: ['m1'] } }),
    );
    await world.api.create(JOB, batch);
    await world.settled();
    expect(world.karmada.members.totals(namespace, 'batch', 'Job').replicas).toBe(0);
    world.karmada.members.edit('m1', 'Job', namespace, 'batch', (object) => ({
      ...object,
      spec: { ...object.spec, suspend: false },
    }));
    expect(world.karmada.members.totals(namespace, 'batch', 'Job').replicas).toBe(1);
    await world.settled();
    expect(world.karmada.members.get('m1', 'Job', namespace, 'batch')?.spec).toMatchObject({ suspend: true });
    expect(world.karmada.members.totals(namespace, 'batch', 'Job').replicas).toBe(0);
  });

  it('fails for ever in the members when weights of a running Job change', async () => {
    const namespace = await world.namespace();
    const train = job(namespace, 'train', { parallelism: 4, completions: 8 });
    const placement = divided(weights(['m1', 1], ['m2', 1]));
    await world.api.create(PROPAGATION_POLICY, policy(namespace, 'train', selecting(train), placement));
    await world.api.create(JOB, train);
    await world.settled();
    expect(await world.schedule(namespace, 'train-job')).toBe('m1:2 m2:2');
    expect(world.karmada.members.get('m1', 'Job', namespace, 'train')?.spec).toMatchObject({
      parallelism: 2,
      completions: 4,
    });

    await world.api.patch(PROPAGATION_POLICY, namespace, 'train', weightPatch(['m1', 3], ['m2', 1]));
    await world.settled();
    expect(await world.schedule(namespace, 'train-job')).toBe('m1:3 m2:1');
    const failed = await appliedIn('m1', namespace, 'train-job');
    expect(failed).toMatchObject({ applied: false, health: 'Unknown' });
    expect(failed.appliedMessage).toContain('field is immutable');
    const { status } = await world.binding(namespace, 'train-job');
    const fully = status.conditions.find((entry: { type: string }) => entry.type === 'FullyApplied');
    expect(fully.status).toBe('False');
    expect(world.karmada.members.get('m1', 'Job', namespace, 'train')?.spec).toMatchObject({
      parallelism: 2,
      completions: 4,
    });
  });

  it('deletes the Job and its work in a cluster that is taken out', async () => {
    const namespace = await world.namespace();
    const train = job(namespace, 'train', { parallelism: 4 });
    const placement = divided(weights(['m1', 1], ['m2', 1]));
    await world.api.create(PROPAGATION_POLICY, policy(namespace, 'train', selecting(train), placement));
    await world.api.create(JOB, train);
    await world.settled();
    await world.api.patch(PROPAGATION_POLICY, namespace, 'train', weightPatch(['m2', 1]));
    await world.settled();
    expect(world.karmada.members.get('m1', 'Job', namespace, 'train')).toBeUndefined();
  });

  it('reports a Job as complete once it is in every member', async () => {
    const namespace = await world.namespace();
    const train = job(namespace, 'train', { parallelism: 2, completions: 2 });
    const placement = divided(weights(['m1', 1], ['m2', 1]));
    await world.api.create(PROPAGATION_POLICY, policy(namespace, 'train', selecting(train), placement));
    await world.api.create(JOB, train);
    await world.settled();
    expect((await world.api.get(JOB, namespace, 'train')).status).toMatchObject({ active: 2 });
    await world.advance(600_000);
    const { status } = await world.api.get(JOB, namespace, 'train');
    expect(status).toMatchObject({ succeeded: 2 });
    const complete = status.conditions.find((entry: { type: string }) => entry.type === 'Complete');
    expect(complete.status).toBe('True');
  });
});
