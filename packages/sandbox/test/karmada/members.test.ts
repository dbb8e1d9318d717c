import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ReplicaTotals } from '../../src/index.ts';
import { CLUSTER, PROPAGATION_POLICY } from '../../src/karmada/resources.ts';
import { DEPLOYMENT } from '../runtime/support/api.ts';
import { servers } from '../runtime/support/servers.ts';
import { deployment, divided, policy, selecting, weightPatch, weights } from './support/objects.ts';
import { startWorld, type World } from './support/world.ts';

describe.each(servers)('members on $name', (server) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(server, { memberDelay: 1_000 });
  }, 120_000);
  afterAll(() => world.stop());
  afterEach(() => world.karmada.setPodStartup(() => 0));

  const placed = async (replicas: number, list: ReturnType<typeof weights>, rest: object = {}) => {
    const namespace = await world.namespace();
    const web = deployment(namespace, 'web', replicas);
    await world.api.create(PROPAGATION_POLICY, policy(namespace, 'web', selecting(web), divided(list), rest));
    await world.api.create(DEPLOYMENT, web);
    await world.advance(5_000);
    return namespace;
  };

  it('follow one another after the delay that is asked for', async () => {
    const namespace = await placed(10, weights(['m1', 5], ['m2', 5]));
    const start = world.karmada.members.history(namespace, 'web').length;
    const change = weightPatch(['m1', 1], ['m2', 9]);
    await world.api.patch(PROPAGATION_POLICY, namespace, 'web', change);
    await world.settled();
    expect(world.karmada.members.totals(namespace, 'web').replicas).toBe(6);
    await world.advance(1_000);
    expect(world.karmada.members.totals(namespace, 'web').replicas).toBe(10);
    const moves = world.karmada.members.history(namespace, 'web').slice(start);
    expect(moves.map((totals) => totals.replicas)).toEqual([6, 10]);
    expect((moves[1]?.at ?? 0) - (moves[0]?.at ?? 0)).toBe(1_000);
  });

  it('roll a new image out without falling below their replicas', async () => {
    world.karmada.setPodStartup(() => 30_000);
    const namespace = await placed(4, weights(['m1', 1]));
    await world.advance(30_000);
    expect(world.karmada.members.totals(namespace, 'web').available).toBe(4);
    const seen: ReplicaTotals[] = [];
    const unsubscribe = world.karmada.members.subscribe((workload, totals) => {
      if (workload.namespace === namespace) seen.push(totals);
    });
    const web = await world.api.get(DEPLOYMENT, namespace, 'web');
    const { containers } = web.spec.template.spec;
    const next = [{ ...containers[0], image: 'web:2' }];
    await world.api.patch(DEPLOYMENT, namespace, 'web', {
      spec: {
        strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template: { spec: { containers: next } },
      },
    });
    await world.advance(200_000);
    unsubscribe();
    expect(Math.min(...seen.map((totals) => totals.available))).toBe(4);
    expect(Math.max(...seen.map((totals) => totals.replicas))).toBe(5);
    const { status } = await world.api.get(DEPLOYMENT, namespace, 'web');
    expect(status).toMatchObject({ replicas: 4, updatedReplicas: 4, availableReplicas: 4 });
  });

  it('never report pods available that never start', async () => {
    world.karmada.setPodStartup((cluster) => (cluster === 'm2' ? null : 0));
    const namespace = await placed(4, weights(['m1', 1], ['m2', 1]));
    await world.advance(3_600_000);
    expect(world.karmada.members.totals(namespace, 'web')).toMatchObject({ replicas: 4, available: 2 });
    const { status } = await world.binding(namespace, 'web-deployment');
    expect(status.aggregatedStatus.map((item: { health: string }) => item.health)).toEqual([
      'Healthy',
      'Unhealthy',
    ]);
  });

  it('show what their pods ask for in the summary of their Cluster, every ten seconds at most', async () => {
    await world.advance(20_000);
    const before = await world.api.get(CLUSTER, undefined, 'm3');
    const pods = Number(before.status.resourceSummary.allocated.pods);
    await placed(7, weights(['m3', 1]));
    await world.advance(10_000);
    const { status } = await world.api.get(CLUSTER, undefined, 'm3');
    expect(Number(status.resourceSummary.allocated.pods)).toBe(pods + 7);
    expect(status.resourceSummary.allocatable).toMatchObject({ pods: '10000' });
  });

  it('keep an object that Karmada does not manage, unless conflicts are to be overwritten', async () => {
    const foreign = (namespace: string) => {
      const web = deployment(namespace, 'web', 1);
      world.karmada.members.place('m1', web);
      return web;
    };
    const namespace = await world.namespace();
    const web = foreign(namespace);
    await world.api.create(
      PROPAGATION_POLICY,
      policy(namespace, 'web', selecting(web), divided(weights(['m1', 1]))),
    );
    await world.api.create(DEPLOYMENT, deployment(namespace, 'web', 3));
    await world.advance(5_000);
    expect(world.karmada.members.totals(namespace, 'web').replicas).toBe(1);
    const { status } = await world.binding(namespace, 'web-deployment');
    expect(status.aggregatedStatus).toMatchObject([{ clusterName: 'm1', applied: false }]);
    expect(status.aggregatedStatus[0].appliedMessage).toContain('already exists');

    await world.api.patch(PROPAGATION_POLICY, namespace, 'web', {
      spec: { conflictResolution: 'Overwrite' },
    });
    await world.advance(5_000);
    expect(world.karmada.members.totals(namespace, 'web').replicas).toBe(3);
  });

  it('set back what somebody changed inside them', async () => {
    const namespace = await placed(3, weights(['m1', 1]));
    world.karmada.members.edit('m1', 'Deployment', namespace, 'web', (object) => ({
      ...object,
      spec: { ...object.spec, replicas: 9 },
    }));
    expect(world.karmada.members.totals(namespace, 'web').replicas).toBe(9);
    await world.advance(1_000);
    expect(world.karmada.members.totals(namespace, 'web').replicas).toBe(3);
  });

  it('are named in every mistake about them', () => {
    expect(() => world.karmada.setReady('m9', false)).toThrow('m9');
    expect(() => world.karmada.members.list('m9')).toThrow('m9');
    expect(() => world.karmada.members.edit('m1', 'Deployment', 'x', 'y', (object) => object)).toThrow('m1');
  });
});
