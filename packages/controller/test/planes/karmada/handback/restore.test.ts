import { HOUR, MINUTE } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeApi } from '../../../../src/kube/api.ts';
import type { KubeObject } from '../../../../src/kube/resource.ts';
import { type RestoreTarget, restore } from '../../../../src/planes/karmada/handback/restore.ts';
import { PROPAGATION_POLICY } from '../../../../src/planes/karmada/resources.ts';
import { CARBON_PLACEMENT } from '../../../../src/planes/shared/resources.ts';
import { deployment, FOLLOW, policy } from '../support/manifests.ts';
import { record } from '../support/recording.ts';
import { testServers } from '../support/servers.ts';
import { startWorld, type World } from '../support/world.ts';
import { applied, PARIS_CLEAN, paceIn, policyOf, tracesOn, VIRGINIA_CLEAN } from './support.ts';

const WEIGHTS = { frankfurt: 3, paris: 1, virginia: 2 };
const web = (namespace: string): RestoreTarget => ({ kind: 'one', of: 'Deployment', namespace, name: 'web' });

interface Row {
  readonly name: string;
  readonly make: (user: KubeApi, ns: string) => Promise<unknown>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What a person does once the workload has moved. */
  readonly after?: (user: KubeApi, ns: string) => Promise<unknown>;
  /** The weights are not Windvane's to give back. */
  readonly left?: true;
}

const withWeights = (ns: string): KubeObject => policy(ns, 'web', { weights: WEIGHTS });
const rows: readonly Row[] = [
  { name: 'weights, client-side', make: (user, ns) => user.create(PROPAGATION_POLICY, withWeights(ns)) },
  { name: 'weights, server-side', make: (user, ns) => applied(user, withWeights(ns)) },
  { name: 'weights, forced', make: (user, ns) => applied(user, withWeights(ns), true) },
  { name: 'no weights, client-side', make: (user, ns) => user.create(PROPAGATION_POLICY, policy(ns, 'web')) },
  { name: 'no weights, server-side', make: (user, ns) => applied(user, policy(ns, 'web')) },
  {
    name: 'an empty weightPreference',
    make: (user, ns) =>
      user.create(
        PROPAGATION_POLICY,
        policy(ns, 'web', {
          placement: {
            replicaScheduling: {
              replicaSchedulingType: 'Divided',
              replicaDivisionPreference: 'Weighted',
              weightPreference: {},
            },
          },
        }),
      ),
  },
  {
    name: 'adopt: never',
    make: (user, ns) => user.create(PROPAGATION_POLICY, withWeights(ns)),
    annotations: { 'windvane.dev/adopt': 'never' },
    left: true,
  },
];

