import { readFileSync } from 'node:fs';
import { createLocationResolver, MINUTE } from '@windvane/carbon-map';
import { karmadaDefinitions, type Sandbox, startSandbox } from '@windvane/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { createElection } from '../../src/app/election.ts';
import { missingRights } from '../../src/doctor/rights.ts';
import { decide } from '../../src/engine/decide.ts';
import type { KubeApi } from '../../src/kube/api.ts';
import { connectKube } from '../../src/kube/connect.ts';
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

const folder = new URL('../../../../deploy/hub/karmada/', import.meta.url);
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

/** Every right that the roles give, as `group/resource verb`. */
const granted = documents('roles.yaml').flatMap((each) => {
  const read = role.safeParse(each);
  return (read.data?.rules ?? []).flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((resource) => verbs.map((verb) => `${group}/${resource} ${verb}`)),
    ),
  );
});

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

    expect([...rights.needed].filter((right) => !granted.includes(right))).toEqual([]);
    expect(granted.filter((right) => !rights.needed.has(right) && !elsewhere.has(right))).toEqual([]);
    expect(new Set(granted).size).toBe(granted.length);
  }, 60_000);

  it('are the rules that doctor asks for, in their order', () => {
    expect(
      karmadaRights.map(({ groups, resources, verbs, namespace }) => ({
        role: namespace === undefined ? 'ClusterRole' : 'Role',
        rule: { apiGroups: groups, resources, verbs },
      })),
    ).toEqual(
      documents('roles.yaml').flatMap((each) => {
        const read = role.safeParse(each).data;
        return (read?.rules ?? []).map((rule) => ({ role: read?.kind, rule }));
      }),
    );
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

async function applyRoles(api: KubeApi): Promise<void> {
  for (const each of [...documents('namespace.yaml'), ...documents('roles.yaml')]) {
    const object = document.parse(each);
    await api.create(types[object.kind], object);
  }
}

describe('a user with the shipped roles, on a server that enforces them', () => {
  let hub: Sandbox;
  let admin: KubeApi;
  let user: KubeApi;
  const examine = (): Promise<string[]> => missingRights(user, karmadaRights, 'deploy/hub/karmada');

  beforeAll(async () => {
    hub = await startSandbox({ crds: karmadaDefinitions, users: ['windvane'] });
    const limits = { writesPerSecond: 100_000, writeBurst: 100_000 };
    admin = connectKube({ kubeconfig: hub.kubeconfig(), limits });
    user = connectKube({ kubeconfig: hub.kubeconfig('windvane'), limits });
  });
  afterAll(() => hub.stop());

  it('lacks everything without them', async () => {
    expect(await examine()).toHaveLength(karmadaRights.length);
    await expect(user.list(CLUSTER_PROPAGATION_POLICY)).rejects.toThrow('cannot list');
  });

  it('lacks nothing with them', async () => {
    await applyRoles(admin);
    expect(await examine()).toEqual([]);
    await expect(user.list(CLUSTER_PROPAGATION_POLICY)).resolves.toMatchObject({ items: [] });
    await expect(user.delete(DEPLOYMENT, { namespace: 'default', name: 'x' })).rejects.toThrow(
      'cannot delete',
    );
  });

  it.each(
    karmadaRights.map(
      (right, index) => [`${right.resources.join(', ')}: ${right.verbs.join(', ')}`, right, index] as const,
    ),
  )('is told when the rule for %s is gone, and of that one alone', async (_, right, index) => {
    const clusterWide = right.namespace === undefined;
    const type = clusterWide ? types.ClusterRole : types.Role;
    const name = { name: 'windvane-controller', ...(clusterWide ? {} : { namespace: 'windvane-system' }) };
    const whole = await admin.get(type, name);
    const rules = z.object({ rules: z.array(z.unknown()) }).parse(whole).rules;
    const first = karmadaRights.findIndex(({ namespace }) => (namespace === undefined) === clusterWide);
    const without = rules.filter((__, at) => at !== index - first);
    await admin.mergePatch(type, name, { rules: without });
    try {
      const lines = await examine();
      expect(lines).toHaveLength(1);
      for (const verb of right.verbs) expect(lines[0]).toContain(verb);
      for (const resource of right.resources) expect(lines[0]).toContain(resource);
      expect(lines[0]).toContain(right.purpose);
      expect(lines[0]).toContain('kubectl apply -k deploy/hub/karmada');
    } finally {
      await admin.mergePatch(type, name, { rules });
    }
  });
});
