import { createLocationResolver, MINUTE } from '@windvane/carbon-map';
import { karmadaDefinitions } from '@windvane/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createElection } from '../../src/app/election.ts';
import { decide } from '../../src/engine/decide.ts';
import { connectKube } from '../../src/kube/connect.ts';
import { noOutlook } from '../../src/outlook/outlook.ts';
import { createKarmadaPlane } from '../../src/planes/karmada/index.ts';
import { CLUSTER_PROPAGATION_POLICY, SCALED_OBJECT } from '../../src/planes/karmada/resources.ts';
import { karmadaRights } from '../../src/planes/karmada/rights.ts';
import { CONTROLLER_LEASE } from '../../src/planes/shared/freeze.ts';
import { PARIS_CLEAN, paceIn } from '../planes/karmada/handback/support.ts';
import { KEDA, policyOfBoth, RETAIN, scaledObject } from '../planes/karmada/support/keda.ts';
import { clusterPolicy, deployment, FOLLOW, job, policy } from '../planes/karmada/support/manifests.ts';
import { mapOf } from '../planes/karmada/support/maps.ts';
import { testServers } from '../planes/karmada/support/servers.ts';
import { DEPLOYMENT, startWorld, type World } from '../planes/karmada/support/world.ts';
import { rightsOf } from './requests.ts';
import { describeDoctor, expectToCover, grant, shippedRoles } from './shipped-roles.ts';

/** Rights that the scenario below does not come to use, each for its reason. */
const elsewhere = new Set([
  // Read again after somebody else wrote the status at the same moment.
  'windvane.dev/carbonplacements get',
  // The policy of a Job that an earlier attempt made.
  'policy.karmada.io/propagationpolicies get',
  // An Event that repeats is counted up.
  '/events patch',
  // Watched where the definition is installed.
  ...['list', 'watch'].map((verb) => `gateway.networking.k8s.io/httproutes ${verb}`),
]);

const [server] = testServers('roles of the hub');

describe('the roles for the karmada-apiserver', () => {
  let world: World;
  beforeAll(async () => {
    if (server === undefined) throw new Error('no server');
    world = await startWorld(server, { crds: [KEDA], users: ['windvane'] });
    await world.plane.stop();
  });
  afterAll(() => world.stop());

  it('carry a move, caps and a dispatched Job of a user who has nothing else, and give nothing unused', async () => {
    await grant(world.user, shippedRoles('karmada'));
    const kubeconfig = world.kubeconfig('windvane');
    const rights = rightsOf(
      connectKube({ kubeconfig, limits: { writesPerSecond: 100_000, writeBurst: 100_000 } }),
    );
    const { clock } = world;
    const troubles: string[] = [];
    const trouble = (fields: Readonly<Record<string, unknown>>, message: string): void =>
      void troubles.push(`${message} ${JSON.stringify(fields)}`);
    const log = { info() {}, warn: trouble, error: trouble };
    const election = createElection({
      api: rights.api,
      lease: CONTROLLER_LEASE,
      mayRun: async () => true,
      clock,
      log,
    });
    const plane = election.elect(
      createKarmadaPlane({
        kube: election.gate(rights.api),
        leading: election.leading,
        hub: 'test',
        config: {
          mode: 'act',
          namespaces: ['*'],
          limits: { replicasPerHour: 100, shareOfReplicasPerHour: 1, stepsPerReceivingCluster: 10 },
        },
        locations: createLocationResolver(),
        decide,
        clock,
        log,
      }),
    );
    world.plane = plane;
    await plane.start();
    await world.advance(MINUTE, 5_000);
    plane.mapChanged(mapOf(clock.now(), PARIS_CLEAN), noOutlook);
    const ns = await world.namespace();
    await world.create(policy(ns, 'web', { weights: { frankfurt: 1, virginia: 1 } }));
    await world.user.create(CLUSTER_PROPAGATION_POLICY, clusterPolicy(ns, 'etl', 'etl', FOLLOW));
    for (const name of ['web', 'etl']) await world.create(deployment(ns, name, { replicas: 12 }));
    await world.create(job(ns, 'night'));
    await world.create(policyOfBoth(ns, 'worker'));
    await world.user.create(SCALED_OBJECT, scaledObject(ns, 'worker', { maxReplicaCount: 30 }));
    await world.create(deployment(ns, 'worker', { replicas: 3, labels: RETAIN }));
    await world.settle();
    await world.advance(10 * MINUTE, 5_000);
    expect(world.view(ns, 'night')?.state).toBe('Dispatched');
    for (const name of ['web', 'etl', 'worker'])
      expect(world.view(ns, name)?.moves).toMatchObject([{ result: 'completed' }]);
    const caps = world.karmada.members.get('frankfurt', 'ScaledObject', ns, 'worker')?.spec;
    expect(caps?.['maxReplicaCount']).toBe(1);
    expect(troubles).toEqual([]);
    const optedOut = { metadata: { annotations: { 'windvane.dev/placement': null } } };
    await world.user.mergePatch(DEPLOYMENT, { namespace: ns, name: 'web' }, optedOut);
    await paceIn(world).pause(2 * MINUTE);
    await plane.stop();

    expectToCover(shippedRoles('karmada'), rights.needed, elsewhere);
  }, 60_000);
});

describeDoctor({
  plane: 'karmada',
  roleName: 'windvane-controller',
  rights: karmadaRights,
  definitions: karmadaDefinitions,
  mayList: CLUSTER_PROPAGATION_POLICY,
  mayNotDelete: DEPLOYMENT,
});
