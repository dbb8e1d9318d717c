import { HOUR, MINUTE } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JOB, PROPAGATION_POLICY } from '../../../src/planes/karmada/resources.ts';
import { freeze, unfreeze } from '../../../src/planes/shared/freeze.ts';
import { job, policyFor, service } from './support/manifests.ts';
import { testServers } from './support/servers.ts';
import { startWorld, type World } from './support/world.ts';

const NOW = { DE: 400, FR: 350, 'US-MIDA-PJM': 300 };
/** Paris is clean from the third hour on. */
const LATER = { FR: [350, 350, 350, 40, 40, 40, 40, 350], DE: [400, 400, 400, 400, 400, 400, 400, 400] };
const startBy = (length: string, more: Readonly<Record<string, string>> = {}) => ({
  annotations: { 'windvane.dev/start-by': length, ...more },
});

for (const server of testServers('Karmada plane, dispatching')) {
  describe(`dispatching Jobs, on ${server.name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld(server, { jobDuration: HOUR });
    });
    afterAll(() => world.stop());

    const reason = (ns: string, name = 'etl') => {
      const view = world.view(ns, name);
      return { state: view?.state, reason: view?.reason };
    };
    const words = (ns: string, name = 'etl') =>
      world.view(ns, name)?.conditions.find((each) => each.type === 'Ready')?.message ?? '';
    /** Where a Job stands in the members, and the policies of its namespace. */
    async function standing(ns: string, name = 'etl') {
      const there = world.karmada.members.names.filter(
        (cluster) => world.karmada.members.get(cluster, 'Job', ns, name) !== undefined,
      );
      const { items } = await world.user.list(PROPAGATION_POLICY, { namespace: ns });
      return { there, policies: items.map((each) => each.metadata.name) };
    }

    it('waits for the best place and hour, and says so', async () => {
      await world.forecast(NOW, LATER);
      const ns = await world.namespace();
      const made = world.clock.now();
      await world.create(job(ns, 'etl', startBy('6h')));
      await world.settle();
      expect(world.view(ns, 'etl')).toMatchObject({
        state: 'Waiting',
        mode: 'act',
        reason: null,
        replicas: 1,
        decision: {
          target: { paris: 1 },
          text: expect.stringMatching(
            /^Waits until .* for paris: 40 g\/kWh expected instead of 300 at once\.$/,
          ),
          runnerUp: 'virginia: 300 g/kWh expected at once',
        },
        dispatch: { policy: null, cluster: null, dispatchedAt: null },
      });
      expect(await standing(ns)).toEqual({ there: [], policies: [] });
      const planned = Date.parse(world.view(ns, 'etl')?.dispatch?.plannedStart ?? '');
      expect(planned - made).toBe(3 * HOUR);

      await world.advance(3 * HOUR - MINUTE, 10 * MINUTE);
      expect(await standing(ns)).toEqual({ there: [], policies: [] });
      await world.advance(2 * MINUTE);
      expect(world.view(ns, 'etl')).toMatchObject({
        state: 'Dispatched',
        split: [{ cluster: 'paris', replicas: 1, share: 1 }],
        dispatch: { cluster: 'paris', lateSeconds: 0 },
      });
      const { there, policies } = await standing(ns);
      expect(there).toEqual(['paris']);
      expect(policies).toEqual([world.view(ns, 'etl')?.dispatch?.policy]);
      expect(await world.events(ns)).toContain('Job Dispatched');

      await world.advance(HOUR + MINUTE, 10 * MINUTE);
      expect(reason(ns)).toEqual({ state: 'Done', reason: null });
    });

    it('makes a policy for that Job alone, owned by it', async () => {
      const ns = await world.namespace();
      await world.create(job(ns, 'etl'));
      await world.settle();
      const { policies } = await standing(ns);
      const made = await world.get(PROPAGATION_POLICY, ns, policies[0] ?? '');
      const owner = (await world.get(JOB, ns, 'etl')).metadata;
      expect(made['spec']).toMatchObject({
        resourceSelectors: [{ apiVersion: 'batch/v1', kind: 'Job', name: 'etl', namespace: ns }],
        propagateDeps: true,
        placement: { clusterAffinity: { clusterNames: [expect.any(String)] } },
      });
      expect(made.metadata.ownerReferences).toEqual([
        { apiVersion: 'batch/v1', kind: 'Job', name: 'etl', uid: owner.uid },
      ]);
      await world.user.delete(JOB, { namespace: ns, name: 'etl' });
      await world.settle();
      expect(world.view(ns, 'etl')).toBeUndefined();
    });

    it.runIf(server.collectsGarbage)('leaves no policy behind when its Job is deleted', async () => {
      const ns = await world.namespace();
      await world.create(job(ns, 'etl'));
      await world.settle();
      expect((await standing(ns)).policies).toHaveLength(1);
      await world.user.delete(JOB, { namespace: ns, name: 'etl' });
      await world.settle();
      expect(await standing(ns)).toEqual({ there: [], policies: [] });
    });

    it('goes at its latest start, also frozen; an early start waits for the end of the freeze', async () => {
      await world.forecast(NOW, LATER);
      const ns = await world.namespace();
      await world.create(job(ns, 'late', startBy('5h')));
      await world.create(job(ns, 'early', startBy('7h')));
      await world.settle();
      await freeze(world.user, 'maintenance');
      await world.advance(4 * HOUR, 10 * MINUTE);
      expect(reason(ns, 'late')).toEqual({ state: 'Frozen', reason: null });
      expect((await standing(ns)).policies).toEqual([]);
      await world.advance(HOUR, 10 * MINUTE);
      expect(reason(ns, 'late')).toEqual({ state: 'Dispatched', reason: null });
      expect(world.view(ns, 'late')?.dispatch?.lateSeconds).toBe(0);
      expect(reason(ns, 'early')).toEqual({ state: 'Frozen', reason: null });
      await unfreeze(world.user);
      await world.settle();
      expect(reason(ns, 'early')).toEqual({ state: 'Dispatched', reason: null });
    });

    it('goes at its latest start without any data, to a cluster that is Ready', async () => {
      await world.wind({ DE: null, FR: null, 'US-MIDA-PJM': null });
      const ns = await world.namespace();
      await world.create(job(ns, 'etl', startBy('2h')));
      await world.settle();
      expect(reason(ns)).toEqual({ state: 'Waiting', reason: null });
      expect(words(ns)).toContain('Waits for data');
      world.karmada.setReady('frankfurt', false);
      await world.advance(2 * HOUR, 10 * MINUTE);
      expect(world.view(ns, 'etl')?.dispatch).toMatchObject({ cluster: 'paris', lateSeconds: 0 });
      world.karmada.setReady('frankfurt', true);
      await world.settle();
    });

    it('goes by the last known numbers when they are stale', async () => {
      await world.wind({ DE: 90, FR: 350, 'US-MIDA-PJM': 300 }, 'stale');
      const ns = await world.namespace();
      await world.create(job(ns, 'etl', startBy('2h')));
      await world.advance(HOUR, 10 * MINUTE);
      expect(reason(ns)).toEqual({ state: 'Waiting', reason: null });
      await world.advance(HOUR, 10 * MINUTE);
      expect(world.view(ns, 'etl')?.dispatch?.cluster).toBe('frankfurt');
    });

    it('is never sent outside its locations, and says why it goes nowhere', async () => {
      await world.wind(NOW);
      const ns = await world.namespace();
      world.karmada.setReady('virginia', false);
      await world.create(job(ns, 'etl', startBy('0s', { 'windvane.dev/locations': 'us-east-1' })));
      await world.settle();
      expect(reason(ns)).toEqual({ state: 'Blocked', reason: 'NotReadyCluster' });
      world.karmada.setReady('virginia', true);
      await world.advance(MINUTE);
      expect(world.view(ns, 'etl')?.dispatch?.cluster).toBe('virginia');
    });

    it('says that its locations hold no cluster: it would wait for none', async () => {
      await world.wind(NOW);
      const ns = await world.namespace();
      await world.create(job(ns, 'etl', startBy('0s', { 'windvane.dev/locations': 'us-west-2' })));
      await world.settle();
      expect(reason(ns)).toEqual({ state: 'Blocked', reason: 'TooFewClusters' });
      expect(world.view(ns, 'etl')?.conditions[0]?.message).toBe(
        'windvane.dev/locations: "us-west-2" holds none of frankfurt, paris, virginia: widen it',
      );
    });

    it('NotDispatched: only observed, it waits from its creation, with the policy to paste', async () => {
      await world.wind(NOW);
      const ns = await world.namespace();
      await world.create(job(ns, 'etl', { annotations: { 'windvane.dev/placement': 'observe' } }));
      await world.settle();
      expect(reason(ns)).toEqual({ state: 'Blocked', reason: 'NotDispatched' });
      expect(words(ns)).toContain('clusterAffinity: {clusterNames: [virginia]}');
      expect((await standing(ns)).policies).toEqual([]);
      await world.advance(2 * HOUR, HOUR);
      expect((await standing(ns)).policies).toEqual([]);
    });

    it('SuspendedTemplate: a Job that is suspended would stay so in the member', async () => {
      const ns = await world.namespace();
      await world.create(job(ns, 'etl', { spec: { suspend: true } }));
      await world.settle();
      expect(reason(ns)).toEqual({ state: 'Blocked', reason: 'SuspendedTemplate' });
      expect((await standing(ns)).policies).toEqual([]);
      await world.user.mergePatch(JOB, { namespace: ns, name: 'etl' }, { spec: { suspend: false } });
      await world.settle();
      expect(reason(ns)).toEqual({ state: 'Dispatched', reason: null });
    });

    it('ClaimedJob: also while Karmada has not claimed it yet', async () => {
      const ns = await world.namespace();
      await world.create(policyFor(ns, 'batch/v1', 'Job', 'etl'));
      world.karmada.stopControllerManager();
      await world.create(job(ns, 'etl'));
      await world.settle();
      expect(reason(ns)).toEqual({ state: 'Blocked', reason: 'ClaimedJob' });
      world.karmada.startControllerManager();
      await world.settle();
      expect(reason(ns)).toEqual({ state: 'Blocked', reason: 'ClaimedJob' });
      expect((await standing(ns)).policies).toEqual(['etl']);
    });

    it('RealTime, ServesTraffic, Stateful and misspelt words hold a Job back', async () => {
      const ns = await world.namespace();
      await world.create(service(ns, 'front', { app: 'served' }));
      await world.create(job(ns, 'served'));
      await world.create(job(ns, 'rt', { annotations: { 'windvane.dev/latency-class': 'realtime' } }));
      const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
      await world.create(job(ns, 'stateful', { volumes }));
      await world.create(job(ns, 'typo', { annotations: { 'windvane.dev/start-bye': '1h' } }));
      await world.create(job(ns, 'weights', { annotations: { 'windvane.dev/max-share': '50' } }));
      await world.settle();
      const reasons = ['served', 'rt', 'stateful', 'typo', 'weights'].map((name) => reason(ns, name).reason);
      expect(reasons).toEqual(['ServesTraffic', 'RealTime', 'Stateful', 'UnknownKey', 'NoEffect']);
      expect((await standing(ns)).policies).toEqual([]);
    });

    it('never touches it again: not its policy, nor where it runs, whatever the wind or Karmada do', async () => {
      await world.wind(NOW);
      const ns = await world.namespace();
      await world.create(job(ns, 'etl', { annotations: { 'windvane.dev/duration': '30m' } }));
      await world.settle();
      const { policies } = await standing(ns);
      const before = await world.get(PROPAGATION_POLICY, ns, policies[0] ?? '');
      const copy = world.karmada.members.get('virginia', 'Job', ns, 'etl')?.metadata.uid;
      expect(copy).toBeDefined();
      await world.wind({ DE: 10, FR: 350, 'US-MIDA-PJM': 900 });
      world.karmada.restartControllerManager();
      world.karmada.restartScheduler();
      await world.restart();
      await world.advance(20 * MINUTE, 10 * MINUTE);
      expect((await world.get(PROPAGATION_POLICY, ns, policies[0] ?? '')).metadata.resourceVersion).toBe(
        before.metadata.resourceVersion,
      );
      expect(world.karmada.members.get('virginia', 'Job', ns, 'etl')?.metadata.uid).toBe(copy);
    });

    it('is not dispatched a second time when somebody deletes its policy', async () => {
      await world.wind(NOW);
      const ns = await world.namespace();
      await world.create(job(ns, 'etl'));
      await world.settle();
      const { policies } = await standing(ns);
      await world.user.delete(PROPAGATION_POLICY, { namespace: ns, name: policies[0] ?? '' });
      await world.settle();
      await world.wind({ DE: 10, FR: 350, 'US-MIDA-PJM': 900 });
      await world.restart();
      expect(reason(ns)).toEqual({ state: 'Dispatched', reason: null });
      expect(await standing(ns)).toEqual({ there: ['virginia'], policies: [] });
    });

    it('shares room: Jobs that want one cluster at one hour do not all get it', async () => {
      const small = await startWorld(server, {
        members: [
          { name: 'frankfurt', provider: 'aws', region: 'eu-central-1', cpu: '100' },
          { name: 'paris', provider: 'aws', region: 'eu-west-3', cpu: '4' },
        ],
        jobDuration: HOUR,
      });
      try {
        await small.forecast({ DE: 400, FR: 50 }, {});
        const ns = await small.namespace();
        const names = ['a', 'b', 'c', 'd', 'e', 'f'];
        for (const name of names) await small.create(job(ns, name, { cpu: '1', ...startBy('10m') }));
        await small.settle();
        await small.advance(12 * MINUTE, MINUTE);
        const where = names.map((name) => small.view(ns, name)?.dispatch?.cluster);
        expect(where.filter((name) => name === 'paris')).toHaveLength(4);
        expect(where.filter((name) => name === 'frankfurt')).toHaveLength(2);
      } finally {
        await small.stop();
      }
    });

    it('writes nothing on a quiet look', async () => {
      await world.forecast(NOW, LATER);
      const ns = await world.namespace();
      for (const name of ['a', 'b']) await world.create(job(ns, name, startBy('20h')));
      await world.settle();
      world.recording.clear();
      await world.advance(30 * MINUTE, 5 * MINUTE);
      expect(world.recording.stored()).toEqual([]);
    });
  });
}
