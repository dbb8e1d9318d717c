import { readFileSync } from 'node:fs';
import { createLocationResolver, MINUTE } from '@windvane/carbon-map';
import { ocmDefinitions, type Sandbox, startSandbox } from '@windvane/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { createElection } from '../../src/app/election.ts';
import { missingRights } from '../../src/doctor/rights.ts';
import { decide } from '../../src/engine/decide.ts';
import type { KubeApi } from '../../src/kube/api.ts';
import { connectKube } from '../../src/kube/connect.ts';
import { noOutlook } from '../../src/outlook/outlook.ts';
import { createOcmPlane } from '../../src/planes/ocm/index.ts';
import { PLACEMENT } from '../../src/planes/ocm/resources.ts';
import { ocmRights } from '../../src/planes/ocm/rights.ts';
import { OCM_CONTROLLER_LEASE } from '../../src/planes/shared/freeze.ts';
import { NAMESPACE } from '../../src/planes/shared/resources.ts';
import { mapOf } from '../planes/karmada/support/maps.ts';
import { placement, replicaSet } from '../planes/ocm/support/objects.ts';
import { startOcmWorld } from '../planes/ocm/support/world.ts';
import { rightsOf } from './requests.ts';

const folder = new URL('../../../../deploy/hub/ocm/', import.meta.url);
const documents = (file: string): unknown[] =>
  parseAllDocuments(readFileSync(new URL(file, folder), 'utf8')).map((each): unknown => each.toJS());
const role = z.object({
  kind: z.enum(['ClusterRole', 'Role']),
  rules: z.array(
    z.object({
      apiGroups: z.array(z.string()),
      resources: z.array(z.string()),
      verbs: z.array(z.string()),
    }),
  ),
});
const roles = documents('roles.yaml').flatMap((each) => role.safeParse(each).data ?? []);

/** Every right that the roles give, as `group/resource verb`. */
const granted = roles
  .flatMap(({ rules }) => rules)
  .flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => `${group}/${resource} ${verb}`)),
    ),
  );

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
        {
          group: 'work.open-cluster-management.io',
          version: 'v1alpha1',
          plural: 'manifestworkreplicasets',
          kind: 'ManifestWorkReplicaSet',
          namespaced: true,
        },
        { namespace, name: 'train' },
        { metadata: { annotations: { note: 'seen' } } },
      );
      await world.advance(2 * MINUTE, 10_000);
      await plane.stop();
      expect([...rights.needed].filter((right) => !granted.includes(right))).toEqual([]);
      expect(granted.filter((right) => !rights.needed.has(right) && !elsewhere.has(right))).toEqual([]);
      expect(new Set(granted).size).toBe(granted.length);
    } finally {
      await world.stop();
    }
  });

  it('are the rules that doctor asks for, in their order', () => {
    expect(
      ocmRights.map(({ groups, resources, verbs, namespace }) => ({
        role: namespace === undefined ? 'ClusterRole' : 'Role',
        rule: { apiGroups: groups, resources, verbs },
      })),
    ).toEqual(roles.flatMap(({ kind, rules }) => rules.map((rule) => ({ role: kind, rule }))));
  });
});

const rbac = { group: 'rbac.authorization.k8s.io', version: 'v1' };
const types = {
  Namespace: { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false },
  ClusterRole: { ...rbac, kind: 'ClusterRole', plural: 'clusterroles', namespaced: false },
  ClusterRoleBinding: {
    ...rbac,
    kind: 'ClusterRoleBinding',
    plural: 'clusterrolebindings',
    namespaced: false,
  },
  Role: { ...rbac, kind: 'Role', plural: 'roles', namespaced: true },
  RoleBinding: { ...rbac, kind: 'RoleBinding', plural: 'rolebindings', namespaced: true },
};
const document = z.looseObject({
  kind: z.enum(['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding']),
  metadata: z.looseObject({ name: z.string() }),
});

describe('a user with the roles for a hub of Open Cluster Management', () => {
  let hub: Sandbox;
  let admin: KubeApi;
  let user: KubeApi;
  const examine = (): Promise<string[]> => missingRights(user, ocmRights, 'deploy/hub/ocm');

  beforeAll(async () => {
    hub = await startSandbox({ crds: ocmDefinitions, users: ['windvane'] });
    const limits = { writesPerSecond: 100_000, writeBurst: 100_000 };
    admin = connectKube({ kubeconfig: hub.kubeconfig(), limits });
    user = connectKube({ kubeconfig: hub.kubeconfig('windvane'), limits });
    for (const each of [...documents('namespace.yaml'), ...documents('roles.yaml')]) {
      const object = document.parse(each);
      await admin.create(types[object.kind], object);
    }
  });
  afterAll(() => hub.stop());

  it('lacks nothing', async () => {
    expect(await examine()).toEqual([]);
    await expect(user.list(PLACEMENT)).resolves.toMatchObject({ items: [] });
    await expect(user.delete(PLACEMENT, { namespace: 'default', name: 'x' })).rejects.toThrow(
      'cannot delete',
    );
  });

  it.each(
    ocmRights.map(
      (right, index) => [`${right.resources.join(', ')}: ${right.verbs.join(', ')}`, right, index] as const,
    ),
  )('is told when the rule for %s is gone, and of that one alone', async (_, right, index) => {
    const clusterWide = right.namespace === undefined;
    const type = clusterWide ? types.ClusterRole : types.Role;
    const name = {
      name: 'windvane-controller-ocm',
      ...(clusterWide ? {} : { namespace: 'windvane-system' }),
    };
    const whole = await admin.get(type, name);
    const { rules } = z.object({ rules: z.array(z.unknown()) }).parse(whole);
    const first = ocmRights.findIndex(({ namespace }) => (namespace === undefined) === clusterWide);
    await admin.mergePatch(type, name, { rules: rules.filter((__, at) => at !== index - first) });
    try {
      const lines = await examine();
      expect(lines).toHaveLength(1);
      for (const verb of right.verbs) expect(lines[0]).toContain(verb);
      for (const resource of right.resources) expect(lines[0]).toContain(resource);
      expect(lines[0]).toContain('kubectl apply -k deploy/hub/ocm');
    } finally {
      await admin.mergePatch(type, name, { rules });
    }
  });
});
