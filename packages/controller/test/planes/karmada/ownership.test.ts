import { HOUR, MINUTE } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROPAGATION_POLICY } from '../../../src/planes/karmada/resources.ts';
import { CARBON_PLACEMENT } from '../../../src/planes/shared/resources.ts';
import { deployment, FOLLOW, policy } from './support/manifests.ts';
import type { RecordedWrite } from './support/recording.ts';
import { testServers } from './support/servers.ts';
import { DEPLOYMENT, type Seen, startWorld, type World } from './support/world.ts';

const PARIS_CLEAN = { DE: 400, FR: 50, 'US-MIDA-PJM': 350 };
const VIRGINIA_CLEAN = { DE: 400, FR: 350, 'US-MIDA-PJM': 50 };
const EVEN = { frankfurt: 1, paris: 1, virginia: 1 };

const isWeightWrite = (write: RecordedWrite): boolean =>
  write.verb === 'apply' && write.kind === 'PropagationPolicy' && !write.dryRun;
const isPolicyWrite = (write: RecordedWrite): boolean => write.kind === 'PropagationPolicy' && !write.dryRun;

function weightsIn(object: Seen): Record<string, number> {
  const list: { targetCluster: { clusterNames: string[] }; weight: number }[] =
    object['spec'].placement.replicaScheduling.weightPreference?.staticWeightList ?? [];
  return Object.fromEntries(list.map((rule) => [rule.targetCluster.clusterNames[0], rule.weight]));
}

