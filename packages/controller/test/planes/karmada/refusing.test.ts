import { MINUTE } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  CLUSTER_OVERRIDE_POLICY,
  OVERRIDE_POLICY,
  PROPAGATION_POLICY,
} from '../../../src/planes/karmada/resources.ts';
import { clusterPolicy, deployment, FOLLOW, job, policy, policyFor, service } from './support/manifests.ts';
import { testServers } from './support/servers.ts';
import { DEPLOYMENT, startWorld, type World } from './support/world.ts';

const PARIS_CLEAN = { DE: 400, FR: 50, 'US-MIDA-PJM': 350 };

for (const server of testServers('Karmada plane, refusing')) {
  describe(`refusing, on ${server.name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld(server);
      await world.wind(PARIS_CLEAN);
    });
    afterAll(() => world.stop());

    const settled = async (): Promise<void> => {
      await world.settle();
      await world.advance(MINUTE);
    };

    /** The workload is blocked for this reason, and its policy is not touched. */
    async function expectBlocked(ns: string, name: string, reason: string, words: string): Promise<void> {
      await settled();
      const view = world.view(ns, name);
      expect(view).toMatchObject({ state: 'Blocked', reason });
      expect(view?.conditions.find((each) => each.type === 'Ready')?.message).toContain(words);
      expect(await world.events(ns)).toContain(`${view?.kind} ${reason}`);
      const touched = world.recording
        .stored()
        .filter((write) => write.kind.endsWith('PropagationPolicy'))
        .filter((write) => JSON.stringify(write.body).includes(`"${ns}"`));
      expect(touched).toEqual([]);
    }

    it('RealTime: whatever the policy says', async () => {
      const ns = await world.namespace();
      const flexible = { ...FOLLOW, 'windvane.dev/latency-class': 'flexible' };
      await world.create(policy(ns, 'web', { annotations: flexible }));
      const realtime = { 'windvane.dev/latency-class': 'realtime' };
      await world.create(deployment(ns, 'web', { annotations: realtime }));
      await expectBlocked(ns, 'web', 'RealTime', 'Deployment');
      expect(world.split(ns, 'web')).toBe('frankfurt 3, paris 3, virginia 3');
    });

    it('ServesTraffic: until somebody says that it is flexible', async () => {
      const ns = await world.namespace();
      await world.create(service(ns, 'front', { app: 'web' }));
      await world.create(policy(ns, 'web'));
      await world.create(deployment(ns, 'web'));
      await expectBlocked(ns, 'web', 'ServesTraffic', `Service ${ns}/front sends traffic`);
      await world.user.mergePatch(
        DEPLOYMENT,
        { namespace: ns, name: 'web' },
        { metadata: { annotations: { 'windvane.dev/latency-class': 'flexible' } } },
      );
      await settled();
      expect(world.split(ns, 'web')).toBe('frankfurt 1, paris 7, virginia 1');
    });

    it('NoPolicy: with a policy to paste', async () => {
      const ns = await world.namespace();
      await world.create(deployment(ns, 'alone'));
      await expectBlocked(ns, 'alone', 'NoPolicy', 'kind: PropagationPolicy');
    });

    it('SharedPolicy: while the policy places a workload that did not opt in', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'pair', { names: ['a', 'b'] }));
      await world.create(deployment(ns, 'b', { annotations: {} }));
      await world.create(deployment(ns, 'a'));
      await expectBlocked(ns, 'a', 'SharedPolicy', `Deployment ${ns}/b`);
      expect(world.view(ns, 'b')).toBeUndefined();
      await world.user.mergePatch(
        DEPLOYMENT,
        { namespace: ns, name: 'b' },
        { metadata: { annotations: FOLLOW } },
      );
      await settled();
      expect(world.split(ns, 'a')).toContain('paris 7');
    });

    it('ConsentRequired: a cluster-wide policy that did not opt in itself', async () => {
      const ns = await world.namespace();
      await world.create(clusterPolicy(ns, `quiet-${ns}`, 'web', {}));
      await world.create(deployment(ns, 'web'));
      await expectBlocked(ns, 'web', 'ConsentRequired', 'has to opt in itself');
    });

    it.each([
      ['Duplicated', { replicaScheduling: { replicaSchedulingType: 'Duplicated' } }, 'duplicates'],
      ['none', { replicaScheduling: null }, 'Duplicated'],
      [
        'Aggregated',
        { replicaScheduling: { replicaSchedulingType: 'Divided', replicaDivisionPreference: 'Aggregated' } },
        'Aggregated',
      ],
      [
        'dynamicWeight',
        {
          replicaScheduling: {
            replicaSchedulingType: 'Divided',
            replicaDivisionPreference: 'Weighted',
            weightPreference: { dynamicWeight: 'AvailableReplicas' },
          },
        },
        'dynamicWeight',
      ],
      [
        'clusterAffinities',
        { clusterAffinities: [{ affinityName: 'first', clusterNames: ['paris'] }] },
        'clusterAffinities',
      ],
      [
        'spreadConstraints',
        { spreadConstraints: [{ spreadByField: 'cluster', minGroups: 2, maxGroups: 3 }] },
        'spreadConstraints',
      ],
    ])('UnsupportedPolicy: %s', async (_, placement, words) => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web', { placement }));
      await world.create(deployment(ns, 'web'));
      await expectBlocked(ns, 'web', 'UnsupportedPolicy', words);
    });

    it('UnsupportedPolicy: a suspended one, and one that leaves replicas behind', async () => {
      for (const spec of [{ suspension: { dispatching: true } }, { preserveResourcesOnDeletion: true }]) {
        const ns = await world.namespace();
        await world.create(policy(ns, 'web', { spec }));
        await world.create(deployment(ns, 'web'));
        await expectBlocked(ns, 'web', 'UnsupportedPolicy', `PropagationPolicy ${ns}/web`);
      }
    });

    it('LazyPolicy', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web', { spec: { activationPreference: 'Lazy' } }));
      await world.create(deployment(ns, 'web'));
      await expectBlocked(ns, 'web', 'LazyPolicy', 'remove activationPreference');
    });

    it('Stateful: a claim for storage does not move', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web'));
      const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
      await world.create(deployment(ns, 'web', { volumes }));
      await expectBlocked(ns, 'web', 'Stateful', 'PersistentVolumeClaim');
    });

    it('Stateful: a StatefulSet, though it is bound like a Deployment', async () => {
      const ns = await world.namespace();
      await world.create(policyFor(ns, 'apps/v1', 'StatefulSet', 'db'));
      const { spec, metadata } = deployment(ns, 'db');
      await world.create({ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata, spec });
      await expectBlocked(ns, 'db', 'Stateful', 'StatefulSet');
    });

    it('ClaimedJob: a Job that a policy places is not moved', async () => {
      const ns = await world.namespace();
      await world.create(policyFor(ns, 'batch/v1', 'Job', 'night'));
      await world.create(job(ns, 'night', { annotations: { 'windvane.dev/start-by': '6h' } }));
      await expectBlocked(ns, 'night', 'ClaimedJob', 'a started Job cannot move');
    });

    it('MemberAutoscaler: an HPA that is propagated, or replicas that members retain', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web'));
      await world.create({
        apiVersion: 'autoscaling/v2',
        kind: 'HorizontalPodAutoscaler',
        metadata: { namespace: ns, name: 'web' },
        spec: {
          scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
          minReplicas: 1,
          maxReplicas: 5,
        },
      });
      await world.create(deployment(ns, 'web'));
      await expectBlocked(ns, 'web', 'MemberAutoscaler', 'HorizontalPodAutoscaler');
      const other = await world.namespace();
      const labels = { 'resourcetemplate.karmada.io/retain-replicas': 'true' };
      await world.create(policy(other, 'web'));
      await world.create(deployment(other, 'web', { labels }));
      await expectBlocked(other, 'web', 'MemberAutoscaler', 'retain-replicas');
    });

    it('OverrideConflict: replicas that another override sets, for one namespace or for all', async () => {
      const overriders = { plaintext: [{ path: '/spec/replicas', operator: 'replace', value: 2 }] };
      for (const type of [OVERRIDE_POLICY, CLUSTER_OVERRIDE_POLICY]) {
        const ns = await world.namespace();
        await world.create(policy(ns, 'web'));
        await world.user.create(type, {
          metadata: { name: `theirs-${ns}`, ...(type.namespaced ? { namespace: ns } : {}) },
          spec: {
            resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', namespace: ns, name: 'web' }],
            overrideRules: [{ targetCluster: { clusterNames: ['paris'] }, overriders }],
          },
        });
        await world.create(deployment(ns, 'web'));
        await expectBlocked(ns, 'web', 'OverrideConflict', 'sets /spec/replicas');
      }
    });

    it('TooFewReplicas: one replica would be gone for a moment, unless that is accepted', async () => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web', { clusters: ['frankfurt', 'paris'], weights: { frankfurt: 1 } }));
      const leaving = { ...FOLLOW, 'windvane.dev/min-replicas': '0' };
      await world.create(deployment(ns, 'web', { replicas: 1, annotations: leaving }));
      await expectBlocked(ns, 'web', 'TooFewReplicas', 'windvane.dev/max-surge: "0"');
      await world.user.mergePatch(
        DEPLOYMENT,
        { namespace: ns, name: 'web' },
        { metadata: { annotations: { 'windvane.dev/max-surge': '0' } } },
      );
      await settled();
      expect(world.split(ns, 'web')).toBe('paris 1');
    });

    it.each([
      ['UnknownKey', { 'windvane.dev/max-shar': '50' }, 'did you mean windvane.dev/max-share?'],
      ['BadValue', { 'windvane.dev/max-step': '250' }, 'write a percentage from 1 to 100'],
      ['NoEffect', { 'windvane.dev/surge-clusters': '1' }, 'has no effect on'],
      ['UnresolvedLocation', { 'windvane.dev/locations': 'eu-wst-1' }, 'eu-wst-1'],
      ['PriceMissing', { 'windvane.dev/objective': 'cost' }, 'needs prices'],
    ])('%s: nothing is written, and the key is named with the remedy', async (reason, wrong, words) => {
      const ns = await world.namespace();
      await world.create(policy(ns, 'web'));
      await world.create(deployment(ns, 'web', { annotations: { ...FOLLOW, ...wrong } }));
      await expectBlocked(ns, 'web', reason, words);
      expect(world.view(ns, 'web')?.conditions).toContainEqual(
        expect.objectContaining({ type: 'Misconfigured', status: 'True', reason }),
      );
    });

    it('Contradiction: a workload widens what its policy says; told on every workload of the unit', async () => {
      const ns = await world.namespace();
      const narrow = { ...FOLLOW, 'windvane.dev/max-share': '50' };
      await world.create(policy(ns, 'pair', { names: ['a', 'b'], annotations: narrow }));
      await world.create(deployment(ns, 'b', { annotations: {} }));
      await world.create(deployment(ns, 'a', { annotations: { 'windvane.dev/max-share': '80' } }));
      await expectBlocked(ns, 'a', 'Contradiction', 'may only narrow');
      expect(world.view(ns, 'b')).toMatchObject({ reason: 'Contradiction' });
    });

    it('a Namespace never opts in, and says so on what did', async () => {
      const ns = await world.namespace(FOLLOW);
      await world.create(policy(ns, 'web'));
      await world.create(deployment(ns, 'web'));
      await expectBlocked(ns, 'web', 'BadValue', 'a Namespace never opts in');
    });

    it('off vetoes, wherever it stands', async () => {
      const ns = await world.namespace({ 'windvane.dev/placement': 'off' });
      await world.create(policy(ns, 'web', { annotations: FOLLOW }));
      await world.settle();
      const before = await world.get(PROPAGATION_POLICY, ns, 'web');
      await world.create(deployment(ns, 'web'));
      await settled();
      expect(world.view(ns, 'web')).toMatchObject({ mode: 'off', decision: null });
      const after = await world.get(PROPAGATION_POLICY, ns, 'web');
      expect(after.metadata.resourceVersion).toBe(before.metadata.resourceVersion);
    });
  });
}
