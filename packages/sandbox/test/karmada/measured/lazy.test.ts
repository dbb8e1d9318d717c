import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROPAGATION_POLICY, RESOURCE_BINDING } from '../../../src/karmada/resources.ts';
import { DEPLOYMENT, JOB } from '../../runtime/support/api.ts';
import { servers } from '../../runtime/support/servers.ts';
import { deployment, divided, job, policy, selecting, weightPatch, weights } from '../support/objects.ts';
import { startWorld, type World } from '../support/world.ts';

const lazy = { activationPreference: 'Lazy' };

describe.each(servers)('Lazy activation, as measured, on $name', (server) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(server);
  }, 120_000);
  afterAll(() => world.stop());

  /** A Deployment 5/3/2 whose policy became Lazy and asks for 1/1/8 since. */
  const pending = async (): Promise<string> => {
    const namespace = await world.namespace();
    const web = deployment(namespace, 'web', 10);
    const placement = divided(weights(['m1', 5], ['m2', 3], ['m3', 2]));
    await world.api.create(PROPAGATION_POLICY, policy(namespace, 'web', selecting(web), placement, lazy));
    await world.settled();
    await world.api.create(DEPLOYMENT, web);
    await world.settled();
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:5 m2:3 m3:2');
    await world.api.patch(PROPAGATION_POLICY, namespace, 'web', weightPatch(['m1', 1], ['m2', 1], ['m3', 8]));
    await world.settled();
    return namespace;
  };

  it('keeps weight changes from existing bindings', async () => {
    const namespace = await pending();
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:5 m2:3 m3:2');
  });

  it.each([
    ['a label', { metadata: { labels: { touched: 'yes' } } }, 'm1:1 m2:1 m3:8'],
    ['an annotation', { metadata: { annotations: { touched: 'yes' } } }, 'm1:1 m2:1 m3:8'],
    ['a change of replicas', { spec: { replicas: 20 } }, 'm1:2 m2:2 m3:16'],
  ])('is released by %s on the template', async (_what, change, expected) => {
    const namespace = await pending();
    await world.api.patch(DEPLOYMENT, namespace, 'web', change);
    await world.settled();
    expect(await world.schedule(namespace, 'web-deployment')).toBe(expected);
  });

  it('is not released by the status of the template', async () => {
    const namespace = await pending();
    world.karmada.members.edit('m1', 'Deployment', namespace, 'web', (object) => ({ ...object }));
    world.karmada.setPodStartup(() => null);
    // Deleting the member's copy makes pods start anew: the aggregated status of the template changes.
    const before = await world.api.get(DEPLOYMENT, namespace, 'web');
    expect(before.status.availableReplicas).toBe(10);
    world.karmada.members.edit('m1', 'Deployment', namespace, 'web', (object) => ({
      ...object,
      spec: { ...object.spec, replicas: 6 },
    }));
    await world.settled();
    const after = await world.api.get(DEPLOYMENT, namespace, 'web');
    expect(after.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion);
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:5 m2:3 m3:2');
    world.karmada.setPodStartup(() => 0);
  });

  it('is not released by a claim, nor by anything else that Karmada writes', async () => {
    const namespace = await pending();
    const change = { metadata: { annotations: { 'resourcetemplate.karmada.io/note': 'karmada' } } };
    await world.api.patch(DEPLOYMENT, namespace, 'web', change);
    await world.settled();
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:5 m2:3 m3:2');
  });

  it('applies pending weights at once when Lazy is removed', async () => {
    const namespace = await pending();
    await world.api.patch(PROPAGATION_POLICY, namespace, 'web', { spec: { activationPreference: null } });
    await world.settled();
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:1 m2:1 m3:8');
  });

  it('leaves a template unbound that was there before its Lazy policy, until it changes', async () => {
    const namespace = await world.namespace();
    const web = deployment(namespace, 'web', 3);
    // Another policy makes the kind watched, as Karmada watches all kinds.
    const other = deployment(namespace, 'other', 1);
    await world.api.create(
      PROPAGATION_POLICY,
      policy(namespace, 'other', selecting(other), divided(undefined)),
    );
    await world.api.create(DEPLOYMENT, web);
    await world.settled();
    await world.api.create(
      PROPAGATION_POLICY,
      policy(namespace, 'web', selecting(web), divided(undefined), lazy),
    );
    await world.settled();
    const claimed = await world.api.get(DEPLOYMENT, namespace, 'web');
    expect(claimed.metadata.annotations).toMatchObject({ 'propagationpolicy.karmada.io/name': 'web' });
    expect(await world.api.find(RESOURCE_BINDING, namespace, 'web-deployment')).toBeUndefined();
    await world.api.patch(DEPLOYMENT, namespace, 'web', { metadata: { labels: { touched: 'yes' } } });
    await world.settled();
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:1 m2:1 m3:1');
  });

  it('is no protection: a restart of the controller manager moves a running Job and loses its work', async () => {
    const namespace = await world.namespace();
    const selectors = [{ apiVersion: 'batch/v1', kind: 'Job' }];
    const placement = divided(weights(['m1', 1]));
    await world.api.create(PROPAGATION_POLICY, policy(namespace, 'jobs', selectors, placement, lazy));
    await world.settled();
    await world.api.create(JOB, job(namespace, 'train', { parallelism: 4, completions: 4 }));
    await world.settled();
    await world.api.patch(PROPAGATION_POLICY, namespace, 'jobs', weightPatch(['m3', 1]));
    await world.settled();
    // New Jobs go by the new weights while the running one stays.
    await world.api.create(JOB, job(namespace, 'next', { parallelism: 4, completions: 4 }));
    await world.settled();
    expect(await world.schedule(namespace, 'train-job')).toBe('m1:4');
    expect(await world.schedule(namespace, 'next-job')).toBe('m3:4');
    const running = world.karmada.members.get('m1', 'Job', namespace, 'train');
    expect(running?.status).toMatchObject({ active: 4 });

    world.karmada.restartControllerManager();
    await world.settled();
    expect(await world.schedule(namespace, 'train-job')).toBe('m3:4');
    expect(world.karmada.members.get('m1', 'Job', namespace, 'train')).toBeUndefined();
    const moved = world.karmada.members.get('m3', 'Job', namespace, 'train');
    expect(moved?.metadata.uid).not.toBe(running?.metadata.uid);
  });
});
