import { createLocationResolver, MINUTE } from '@windvane/carbon-map';
import { ocmDefinitions } from '@windvane/sandbox';
import { describe, expect, it } from 'vitest';
import { createElection } from '../../src/app/election.ts';
import { decide } from '../../src/engine/decide.ts';
import { noOutlook } from '../../src/outlook/outlook.ts';
import { createOcmPlane } from '../../src/planes/ocm/index.ts';
import { MANIFEST_WORK_REPLICA_SET, PLACEMENT } from '../../src/planes/ocm/resources.ts';
import { ocmRights } from '../../src/planes/ocm/rights.ts';
import { OCM_CONTROLLER_LEASE } from '../../src/planes/shared/freeze.ts';
import { NAMESPACE } from '../../src/planes/shared/resources.ts';
import { mapOf } from '../planes/karmada/support/maps.ts';
import { placement, replicaSet } from '../planes/ocm/support/objects.ts';
import { startOcmWorld } from '../planes/ocm/support/world.ts';
import { rightsOf } from './requests.ts';
import { describeDoctor, expectToCover, shippedRoles } from './shipped-roles.ts';

/** Rights that the scenario below does not come to use, each for its reason. */
const elsewhere = new Set([
  // Read again after somebody else wrote at the same moment.
  'windvane.dev/carbonplacements get',
  'cluster.open-cluster-management.io/addonplacementscores get',
  // An Event that repeats is counted up.
  '/events patch',
  // Watched where these definitions are installed.
  ...['policy.open-cluster-management.io/placementbindings', 'argoproj.io/applicationsets'].flatMap(
    (kind) => [`${kind} list`, `${kind} watch`],
  ),
]);

describe('the roles for a hub of Open Cluster Management', () => {
  it('cover every request of the controller, and give nothing that it does not use', async () => {
    const world = await startOcmWorld();
    try {
      await world.die();
      const rights = rightsOf(world.recording.api);
      await world.user.create(NAMESPACE, { metadata: { name: 'windvane-system' } });
      const { clock } = world;
      const log = { info() {}, warn() {}, error() {} };
      const election = createElection({
        api: rights.api,
        lease: OCM_CONTROLLER_LEASE,
        mayRun: async () => true,
        clock,
        log,
      });
      const plane = election.elect(
        createOcmPlane({
          kube: election.gate(rights.api),
          leading: election.leading,
          hub: 'test',
          config: {
            mode: 'act',
            namespaces: ['*'],
            scores: { cleanGramsPerKwh: 0, dirtyGramsPerKwh: 800, deadBand: 5 },
          },
          locations: createLocationResolver(),
          decide,
          clock,
          log,
        }),
      );
      await plane.start();
      await world.advance(MINUTE, 5_000);
      const wind = async (grams: Record<string, number>): Promise<void> => {
        plane.mapChanged(mapOf(clock.now(), grams), noOutlook);
        await world.settle();
        await world.advance(2 * MINUTE, 10_000);
      };
      const namespace = await world.namespace();
      await world.create(placement(namespace, 'train'), replicaSet(namespace, 'train'));
      await wind({ DE: 20, FR: 110, 'SE-SE3': 120, 'US-MIDA-PJM': 400 });
      await wind({ DE: 300, FR: 20, 'SE-SE3': 310, 'US-MIDA-PJM': 400 });
      expect(plane.placements().map(({ moves }) => moves.length)).toEqual([1]);
      await world.user.delete(PLACEMENT, { namespace, name: 'train' });
      await world.user.mergePatch(
        MANIFEST_WORK_REPLICA_SET,
        { namespace, name: 'train' },
        { metadata: { annotations: { note: 'seen' } } },
      );
      await world.advance(2 * MINUTE, 10_000);
      await plane.stop();
      expectToCover(shippedRoles('ocm'), rights.needed, elsewhere);
    } finally {
      await world.stop();
    }
  });
});

describeDoctor({
  plane: 'ocm',
  roleName: 'windvane-controller-ocm',
  rights: ocmRights,
  definitions: ocmDefinitions,
  mayList: PLACEMENT,
  mayNotDelete: PLACEMENT,
});
