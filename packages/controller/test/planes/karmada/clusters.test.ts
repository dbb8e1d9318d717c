import { MINUTE } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CLUSTER, PROPAGATION_POLICY } from '../../../src/planes/karmada/resources.ts';
import { deployment, FOLLOW, policy } from './support/manifests.ts';
import { testServers } from './support/servers.ts';
import { MEMBERS, startWorld, type World } from './support/world.ts';

const PARIS_CLEAN = { DE: 400, FR: 50, 'US-MIDA-PJM': 350 };
const VIRGINIA_CLEAN = { DE: 400, FR: 350, 'US-MIDA-PJM': 50 };

for (const server of testServers('Karmada plane, clusters')) {
  describe(`where replicas may go, on ${server.name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld(server, {
        members: [...MEMBERS, { name: 'nowhere' }, { name: 'elsewhere', provider: 'aws', region: 'mars-1' }],
      });
      await world.wind(PARIS_CLEAN);
    });
    afterAll(() => world.stop());

    const settled = async (): Promise<void> => {
      await world.settle();
      await world.advance(2 * MINUTE);
    };
    const known = ['frankfurt', 'paris', 'virginia'];
    const setReady = async (cluster: string, ready: boolean): Promise<void> => {
      world.karmada.setReady(cluster, ready);
      await world.settle();
    };

    it('shows every cluster with its place, and why one takes no part', () => {
      const clusters = Object.fromEntries(world.plane.clusters().map((each) => [each.name, each]));
      expect(clusters['paris']).toMatchObject({
        hub: 'test',
        plane: 'karmada',
        location: 'aws/eu-west-3',
        zone: 'FR',
        ready: true,
        excluded: null,
      });
      expect(clusters['paris']?.headroom?.pods).toBeGreaterThan(0);
      expect(clusters['nowhere']?.excluded).toContain('annotate it with windvane.dev/location');
      expect(clusters['elsewhere']?.excluded).toContain('mars-1');
    });

    it('says that the locations hold none of the clusters of the policy, alone or together', async () => {
      const ns = await world.namespace();
      const message = (name: string) => world.view(ns, name)?.conditions[0]?.message;
      const far = { ...FOLLOW, 'windvane.dev/locations': 'us-east-1' };
      await world.create(policy(ns, 'web', { clusters: ['frankfurt', 'paris'] }));
      await world.create(deployment(ns, 'web', { replicas: 12, annotations: far }));
      const german = { ...FOLLOW, 'windvane.dev/locations': 'DE' };
      await world.create(policy(ns, 'api', { clusters: ['frankfurt', 'paris'], annotations: german }));
      const french = { 'windvane.dev/locations': 'FR' };
      await world.create(deployment(ns, 'api', { replicas: 12, annotations: french }));
      await settled();
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Blocked', reason: 'TooFewClusters' });
      expect(message('web')).toBe(
        'windvane.dev/locations: "us-east-1" holds none of frankfurt, paris: widen it',
      );
      expect(message('api')).toBe(
        'windvane.dev/locations: "DE" and "FR" leave together none of frankfurt, paris: widen it',
      );
    });

    it('never leaves the locations, nor the affinity of the policy', async () => {
      await world.wind(VIRGINIA_CLEAN);
      const ns = await world.namespace();
      await world.create(policy(ns, 'kept', { clusters: ['frankfurt', 'paris'] }));
      await world.create(deployment(ns, 'kept', { replicas: 12 }));
      const annotations = { ...FOLLOW, 'windvane.dev/locations': 'EU', 'windvane.dev/max-step': '100' };
      await world.create(policy(ns, 'wide', { clusters: known }));
      await world.create(deployment(ns, 'wide', { replicas: 12, annotations }));
      await settled();
      expect(world.split(ns, 'kept')).toBe('frankfurt 1, paris 11');
      expect(world.split(ns, 'wide')).toBe('frankfurt 1, paris 11');
      expect(await world.events(ns)).toContain('Deployment PolicyWiderThanLocations');
      await world.wind(PARIS_CLEAN);
    });

    it('neither feeds nor drains a cluster without a known place', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web', { clusters: ['frankfurt', 'paris', 'nowhere'] }));
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await settled();
      expect(world.split(ns, 'web')).toBe('frankfurt 1, nowhere 4, paris 7');
    });

    it('does not feed a cluster that is not Ready, and does not even name it', async () => {
      await setReady('paris', false);
      const ns = await world.namespace();
      await world.create(policy(ns, 'web', { clusters: known }));
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await settled();
      expect(world.split(ns, 'web')).not.toContain('paris');
      const written = await world.get(PROPAGATION_POLICY, ns, 'web');
      expect(JSON.stringify(written['spec'].placement.replicaScheduling)).not.toContain('paris');
      await setReady('paris', true);
      await world.advance(65 * MINUTE, 5 * MINUTE);
      expect(world.split(ns, 'web')).toContain('paris');
    });

    it('takes no step while a cluster that holds replicas is not Ready', async () => {
      await world.wind({ DE: 50, FR: 50, 'US-MIDA-PJM': 50 });
      const ns = await world.namespace();
      await world.create(policy(ns, 'web', { clusters: known }));
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await settled();
      expect(world.split(ns, 'web')).toBe('frankfurt 4, paris 4, virginia 4');
      await setReady('virginia', false);
      await world.wind(PARIS_CLEAN);
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Blocked', reason: 'NotReadyCluster' });
      const written = await world.get(PROPAGATION_POLICY, ns, 'web');
      expect(written['spec'].placement.replicaScheduling).not.toHaveProperty('weightPreference');
      await setReady('virginia', true);
      // Its taint goes a moment later than its condition comes: what is planned in between keeps it as it is.
      await world.advance(65 * MINUTE, 5 * MINUTE);
      expect(world.split(ns, 'web')).toBe('frankfurt 1, paris 10, virginia 1');
    });

    it('drains a cluster marked avoid, and respects its max-share', async () => {
      const annotate = (name: string, annotations: object): Promise<unknown> =>
        world.user.mergePatch(CLUSTER, { name }, { metadata: { annotations } });
      await annotate('frankfurt', { 'windvane.dev/avoid': 'true' });
      await annotate('paris', { 'windvane.dev/max-share': '50' });
      await world.settle();
      const ns = await world.namespace();
      await world.create(policy(ns, 'web', { clusters: known }));
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await world.advance(10 * MINUTE);
      expect(world.split(ns, 'web')).toBe('paris 6, virginia 6');
      await annotate('frankfurt', { 'windvane.dev/avoid': null });
      await annotate('paris', { 'windvane.dev/max-share': null });
      await world.settle();
    });

    it('believes the location annotation before the region, and names a misspelt key', async () => {
      await world.user.mergePatch(
        CLUSTER,
        { name: 'elsewhere' },
        {
          metadata: { annotations: { 'windvane.dev/location': 'SE', 'windvane.dev/pui': '1.2' } },
        },
      );
      await world.settle();
      const view = world.plane.clusters().find(({ name }) => name === 'elsewhere');
      expect(view).toMatchObject({ location: 'SE' });
      expect(view?.excluded).toContain('did you mean windvane.dev/pue?');
    });

    it('StaleData and NoData: nothing is moved on numbers that are old or absent', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web', { clusters: known }));
      await world.wind(PARIS_CLEAN, 'stale');
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await settled();
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Blocked', reason: 'StaleData', data: 'stale' });
      await world.wind({ DE: null, FR: null, 'US-MIDA-PJM': null });
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Blocked', reason: 'NoData' });
      expect(world.split(ns, 'web')).toBe('frankfurt 4, paris 4, virginia 4');
      await world.wind(PARIS_CLEAN);
      await settled();
      expect(world.split(ns, 'web')).toBe('frankfurt 1, paris 10, virginia 1');
    });
  });

  describe(`limits of the fleet, on ${server.name}`, () => {
    it('moves no more replicas in an hour than the hub allows', async () => {
      const limits = { replicasPerHour: 4, shareOfReplicasPerHour: 0, stepsPerReceivingCluster: 5 };
      const world = await startWorld(server, { config: { limits } });
      try {
        const ns = await world.namespace();
        for (const name of ['a', 'b']) {
          await world.create(policy(ns, name));
          await world.create(deployment(ns, name, { replicas: 12 }));
        }
        await world.settle();
        await world.wind(PARIS_CLEAN);
        await world.advance(30 * MINUTE);
        const moved = ['a', 'b'].map((name) => {
          const paris = world.view(ns, name)?.split.find(({ cluster }) => cluster === 'paris')?.replicas ?? 0;
          return paris - 4;
        });
        expect(moved.reduce((sum, count) => sum + count, 0)).toBe(3);
        const texts = ['a', 'b'].map((name) => world.view(ns, name)?.decision?.text ?? '');
        expect(texts.join()).toContain('the fleet allows 4 replicas an hour');
        await world.advance(60 * MINUTE, 5 * MINUTE);
        const paris = ['a', 'b'].map(
          (name) => world.view(ns, name)?.split.find(({ cluster }) => cluster === 'paris')?.replicas ?? 0,
        );
        expect(paris.reduce((sum, count) => sum + count, 0)).toBe(8 + 6);
      } finally {
        await world.stop();
      }
    });
  });
}
