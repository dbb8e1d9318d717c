import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { OVERRIDE_POLICY, PROPAGATION_POLICY } from '../../../src/karmada/resources.ts';
import { DEPLOYMENT, type Seen } from '../../runtime/support/api.ts';
import { servers } from '../../runtime/support/servers.ts';
import {
  deployment,
  divided,
  override,
  policy,
  selecting,
  weightPatch,
  weights,
} from '../support/objects.ts';
import { startWorld, type World } from '../support/world.ts';

describe.each(servers)('moves and pins, as measured, on $name', (server) => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld(server);
  }, 120_000);
  afterAll(() => world.stop());
  afterEach(() => {
    world.karmada.setMemberOrder((names) => names);
    world.karmada.setPodStartup(() => 0);
  });

  const placed = async (replicas: number, list: ReturnType<typeof weights>): Promise<string> => {
    const namespace = await world.namespace();
    const web = deployment(namespace, 'web', replicas);
    await world.api.create(PROPAGATION_POLICY, policy(namespace, 'web', selecting(web), divided(list)));
    await world.api.create(DEPLOYMENT, web);
    await world.settled();
    return namespace;
  };
  const reweigh = async (
    namespace: string,
    ...entries: readonly (readonly [string, number])[]
  ): Promise<void> => {
    await world.api.patch(PROPAGATION_POLICY, namespace, 'web', weightPatch(...entries));
    await world.settled();
  };
  const pin = async (namespace: string, name: string, cluster: string, replicas: number): Promise<void> => {
    const web = deployment(namespace, 'web', 1);
    const step = { path: '/spec/replicas', operator: 'add', value: replicas };
    await world.api.create(OVERRIDE_POLICY, override(namespace, name, web, cluster, [step]));
    await world.settled();
  };
  const unpin = async (namespace: string, name: string): Promise<void> => {
    await world.api.remove(OVERRIDE_POLICY, namespace, name);
    await world.settled();
  };
  const running = (namespace: string): string => {
    const { clusters } = world.karmada.members.totals(namespace, 'web');
    return Object.entries(clusters)
      .map(([cluster, pods]) => `${cluster}:${pods.replicas}`)
      .join(' ');
  };
  const totalsSince = (namespace: string, start: number): number[] =>
    world.karmada.members
      .history(namespace, 'web')
      .slice(start)
      .map((totals) => totals.replicas);

  it('updates members one by one: 5/3/2 to 1/1/8 passes through 16 and 12 replicas', async () => {
    const namespace = await placed(10, weights(['m1', 5], ['m2', 3], ['m3', 2]));
    const start = world.karmada.members.history(namespace, 'web').length;
    world.karmada.setMemberOrder(() => ['m3', 'm1', 'm2']);
    await reweigh(namespace, ['m1', 1], ['m2', 1], ['m3', 8]);
    expect(totalsSince(namespace, start)).toEqual([16, 12, 10]);
  });

  it('dips when the losers come first, in whatever order is asked for', async () => {
    const namespace = await placed(10, weights(['m1', 5], ['m2', 3], ['m3', 2]));
    const start = world.karmada.members.history(namespace, 'web').length;
    world.karmada.setMemberOrder(() => ['m2', 'm1', 'm3']);
    await reweigh(namespace, ['m1', 1], ['m2', 1], ['m3', 8]);
    expect(totalsSince(namespace, start)).toEqual([8, 4, 10]);
  });

  it('holds a loser at its replicas while a pin is there, and drops it with the pin', async () => {
    const namespace = await placed(10, weights(['m1', 8], ['m2', 1], ['m3', 1]));
    await pin(namespace, 'windvane-pin-web', 'm1', 8);
    await reweigh(namespace, ['m1', 2], ['m2', 1], ['m3', 7]);
    expect(running(namespace)).toBe('m1:8 m2:1 m3:7');
    expect(await world.schedule(namespace, 'web-deployment')).toBe('m1:2 m2:1 m3:7');
    await unpin(namespace, 'windvane-pin-web');
    expect(running(namespace)).toBe('m1:2 m2:1 m3:7');
    const lowest = Math.min(...totalsSince(namespace, 0).slice(2));
    expect(lowest).toBe(10);
  });

  it('writes a pin on the Work of its cluster alone, in the measured form', async () => {
    const namespace = await placed(10, weights(['m1', 7], ['m2', 2], ['m3', 1]));
    await pin(namespace, 'windvane-pin-web', 'm1', 7);
    const key = 'policy.karmada.io/applied-overrides';
    const pinned = await world.work('m1', namespace, 'web');
    expect(JSON.parse(pinned?.metadata.annotations?.[key] ?? 'null')).toEqual([
      {
        policyName: 'windvane-pin-web',
        overriders: { plaintext: [{ path: '/spec/replicas', operator: 'add', value: 7 }] },
      },
    ]);
    for (const cluster of ['m2', 'm3']) {
      const work = await world.work(cluster, namespace, 'web');
      expect(work?.metadata.annotations?.[key]).toBeUndefined();
    }
    await unpin(namespace, 'windvane-pin-web');
    const released = await world.work('m1', namespace, 'web');
    expect(released?.metadata.annotations?.[key]).toBeUndefined();
  });

  it('lets the alphabetically last of two policies on one path win', async () => {
    const namespace = await placed(3, weights(['m1', 1]));
    await pin(namespace, 'windvane-pin-web', 'm1', 5);
    await pin(namespace, 'aaa', 'm1', 7);
    expect(running(namespace)).toBe('m1:5');
    await pin(namespace, 'zzz', 'm1', 9);
    expect(running(namespace)).toBe('m1:9');
  });

  it('deletes in a cluster whose share becomes 0, whatever a pin says', async () => {
    const namespace = await placed(10, weights(['m1', 8], ['m2', 2]));
    await pin(namespace, 'windvane-pin-web', 'm1', 8);
    await reweigh(namespace, ['m2', 1]);
    expect(running(namespace)).toBe('m2:10');
  });

  it('leaves a whole cluster without a dip, by two pins: 10, 19, 20, 10', async () => {
    const namespace = await placed(10, weights(['m1', 1]));
    const start = world.karmada.members.history(namespace, 'web').length;
    await pin(namespace, 'pin-loser', 'm1', 10);
    await reweigh(namespace, ['m1', 1], ['m3', 9]);
    await pin(namespace, 'pin-gainer', 'm3', 10);
    await reweigh(namespace, ['m3', 1]);
    await unpin(namespace, 'pin-loser');
    await unpin(namespace, 'pin-gainer');
    expect(totalsSince(namespace, start)).toEqual([19, 20, 10]);
    expect(running(namespace)).toBe('m3:10');
  });

  it('aggregates what the members report: per cluster in the binding, summed in the template', async () => {
    world.karmada.setPodStartup((_cluster, _workload, index) => (index === 0 ? 30_000 : 90_000));
    const namespace = await placed(3, weights(['m1', 2], ['m2', 1]));
    const started = await world.binding(namespace, 'web-deployment');
    expect(started.status.aggregatedStatus).toMatchObject([
      { clusterName: 'm1', applied: true, health: 'Unhealthy', status: { replicas: 2, updatedReplicas: 2 } },
      { clusterName: 'm2', applied: true, health: 'Unhealthy', status: { replicas: 1, updatedReplicas: 1 } },
    ]);
    await world.advance(30_000);
    const half = await world.binding(namespace, 'web-deployment');
    const health = (binding: Seen): string[] =>
      binding.status.aggregatedStatus.map((item: { health: string }) => item.health);
    expect(health(half)).toEqual(['Unhealthy', 'Healthy']);
    expect((await world.api.get(DEPLOYMENT, namespace, 'web')).status).toMatchObject({
      replicas: 3,
      readyReplicas: 2,
      availableReplicas: 2,
      unavailableReplicas: 1,
    });
    await world.advance(60_000);
    const whole = await world.binding(namespace, 'web-deployment');
    expect(health(whole)).toEqual(['Healthy', 'Healthy']);
    // A real API server counts the claim's annotations as a new generation of a Deployment.
    const template = await world.api.get(DEPLOYMENT, namespace, 'web');
    expect(whole.status.aggregatedStatus[0].status).toEqual({
      replicas: 2,
      updatedReplicas: 2,
      readyReplicas: 2,
      availableReplicas: 2,
      generation: 1,
      observedGeneration: 1,
      resourceTemplateGeneration: template.metadata.generation,
    });
    expect(template.status).toMatchObject({
      replicas: 3,
      availableReplicas: 3,
      observedGeneration: template.metadata.generation,
    });
  });

  it('shows the dip that comes of removing ready pods before new ones are ready', async () => {
    world.karmada.setPodStartup(() => 60_000);
    const namespace = await placed(10, weights(['m1', 1]));
    await world.advance(60_000);
    await reweigh(namespace, ['m3', 1]);
    const during = world.karmada.members.totals(namespace, 'web');
    expect(during).toMatchObject({ replicas: 10, available: 0 });
    await world.advance(60_000);
    expect(world.karmada.members.totals(namespace, 'web').available).toBe(10);
  });
});
