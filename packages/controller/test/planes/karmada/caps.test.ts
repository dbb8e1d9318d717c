import { MINUTE } from '@windvane/carbon-map';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { restore } from '../../../src/planes/karmada/handback/restore.ts';
import { uninstall } from '../../../src/planes/karmada/handback/uninstall.ts';
import { OVERRIDE_POLICY, PROPAGATION_POLICY, SCALED_OBJECT } from '../../../src/planes/karmada/resources.ts';
import { freeze, unfreeze } from '../../../src/planes/shared/freeze.ts';
import { paceIn } from './handback/support.ts';
import { KEDA, policyOfBoth, RETAIN, scaledObject } from './support/keda.ts';
import { deployment, FOLLOW } from './support/manifests.ts';
import { testServers } from './support/servers.ts';
import { DEPLOYMENT, startWorld, type World } from './support/world.ts';

const PARIS_CLEAN = { DE: 400, FR: 50, 'US-MIDA-PJM': 350 };
const VIRGINIA_CLEAN = { DE: 400, FR: 350, 'US-MIDA-PJM': 50 };
/** Whole moves in one step, so that a test sees the end of it. */
const AT_ONCE = {
  ...FOLLOW,
  'windvane.dev/max-step': '100',
  'windvane.dev/cooldown': '0s',
  'windvane.dev/max-moves-per-day': '96',
};
for (const server of testServers('Karmada plane, KEDA caps')) {
  describe(`KEDA caps, on ${server.name}`, () => {
    let world: World;
    let ns: string;
    beforeAll(async () => {
      world = await startWorld(server, { crds: [KEDA] });
    });
    afterAll(() => world.stop());
    beforeEach(async () => {
      await world.wind(PARIS_CLEAN);
      ns = await world.namespace();
    });
    afterEach(async () => {
      for (const type of [SCALED_OBJECT, DEPLOYMENT, PROPAGATION_POLICY]) {
        const { items } = await world.user.list(type, { namespace: ns });
        for (const each of items) await world.user.delete(type, each.metadata);
      }
      await world.settle();
    });

    interface Worker {
      readonly annotations?: Readonly<Record<string, string>>;
      readonly spec?: Readonly<Record<string, unknown>>;
      readonly labels?: Readonly<Record<string, string>>;
      readonly running?: Readonly<Record<string, number>>;
    }
    async function worker(settings: Worker = {}, name = 'worker'): Promise<void> {
      const { annotations = AT_ONCE, spec = { maxReplicaCount: 30 }, labels = RETAIN } = settings;
      await world.create(policyOfBoth(ns, name));
      await world.create(scaledObject(ns, name, spec));
      await world.create(deployment(ns, name, { replicas: 3, annotations, labels }));
      await world.settle();
      for (const [cluster, replicas] of Object.entries(settings.running ?? {}))
        scale(cluster, replicas, name);
      await world.settle();
    }
    /** What KEDA does inside a member. */
    function scale(cluster: string, replicas: number, name = 'worker'): void {
      world.karmada.members.edit(cluster, 'Deployment', ns, name, (object) => ({
        ...object,
        spec: { ...object.spec, replicas },
      }));
    }
    const maxima = (name = 'worker') =>
      Object.fromEntries(
        world.karmada.members.names.map((cluster) => [
          cluster,
          world.karmada.members.get(cluster, 'ScaledObject', ns, name)?.spec?.['maxReplicaCount'],
        ]),
      );
    async function overrides(): Promise<readonly string[]> {
      const { items } = await world.user.list(OVERRIDE_POLICY, { namespace: ns });
      return items.map((each) => each.metadata.name);
    }
    const state = (name = 'worker') => {
      const view = world.view(ns, name);
      return { state: view?.state, reason: view?.reason };
    };
    const words = () =>
      world.view(ns, 'worker')?.conditions.find((each) => each.type === 'Ready')?.message ?? '';

    it('raises the cap of the clean cluster first, lowers the others once that is rendered', async () => {
      await worker();
      expect(state()).toEqual({ state: 'Moving', reason: null });
      // Even shares are the maximum everywhere, so that there is nothing to raise yet and nothing is lowered.
      expect(maxima()).toEqual({ frankfurt: 30, paris: 30, virginia: 30 });
      await world.advance(3 * MINUTE);
      expect(maxima()).toEqual({ frankfurt: 1, paris: 30, virginia: 1 });
      expect(state()).toEqual({ state: 'Steady', reason: null });
      expect(world.view(ns, 'worker')?.moves).toMatchObject([{ result: 'completed' }]);

      await world.wind(VIRGINIA_CLEAN);
      expect(maxima()).toEqual({ frankfurt: 1, paris: 30, virginia: 30 });
      await world.advance(3 * MINUTE);
      expect(maxima()).toEqual({ frankfurt: 1, paris: 1, virginia: 30 });
      expect(await world.events(ns)).toContain('Deployment MoveCompleted');
    });

    it('moves shares by no more than max-step at a time', async () => {
      await worker({ annotations: { ...FOLLOW, 'windvane.dev/cooldown': '0s' } });
      await world.advance(3 * MINUTE);
      const first = maxima();
      expect(Object.values(first).filter((cap) => typeof cap === 'number' && cap < 30)).not.toEqual([]);
      expect(first).not.toEqual({ frankfurt: 1, paris: 30, virginia: 1 });
      await world.advance(15 * MINUTE);
      expect(maxima()).toEqual({ frankfurt: 1, paris: 30, virginia: 1 });
      expect(world.view(ns, 'worker')?.moves).toHaveLength(1);
    });

    it('keeps room for a quarter more than runs; the losers keep the rest', async () => {
      await worker({ running: { frankfurt: 20, paris: 10, virginia: 10 } });
      await world.advance(3 * MINUTE);
      const caps = maxima();
      const sum = Object.values(caps).reduce<number>((all, cap) => all + Number(cap), 0);
      expect(sum).toBeGreaterThanOrEqual(50);
      expect(caps).toEqual({ frankfurt: 1, paris: 30, virginia: 19 });
      // More runs: room is made at once. Less runs: it is taken back after a while.
      scale('paris', 30);
      await world.settle();
      expect(maxima()).toEqual({ frankfurt: 15, paris: 30, virginia: 30 });
      for (const [cluster, replicas] of [
        ['frankfurt', 1],
        ['paris', 5],
        ['virginia', 1],
      ] as const)
        scale(cluster, replicas);
      await world.settle();
      expect(maxima()).toEqual({ frankfurt: 15, paris: 30, virginia: 30 });
      await world.advance(11 * MINUTE);
      expect(maxima()).toEqual({ frankfurt: 1, paris: 30, virginia: 1 });
    });

    it('never caps below min-replicas, nor below what KEDA keeps anyway', async () => {
      await worker({ annotations: { ...AT_ONCE, 'windvane.dev/min-replicas': '2' } });
      await worker({ spec: { maxReplicaCount: 30, minReplicaCount: 4 } }, 'other');
      await world.advance(3 * MINUTE);
      expect(maxima()).toEqual({ frankfurt: 2, paris: 30, virginia: 2 });
      expect(maxima('other')).toEqual({ frankfurt: 4, paris: 30, virginia: 4 });
    });

    it('takes 100 for the maximum where the template sets none, as KEDA does', async () => {
      await worker({ spec: {} });
      await world.advance(3 * MINUTE);
      expect(maxima()).toEqual({ frankfurt: 1, paris: 100, virginia: 1 });
    });

    it('keeps to max-share and locations', async () => {
      await worker({ annotations: { ...AT_ONCE, 'windvane.dev/max-share': '50' } });
      await worker({ annotations: { ...AT_ONCE, 'windvane.dev/locations': 'DE, US' } }, 'abroad');
      await world.advance(3 * MINUTE);
      expect(maxima()['paris']).toBe(30);
      expect(world.view(ns, 'worker')?.decision?.target['paris']).toBe(0.5);
      expect(maxima('abroad')).toEqual({ frankfurt: 1, paris: 1, virginia: 30 });
    });

    it('says what runs where, and how far each cluster may go', async () => {
      await worker({ running: { frankfurt: 2, paris: 6, virginia: 2 } });
      await world.advance(3 * MINUTE);
      const view = world.view(ns, 'worker');
      expect(view?.replicas).toBe(10);
      expect(view?.split).toMatchObject([
        { cluster: 'frankfurt', replicas: 2, share: 0, reason: expect.stringContaining('; at most 1 of 30') },
        { cluster: 'paris', replicas: 6, share: 1, reason: expect.stringContaining('; at most 30 of 30') },
        { cluster: 'virginia', replicas: 2 },
      ]);
      world.recording.clear();
      await world.advance(20 * MINUTE, 5 * MINUTE);
      expect(world.recording.stored()).toEqual([]);
    });

    it('writes nothing under observe, and says what it would do', async () => {
      await worker({ annotations: { 'windvane.dev/placement': 'observe' } });
      await world.advance(3 * MINUTE);
      expect(state()).toEqual({ state: 'Observing', reason: null });
      expect(await overrides()).toEqual([]);
      expect(world.view(ns, 'worker')?.decision?.text).not.toBe('');
    });

    it('Frozen: the raise is taken back and nothing is written until the end of it', async () => {
      await worker();
      await world.advance(3 * MINUTE);
      await world.wind(VIRGINIA_CLEAN);
      expect(maxima()).toEqual({ frankfurt: 1, paris: 30, virginia: 30 });
      await freeze(world.user, 'maintenance');
      await world.settle();
      expect(maxima()).toEqual({ frankfurt: 1, paris: 30, virginia: 1 });
      expect(state()).toEqual({ state: 'Frozen', reason: null });
      world.recording.clear();
      await world.wind(PARIS_CLEAN);
      await world.advance(30 * MINUTE, 10 * MINUTE);
      expect(world.recording.stored().filter(({ kind }) => kind === 'OverridePolicy')).toEqual([]);
      await unfreeze(world.user);
      await world.settle();
      expect(maxima()).toEqual({ frankfurt: 1, paris: 30, virginia: 1 });
    });

    it('MemberAutoscaler: without the label that leaves replicas to KEDA, it is named', async () => {
      await worker({ labels: {} });
      await world.advance(MINUTE);
      expect(state()).toEqual({ state: 'Blocked', reason: 'MemberAutoscaler' });
      expect(words()).toContain('retain-replicas: "true"');
      expect(await overrides()).toEqual([]);
    });

    it('OverrideConflict: another override of the maximum is left alone', async () => {
      await worker();
      await world.user.create(OVERRIDE_POLICY, {
        metadata: { namespace: ns, name: 'theirs' },
        spec: {
          resourceSelectors: [{ apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject', name: 'worker' }],
          overrideRules: [
            { overriders: { plaintext: [{ path: '/spec/maxReplicaCount', operator: 'add', value: 3 }] } },
          ],
        },
      });
      await world.advance(MINUTE);
      expect(state()).toEqual({ state: 'Blocked', reason: 'OverrideConflict' });
      expect(words()).toContain('/spec/maxReplicaCount');
    });

    it('NoEffect: a key that means nothing to caps', async () => {
      await worker({ annotations: { ...AT_ONCE, 'windvane.dev/start-by': '1h' } });
      expect(state()).toEqual({ state: 'Blocked', reason: 'NoEffect' });
    });

    it.each(['annotation', 'label', 'ScaledObject'])(
      'gives everything back when the %s goes',
      async (what) => {
        await worker();
        await world.advance(3 * MINUTE);
        expect(await overrides()).toEqual(['windvane-cap-worker']);
        const name = { namespace: ns, name: 'worker' };
        if (what === 'ScaledObject') await world.user.delete(SCALED_OBJECT, name);
        else {
          const metadata =
            what === 'label'
              ? { labels: { 'resourcetemplate.karmada.io/retain-replicas': null } }
              : {
                  annotations: {
                    'windvane.dev/placement': null,
                    'windvane.dev/max-step': null,
                    'windvane.dev/cooldown': null,
                    'windvane.dev/max-moves-per-day': null,
                  },
                };
          await world.user.mergePatch(DEPLOYMENT, name, { metadata });
        }
        await world.advance(MINUTE);
        expect(await overrides()).toEqual([]);
      },
    );

    it('restore takes the caps away, and the members get the maximum of the template', async () => {
      await worker();
      await worker({}, 'other');
      await world.advance(3 * MINUTE);
      await restore(
        world.user,
        { kind: 'one', of: 'Deployment', namespace: ns, name: 'worker' },
        paceIn(world),
      );
      await world.advance(5 * MINUTE);
      expect(maxima()).toEqual({ frankfurt: 30, paris: 30, virginia: 30 });
      expect(state().state).toBe('Observing');
      expect(await overrides()).toEqual(['windvane-cap-other']);
    });

    it('is resumed from every write of a move of caps', async () => {
      await worker();
      await world.advance(3 * MINUTE);
      const targets = [VIRGINIA_CLEAN, PARIS_CLEAN];
      let boundary = 1;
      for (; boundary < 20; boundary += 1) {
        let writes = 0;
        world.recording.killAt(() => {
          writes += 1;
          return writes === boundary;
        });
        const wind = targets[(boundary + 1) % 2] ?? PARIS_CLEAN;
        await world.wind(wind);
        await world.advance(3 * MINUTE);
        const died = world.recording.killed();
        await world.restart();
        await world.advance(4 * MINUTE);
        const [clean, dirty] = wind === VIRGINIA_CLEAN ? ['virginia', 'paris'] : ['paris', 'virginia'];
        expect({ boundary, caps: maxima(), ...state() }).toEqual({
          boundary,
          caps: { frankfurt: 1, [clean]: 30, [dirty]: 1 },
          state: 'Steady',
          reason: null,
        });
        expect(world.view(ns, 'worker')?.moves.filter(({ finishedAt }) => finishedAt === null)).toEqual([]);
        if (!died) break;
      }
      expect(boundary).toBeGreaterThan(3);
      expect(boundary).toBeLessThan(20);
    });

    it('counts what it displaces in the limit of replicas moved per hour', async () => {
      await world.wind({ DE: null, FR: null, 'US-MIDA-PJM': null });
      const limits = { replicasPerHour: 10, shareOfReplicasPerHour: 0, stepsPerReceivingCluster: 100 };
      await world.restart({ limits });
      const running = { frankfurt: 9, paris: 1, virginia: 1 };
      await worker({ running }, 'first');
      await worker({ running }, 'second');
      await world.wind(PARIS_CLEAN);
      await world.advance(5 * MINUTE);
      // Eight of each have to go from frankfurt.
      const moved = ['first', 'second'].filter((name) => maxima(name)['frankfurt'] === 1);
      expect(moved).toHaveLength(1);
      const [waits = ''] = ['first', 'second'].filter((name) => !moved.includes(name));
      expect(await overrides()).toEqual(moved.map((name) => `windvane-cap-${name}`));
      expect(world.view(ns, waits)?.decision?.text).toContain('the fleet allows 10 replicas an hour');
      await world.advance(65 * MINUTE, 5 * MINUTE);
      expect(maxima(waits)).toEqual({ frankfurt: 1, paris: 30, virginia: 1 });
      await world.restart();
    });

    it('uninstall takes the caps away', async () => {
      await worker({}, 'other');
      await world.advance(3 * MINUTE);
      expect(await overrides()).toEqual(['windvane-cap-other']);
      await world.plane.stop();
      expect(await uninstall(world.user, { keepCrd: false }, paceIn(world))).toBe(true);
      await world.settle();
      expect(await overrides()).toEqual([]);
      expect(maxima('other')).toEqual({ frankfurt: 30, paris: 30, virginia: 30 });
    });
  });
}
