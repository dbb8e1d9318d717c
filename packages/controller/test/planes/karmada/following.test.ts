import { HOUR, MINUTE } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLUSTER_PROPAGATION_POLICY, PROPAGATION_POLICY } from '../../../src/planes/karmada/resources.ts';
import { CARBON_PLACEMENT } from '../../../src/planes/shared/resources.ts';
import { clusterPolicy, deployment, FOLLOW, policy } from './support/manifests.ts';
import { mapOf } from './support/maps.ts';
import { testServers } from './support/servers.ts';
import { DEPLOYMENT, startWorld, type World } from './support/world.ts';

const PARIS_CLEAN = { DE: 400, FR: 50, 'US-MIDA-PJM': 350 };
const FRANKFURT_CLEAN = { DE: 20, FR: 300, 'US-MIDA-PJM': 350 };
const STARTUP = 60_000;

for (const server of testServers('Karmada plane, following')) {
  describe(`following the wind on ${server.name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld(server, { podStartup: () => STARTUP });
      await world.wind(PARIS_CLEAN);
    });
    afterAll(() => world.stop());

    it('moves an opted-in Deployment by steps, each only when the gainers of the last are available', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web'));
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await world.settle();
      // A step is 25 %: three replicas of twelve, off the dirtiest. They start under the pins, by the old weights.
      expect(world.split(ns, 'web')).toBe('frankfurt 4, paris 4, virginia 4');
      expect(world.karmada.members.totals(ns, 'web').clusters['paris']?.replicas).toBe(7);
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Moving', mode: 'act', reason: null });

      await world.advance(STARTUP - 1);
      expect(world.split(ns, 'web')).toBe('frankfurt 4, paris 4, virginia 4');
      await world.advance(1);
      expect(world.split(ns, 'web')).toBe('frankfurt 1, paris 7, virginia 4');
      await world.advance(STARTUP);
      expect(world.split(ns, 'web')).toBe('frankfurt 1, paris 10, virginia 1');
      await world.settle();
      expect(world.view(ns, 'web')).toMatchObject({
        state: 'Steady',
        step: null,
        moves: [{ result: 'completed', from: { frankfurt: 4, paris: 4, virginia: 4 } }],
      });
      expect(world.split(ns, 'web')).toBe('frankfurt 1, paris 10, virginia 1');
    });

    it('writes one rule per cluster, ordered by name, and nothing else of the spec', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web'));
      await world.settle();
      const before = await world.get(PROPAGATION_POLICY, ns, 'web');
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await world.settle();
      await world.advance(STARTUP);
      const after = await world.get(PROPAGATION_POLICY, ns, 'web');
      const { weightPreference, ...scheduling } = after['spec'].placement.replicaScheduling;
      expect(scheduling).toEqual(before['spec'].placement.replicaScheduling);
      expect({ ...after['spec'], placement: null }).toEqual({ ...before['spec'], placement: null });
      const rules: { targetCluster: object; weight: number }[] = weightPreference.staticWeightList;
      expect(rules.map((rule) => rule.targetCluster)).toEqual([
        { clusterNames: ['frankfurt'] },
        { clusterNames: ['paris'] },
        { clusterNames: ['virginia'] },
      ]);
      expect(rules.every((rule) => rule.weight >= 1)).toBe(true);
    });

    it('never writes a template, and nothing but statuses, Events, policies and pins', async () => {
      const kinds = new Set(world.recording.stored().map((write) => write.kind));
      expect([...kinds].sort()).toEqual(['CarbonPlacement', 'Event', 'OverridePolicy', 'PropagationPolicy']);
      const ns = await world.namespace();
      await world.create(policy(ns, 'web'));
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await world.advance(5 * MINUTE);
      const template = await world.get(DEPLOYMENT, ns, 'web');
      const managers = (template.metadata.managedFields ?? []).map((entry) => entry.manager);
      expect(managers).not.toContain('windvane');
      expect(template.metadata.annotations).toMatchObject(FOLLOW);
    });

    it('stores the status beside the workload, owned by it, with the columns that kubectl prints', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web'));
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await world.advance(5 * MINUTE);
      const stored = await world.get(CARBON_PLACEMENT, ns, 'web-deployment');
      expect(stored['spec'].workloadRef).toEqual({ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' });
      expect(stored.metadata.ownerReferences).toMatchObject([{ kind: 'Deployment', name: 'web' }]);
      expect(stored['status']).toMatchObject({
        state: 'Steady',
        data: 'live',
        replicas: 12,
        summary: { cleanest: 'paris (FR)', split: 'frankfurt 1, paris 10, virginia 1', gramsPerKwh: 104 },
        found: { present: false },
      });
      expect(await world.events(ns)).toEqual(
        expect.arrayContaining([
          'Deployment StepStarted',
          'PropagationPolicy StepStarted',
          'Deployment MoveCompleted',
        ]),
      );
    });

    it('tells of a misspelt opt-in on the object, as nothing else would speak of it', async () => {
      const ns = await world.namespace();
      const misspelt = { 'windvane.dev/placment': 'follow-the-wind' };
      await world.create(policy(ns, 'web', { annotations: misspelt }));
      await world.create(deployment(ns, 'web', { annotations: misspelt }));
      await world.settle();
      expect([...(await world.events(ns))].sort()).toEqual([
        'Deployment UnknownKey',
        'PropagationPolicy UnknownKey',
      ]);
      expect(world.view(ns, 'web')).toBeUndefined();
      world.recording.clear();
      await world.user.mergePatch(DEPLOYMENT, { namespace: ns, name: 'web' }, { spec: { replicas: 3 } });
      await world.advance(5 * MINUTE);
      expect(world.recording.stored()).toEqual([]);
    });

    it('writes nothing on a quiet tick', async () => {
      await world.advance(2 * HOUR, 10 * MINUTE);
      await world.wind(PARIS_CLEAN);
      world.recording.clear();
      for (let tick = 0; tick < 3; tick += 1) {
        const { asked } = world;
        await world.advance(20 * MINUTE, 20 * MINUTE);
        await world.wind(PARIS_CLEAN);
        expect(world.asked).toBeGreaterThan(asked);
      }
      expect(world.recording.stored()).toEqual([]);
    });

    it('looks at no unit again for a version that says what the last one said', async () => {
      const repeated = (at: number) => world.show({ ...mapOf(at, PARIS_CLEAN), at: world.clock.now() });
      // A whole hour, so that the readings below are of one hour.
      await world.advance(HOUR - (world.clock.now() % HOUR), HOUR);
      const hour = world.clock.now();
      await repeated(hour);
      const { asked } = world;
      await world.advance(5 * MINUTE, 5 * MINUTE);
      const meanwhile = world.asked;
      await repeated(hour);
      expect(world.asked).toBe(meanwhile);
      await world.advance(15 * MINUTE, 15 * MINUTE);
      const later = world.asked;
      await repeated(hour);
      expect(world.asked).toBeGreaterThan(later);
      expect(meanwhile).toBe(asked);
    });

    it('rests for the cooldown, then follows a wind that has turned', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web', { annotations: { ...FOLLOW, 'windvane.dev/max-step': '100' } }));
      await world.create(deployment(ns, 'web', { replicas: 12, annotations: {} }));
      await world.advance(5 * MINUTE);
      expect(world.split(ns, 'web')).toBe('frankfurt 1, paris 10, virginia 1');
      await world.advance(25 * MINUTE, 25 * MINUTE);
      // Even split: 266.7 g/kWh; now: 104.2 g/kWh. Twelve replicas of 100 W for half an hour, less the minute of startup.
      expect(world.view(ns, 'web')?.saved?.grams).toBeCloseTo(94.2, -1);
      await world.wind(FRANKFURT_CLEAN);
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Steady' });
      expect(world.view(ns, 'web')?.decision?.text).toContain('too recent');
      await world.advance(HOUR, 5 * MINUTE);
      expect(world.split(ns, 'web')).toBe('frankfurt 10, paris 1, virginia 1');
      await world.wind(PARIS_CLEAN);
    });

    it('steers a ClusterPropagationPolicy that carries the annotation itself', async () => {
      const ns = await world.namespace();
      await world.create(clusterPolicy(ns, `wide-${ns}`, 'web', FOLLOW));
      await world.create(deployment(ns, 'web', { replicas: 12, annotations: {} }));
      await world.advance(10 * MINUTE);
      expect(world.split(ns, 'web')).toBe('frankfurt 1, paris 10, virginia 1');
      const written = await world.get(CLUSTER_PROPAGATION_POLICY, undefined, `wide-${ns}`);
      expect(written.metadata.annotations).toHaveProperty(['windvane.dev/found']);
      await world.user.delete(CLUSTER_PROPAGATION_POLICY, { name: `wide-${ns}` });
    });

    it('moves the workloads of one policy together, each within its own limits', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'pair', { names: ['a', 'b'] }));
      await world.create(deployment(ns, 'a', { replicas: 12 }));
      await world.create(deployment(ns, 'b', { replicas: 9 }));
      await world.advance(20 * MINUTE);
      expect(world.split(ns, 'a')).toContain('paris 10');
      expect(world.split(ns, 'b')).toContain('paris 7');
    });

    it('removes the status of a workload that is gone or no longer opted in', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web'));
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await world.advance(5 * MINUTE);
      await world.user.mergePatch(
        DEPLOYMENT,
        { namespace: ns, name: 'web' },
        { metadata: { annotations: { 'windvane.dev/placement': null } } },
      );
      await world.settle();
      expect(world.view(ns, 'web')).toBeUndefined();
      const { items } = await world.user.list(CARBON_PLACEMENT, { namespace: ns });
      expect(items).toEqual([]);
    });

    it('ends the step when the template is scaled in the middle of it', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web'));
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await world.settle();
      expect(world.view(ns, 'web')?.state).toBe('Moving');
      await world.user.mergePatch(DEPLOYMENT, { namespace: ns, name: 'web' }, { spec: { replicas: 15 } });
      await world.settle();
      expect(world.view(ns, 'web')?.moves).toMatchObject([{ result: 'ended' }]);
      const written = await world.get(PROPAGATION_POLICY, ns, 'web');
      expect(written.metadata.annotations ?? {}).not.toHaveProperty(['windvane.dev/step']);
    });
  });
}
