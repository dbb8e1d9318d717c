import { createLocationResolver, MINUTE } from '@windvane/carbon-map';
import { karmadaDefinitions } from '@windvane/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createElection } from '../../src/app/election.ts';
import { decide } from '../../src/engine/decide.ts';
import { noOutlook } from '../../src/outlook/outlook.ts';
import { createKarmadaPlane } from '../../src/planes/karmada/index.ts';
import { CLUSTER_PROPAGATION_POLICY } from '../../src/planes/karmada/resources.ts';
import { karmadaRights } from '../../src/planes/karmada/rights.ts';
import { CONTROLLER_LEASE } from '../../src/planes/shared/freeze.ts';
import { NAMESPACE } from '../../src/planes/shared/resources.ts';
import { PARIS_CLEAN, paceIn } from '../planes/karmada/handback/support.ts';
import { clusterPolicy, deployment, FOLLOW, job, policy } from '../planes/karmada/support/manifests.ts';
import { mapOf } from '../planes/karmada/support/maps.ts';
import { testServers } from '../planes/karmada/support/servers.ts';
import { DEPLOYMENT, startWorld, type World } from '../planes/karmada/support/world.ts';
import { rightsOf } from './requests.ts';
import { describeDoctor, expectToCover, shippedRoles } from './shipped-roles.ts';

/** Rights that the scenario below does not come to use, each for its reason. */
const elsewhere = new Set([
  // Read again after somebody else wrote the status at the same moment.
  'windvane.dev/carbonplacements get',
  // The policy of a Job that an earlier attempt made.
  'policy.karmada.io/propagationpolicies get',
  // An Event that repeats is counted up.
  '/events patch',
  // Watched where these definitions are installed.
  ...['gateway.networking.k8s.io/httproutes', 'keda.sh/scaledobjects'].flatMap((kind) => [
    `${kind} list`,
    `${kind} watch`,
  ]),
]);

const [server] = testServers('roles of the hub');

describe('the roles for the karmada-apiserver', () => {
  let world: World;
  beforeAll(async () => {
    if (server === undefined) throw new Error('no server');
    world = await startWorld(server);
    await world.plane.stop();
  });
  afterAll(() => world.stop());

  it('cover every request of the controller, and give nothing that it does not use', async () => {
    const rights = rightsOf(world.recording.api);
    await world.user.create(NAMESPACE, { metadata: { name: 'windvane-system' } });
    const { clock } = world;
    const log = { info() {}, warn() {}, error() {} };
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
        config: { mode: 'act', namespaces: ['*'] },
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
    await world.settle();
    await world.advance(10 * MINUTE, 5_000);
    expect(world.view(ns, 'night')?.state).toBe('Dispatched');
    expect(world.view(ns, 'web')?.moves.length).toBeGreaterThan(0);
    expect(world.view(ns, 'etl')?.moves.length).toBeGreaterThan(0);
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