for (const server of testServers('Karmada plane, restore')) {
  describe(`restore, on ${server.name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld(server, { podStartup: () => 20_000 });
      await world.wind(PARIS_CLEAN);
    });
    afterAll(() => world.stop());

    const settled = async (): Promise<void> => {
      await world.settle();
      await world.advance(5 * MINUTE);
    };

    it.each(rows)(
      'gives back exactly what was found with the controller dead: $name',
      async (row) => {
        const ns = await world.namespace();
        await row.make(world.user, ns);
        await world.settle();
        const before = await policyOf(world, ns);
        await world.create(
          deployment(ns, 'web', { replicas: 12, annotations: { ...FOLLOW, ...row.annotations } }),
        );
        await settled();
        const moved = await policyOf(world, ns);
        expect(tracesOn(moved).length > 0).toBe(row.left !== true);
        await world.plane.stop();
        const recording = record(world.recording.api);
        const pace = paceIn(world);
        const [done, ...more] = await restore(recording.api, web(ns), pace);
        expect(more).toEqual([]);
        expect(done?.workloads).toEqual([`Deployment ${ns}/web`]);
        expect(done?.outcome).toBe(row.left === true ? 'left' : 'restored');
        expect(recording.stored()[0]).toMatchObject({ kind: 'CarbonPlacement', subresource: 'status' });
        await settled();
        const after = await policyOf(world, ns);
        expect(after['spec']).toEqual(before['spec']);
        expect(after.metadata.annotations).toEqual(before.metadata.annotations);
        expect(tracesOn(after)).toEqual([]);
        await world.restart();
        // From here on it is only observed, whatever the wind does.
        world.recording.clear();
        await world.wind(VIRGINIA_CLEAN);
        await world.advance(HOUR, 20 * MINUTE);
        await world.wind(PARIS_CLEAN);
        expect(world.recording.stored().filter(({ kind }) => kind === 'PropagationPolicy')).toEqual([]);
        const held = await world.get(CARBON_PLACEMENT, ns, 'web-deployment');
        expect(held['status']).toMatchObject({
          mode: 'observe',
          reason: null,
          hold: { reason: 'Restored' },
        });
        await world.user.delete(PROPAGATION_POLICY, { namespace: ns, name: 'web' });
      },
      60_000,
    );

    it('goes in steps of max-step, each once the replicas before are available: never a dip beyond one', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web', { weights: { frankfurt: 1 } }));
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await settled();
      expect(world.split(ns, 'web')).toBe('frankfurt 1, paris 11');
      const seen = world.karmada.members.history(ns, 'web').length;
      const pace = paceIn(world);
      const [done] = await restore(world.recording.api, web(ns), pace);
      await settled();
      expect(done?.outcome).toBe('restored');
      expect(world.split(ns, 'web')).toBe('frankfurt 12');
      const available = world.karmada.members.history(ns, 'web').slice(seen - 1);
      expect(Math.min(...available.map((each) => each.available))).toBe(9);
      expect(pace.said.some((line) => line.includes('replicas available'))).toBe(true);
    });

    it('stops where it is when replicas do not come, says so, and goes on when run again', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web', { weights: { frankfurt: 1 } }));
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await settled();
      world.karmada.setPodStartup(() => null);
      const pace = paceIn(world, { timeout: 2 * MINUTE });
      const [late] = await restore(world.recording.api, web(ns), pace);
      expect(late?.outcome).toBe('timeout');
      expect(pace.said.at(-1)).toContain('run this again, or with --force');
      expect(tracesOn(await policyOf(world, ns))).toContain('windvane.dev/found');
      const [forced] = await restore(world.recording.api, web(ns), paceIn(world, { force: true }));
      world.karmada.setPodStartup(() => 20_000);
      expect(forced?.outcome).toBe('restored');
      await settled();
      expect(tracesOn(await policyOf(world, ns))).toEqual([]);
    });

    it('restores everything of one namespace, and nothing else', async () => {
      const [ns, other] = [await world.namespace(), await world.namespace()];
      for (const each of [ns, other]) {
        await world.create(policy(each, 'web'));
        await world.create(deployment(each, 'web', { replicas: 12 }));
      }
      await settled();
      const done = await restore(world.recording.api, { kind: 'all', namespace: ns }, paceIn(world));
      expect(done.map((each) => each.policy)).toEqual([`PropagationPolicy ${ns}/web`]);
      expect(tracesOn(await policyOf(world, other))).toContain('windvane.dev/found');
    });
  });

  describe(`restore, killed, on ${server.name}`, () => {
    it('ends the same when it is killed at any write and run again', async () => {
      const world = await startWorld(server);
      try {
        await world.wind(PARIS_CLEAN);
        let boundary = 1;
        for (; boundary < 40; boundary += 1) {
          const ns = await world.namespace();
          await world.create(withWeights(ns));
          await world.settle();
          const before = await policyOf(world, ns);
          await world.create(deployment(ns, 'web', { replicas: 12 }));
          await world.settle();
          await world.advance(2 * MINUTE);
          const recording = record(world.recording.api);
          let writes = 0;
          recording.killAt(() => {
            writes += 1;
            return writes === boundary;
          });
          const first = restore(recording.api, web(ns), paceIn(world)).then(
            () => 'done',
            (error: unknown) => String(error),
          );
          expect(await first).toBe(recording.killed() ? 'KubeError: killed' : 'done');
          const [done] = await restore(world.recording.api, web(ns), paceIn(world));
          const after = await policyOf(world, ns);
          expect({ boundary, spec: after['spec'], traces: tracesOn(after) }).toEqual({
            boundary,
            spec: before['spec'],
            traces: [],
          });
          expect(done?.workloads).toHaveLength(1);
          await world.user.delete(PROPAGATION_POLICY, { namespace: ns, name: 'web' });
          if (!recording.killed()) break;
        }
        expect(boundary).toBeGreaterThan(4);
        expect(boundary).toBeLessThan(40);
      } finally {
        await world.stop();
      }
    }, 120_000);
  });
}