for (const server of testServers('Karmada plane, ownership')) {
  describe(`who owns the weights, on ${server.name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld(server);
      await world.wind(PARIS_CLEAN);
    });
    afterAll(() => world.stop());

    const settled = async (): Promise<void> => {
      await world.settle();
      await world.advance(2 * MINUTE);
    };

    it('adopts weights that came with the manifest by one forced apply, and tells it', async () => {
      const ns = await world.namespace();
      world.recording.clear();
      await world.create(policy(ns, 'web', { weights: EVEN }));
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await settled();
      expect(world.split(ns, 'web')).toBe('frankfurt 1, paris 10, virginia 1');
      const forces = world.recording
        .stored()
        .filter(isWeightWrite)
        .map((write) => write.force);
      expect(forces).toEqual([true, false]);
      expect(await world.events(ns)).toContain('PropagationPolicy Adopted');
      const written = await world.get(PROPAGATION_POLICY, ns, 'web');
      const found = JSON.parse(written.metadata.annotations?.['windvane.dev/found'] ?? 'null');
      expect(found).toMatchObject({ present: true, forced: true });
      expect(found.value).toHaveLength(3);
      expect(world.view(ns, 'web')?.found).toMatchObject({ present: true, value: found.value });
    });

    it('yields to whoever takes the weights back, until an annotation changes', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web'));
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await settled();
      const name = { namespace: ns, name: 'web' };
      const taken = [{ targetCluster: { clusterNames: ['frankfurt'] }, weight: 1 }];
      await world.user.mergePatch(PROPAGATION_POLICY, name, {
        spec: { placement: { replicaScheduling: { weightPreference: { staticWeightList: taken } } } },
      });
      await world.settle();
      expect(world.view(ns, 'web')).toMatchObject({
        state: 'Blocked',
        reason: 'RevertedByOther',
        mode: 'observe',
        hold: { reason: 'RevertedByOther' },
      });
      world.recording.clear();
      await world.advance(2 * HOUR, 20 * MINUTE);
      await world.wind(VIRGINIA_CLEAN);
      await world.restart();
      expect(world.recording.stored().filter(isPolicyWrite)).toEqual([]);
      expect(weightsIn(await world.get(PROPAGATION_POLICY, ns, 'web'))).toEqual({ frankfurt: 1 });

      await world.user.mergePatch(DEPLOYMENT, name, {
        metadata: { annotations: { 'windvane.dev/cooldown': '2h' } },
      });
      await settled();
      expect(world.view(ns, 'web')).toMatchObject({ mode: 'act', hold: null });
      const writes = world.recording.stored().filter(isWeightWrite);
      expect(writes.map((write) => write.force).slice(0, 2)).toEqual([true, false]);
      await world.wind(PARIS_CLEAN);
    });

    it('forces no second time where somebody came to own the very list that stands', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web', { weights: EVEN }));
      world.recording.clear();
      // In place: nothing but this guard stands before the write.
      const annotations = { ...FOLLOW, 'windvane.dev/max-surge': '0' };
      await world.create(deployment(ns, 'web', { replicas: 12, annotations }));
      await settled();
      const adopted = await world.get(PROPAGATION_POLICY, ns, 'web');
      expect(
        world.recording
          .stored()
          .filter(isWeightWrite)
          .map(({ force }) => force),
      ).toContain(true);
      // The same list applied by another manager is no conflict: both own it from now on.
      const { placement } = adopted['spec'];
      await world.user.apply(PROPAGATION_POLICY, {
        metadata: { namespace: ns, name: 'web' },
        spec: {
          placement: {
            replicaScheduling: { weightPreference: placement.replicaScheduling.weightPreference },
          },
        },
      });
      await world.advance(2 * HOUR, 20 * MINUTE);
      world.recording.clear();
      await world.wind(VIRGINIA_CLEAN);
      await settled();
      expect(
        world.recording.stored().filter((write) => write.force && write.kind === 'PropagationPolicy'),
      ).toEqual([]);
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Blocked', reason: 'RevertedByOther' });
      await world.wind(PARIS_CLEAN);
    });

    it('has the found value and the intent in the status before the first write on the policy', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web', { weights: EVEN }));
      world.recording.killAt(isPolicyWrite);
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await world.settle();
      expect(world.recording.killed()).toBe(true);
      const stored = await world.get(CARBON_PLACEMENT, ns, 'web-deployment');
      expect(stored['status'].found).toMatchObject({ present: true });
      expect(stored['status'].found.value).toHaveLength(3);
      expect(stored['status'].step).toMatchObject({ number: 1 });
      const untouched = await world.get(PROPAGATION_POLICY, ns, 'web');
      expect(untouched.metadata.annotations ?? {}).not.toHaveProperty(['windvane.dev/found']);
      await world.restart();
      await settled();
      expect(world.split(ns, 'web')).toBe('frankfurt 1, paris 10, virginia 1');
    });

    it('has the found value on the policy before the weights, and goes on from there after a crash', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web', { weights: EVEN }));
      world.recording.killAt(isWeightWrite);
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await world.settle();
      expect(world.recording.killed()).toBe(true);
      const halted = await world.get(PROPAGATION_POLICY, ns, 'web');
      expect(weightsIn(halted)).toEqual(EVEN);
      expect(JSON.parse(halted.metadata.annotations?.['windvane.dev/found'] ?? '{}')).toMatchObject({
        present: true,
        value: [{ weight: 1 }, { weight: 1 }, { weight: 1 }],
      });
      await world.restart();
      await settled();
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Steady', moves: [{ result: 'completed' }] });
      expect(world.split(ns, 'web')).toBe('frankfurt 1, paris 10, virginia 1');
      expect(world.view(ns, 'web')?.found?.value).toHaveLength(3);
    });

    it('leaves the policy byte for byte as it is under observe, and says what it would do', async () => {
      for (const where of ['workload', 'policy', 'namespace'] as const) {
        const observe = { 'windvane.dev/placement': 'observe' };
        const ns = await world.namespace(where === 'namespace' ? observe : {});
        await world.create(policy(ns, 'web', where === 'policy' ? { annotations: observe } : {}));
        await world.settle();
        const before = JSON.stringify(await world.get(PROPAGATION_POLICY, ns, 'web'));
        await world.create(
          deployment(ns, 'web', { replicas: 12, annotations: where === 'workload' ? observe : FOLLOW }),
        );
        await settled();
        expect(JSON.stringify(await world.get(PROPAGATION_POLICY, ns, 'web'))).toBe(before);
        expect(world.view(ns, 'web')).toMatchObject({ mode: 'observe', state: 'Observing', found: null });
        expect(world.view(ns, 'web')?.decision?.text).toContain('paris');
        expect(await world.events(ns)).toContain('Deployment WouldMove');
      }
    });

    it('never acts above the ceiling of the hub', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web'));
      await world.settle();
      const before = JSON.stringify(await world.get(PROPAGATION_POLICY, ns, 'web'));
      await world.restart({ mode: 'observe' });
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await settled();
      expect(JSON.stringify(await world.get(PROPAGATION_POLICY, ns, 'web'))).toBe(before);
      expect(world.view(ns, 'web')).toMatchObject({ mode: 'observe', state: 'Observing' });
      await world.restart({ mode: 'act' });
    });

    it('stops at once while frozen, and goes on afterwards', async () => {
      const type = { group: '', version: 'v1', plural: 'configmaps', kind: 'ConfigMap', namespaced: true };
      await world.user.create(
        { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false },
        { metadata: { name: 'windvane-system' } },
      );
      const freeze = { namespace: 'windvane-system', name: 'windvane-freeze' };
      await world.user.create(type, { metadata: freeze, data: { frozen: 'true', reason: 'release day' } });
      const ns = await world.namespace();
      await world.create(policy(ns, 'web'));
      world.recording.clear();
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await settled();
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Frozen' });
      expect(world.view(ns, 'web')?.conditions[0]?.message).toContain('Everything is frozen (release day). ');
      expect(world.recording.stored().filter(isPolicyWrite)).toEqual([]);
      await world.user.delete(type, freeze);
      await settled();
      expect(world.split(ns, 'web')).toBe('frankfurt 1, paris 10, virginia 1');
    });
  });

  describe(`without the CarbonPlacement CRD, on ${server.name}`, () => {
    it('writes nothing at all and says so', async () => {
      const world = await startWorld(server, { withoutCrd: true });
      try {
        await world.wind(PARIS_CLEAN);
        const ns = await world.namespace();
        await world.create(policy(ns, 'web'));
        await world.create(deployment(ns, 'web', { replicas: 12 }));
        await world.settle();
        expect(world.recording.stored()).toEqual([]);
        expect(world.plane.problem()).toBe('the CarbonPlacement CRD is not installed');
        expect(world.view(ns, 'web')?.conditions[0]?.message).toContain('kubectl apply -f');
      } finally {
        await world.stop();
      }
    });
  });
}
