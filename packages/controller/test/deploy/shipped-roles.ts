import { readFileSync } from 'node:fs';
import { type Sandbox, startSandbox } from '@windvane/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { missingRights } from '../../src/doctor/rights.ts';
import type { KubeApi } from '../../src/kube/api.ts';
import { connectKube } from '../../src/kube/connect.ts';
import type { ResourceType } from '../../src/kube/resource.ts';
import type { Right } from '../../src/planes/shared/right.ts';

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
const document = z.looseObject({
  kind: z.enum(['Namespace', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding']),
  metadata: z.looseObject({ name: z.string() }),
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

/** The roles in `deploy/hub` for the API server of one plane. */
export interface ShippedRoles {
  /** Every right that they give, as `group/resource verb`. */
  readonly granted: readonly string[];
  readonly rules: readonly { readonly role: string; readonly rule: unknown }[];
  readonly objects: readonly z.infer<typeof document>[];
}

export function shippedRoles(plane: 'karmada' | 'ocm'): ShippedRoles {
  const folder = new URL(`../../../../deploy/hub/${plane}/`, import.meta.url);
  const read = (file: string): unknown[] =>
    parseAllDocuments(readFileSync(new URL(file, folder), 'utf8')).map((each): unknown => each.toJS());
  const roles = read('roles.yaml').flatMap((each) => role.safeParse(each).data ?? []);
  return {
    granted: roles.flatMap(({ rules }) =>
      rules.flatMap(({ apiGroups, resources, verbs }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) => verbs.map((verb) => `${group}/${resource} ${verb}`)),
        ),
      ),
    ),
    rules: roles.flatMap(({ kind, rules }) => rules.map((rule) => ({ role: kind, rule }))),
    objects: [...read('namespace.yaml'), ...read('roles.yaml')].map((each) => document.parse(each)),
  };
}

/** Makes them on a server that enforces them. */
export async function grant(admin: KubeApi, { objects }: ShippedRoles): Promise<void> {
  for (const object of objects) await admin.create(types[object.kind], object);
}

/** That they give what was needed and nothing else, but for what the scenario did not come to. */
export function expectToCover(
  { granted }: ShippedRoles,
  needed: ReadonlySet<string>,
  elsewhere: ReadonlySet<string>,
): void {
  expect([...needed].filter((right) => !granted.includes(right))).toEqual([]);
  expect(granted.filter((right) => !needed.has(right) && !elsewhere.has(right))).toEqual([]);
  expect(new Set(granted).size).toBe(granted.length);
}

/** What doctor says to a user with the roles, and with each rule of them gone, on a server that enforces them. */
export function describeDoctor(subject: {
  readonly plane: 'karmada' | 'ocm';
  readonly roleName: string;
  readonly rights: readonly Right[];
  readonly definitions: readonly string[];
  readonly mayList: ResourceType;
  readonly mayNotDelete: ResourceType;
}): void {
  const { plane, roleName, rights, mayList, mayNotDelete } = subject;
  const shipped = shippedRoles(plane);
  const manifest = `deploy/hub/${plane}`;

  describe(`a user with the roles of ${manifest}, on a server that enforces them`, () => {
    let hub: Sandbox;
    let admin: KubeApi;
    let user: KubeApi;
    const examine = (): Promise<string[]> => missingRights(user, rights, manifest);

    beforeAll(async () => {
      hub = await startSandbox({ crds: subject.definitions, users: ['windvane'] });
      const limits = { writesPerSecond: 100_000, writeBurst: 100_000 };
      admin = connectKube({ kubeconfig: hub.kubeconfig(), limits });
      user = connectKube({ kubeconfig: hub.kubeconfig('windvane'), limits });
    });
    afterAll(() => hub.stop());

    it('is asked about the rules, in their order', () => {
      expect(
        rights.map(({ groups, resources, verbs, namespace }) => ({
          role: namespace === undefined ? 'ClusterRole' : 'Role',
          rule: { apiGroups: groups, resources, verbs },
        })),
      ).toEqual(shipped.rules);
    });

    it('lacks everything without them', async () => {
      expect(await examine()).toHaveLength(rights.length);
      await expect(user.list(mayList)).rejects.toThrow('cannot list');
    });

    it('lacks nothing with them', async () => {
      await grant(admin, shipped);
      expect(await examine()).toEqual([]);
      await expect(user.list(mayList)).resolves.toMatchObject({ items: [] });
      await expect(user.delete(mayNotDelete, { namespace: 'default', name: 'x' })).rejects.toThrow(
        'cannot delete',
      );
    });

    it.each(
      rights.map(
        (right, index) => [`${right.resources.join(', ')}: ${right.verbs.join(', ')}`, right, index] as const,
      ),
    )('is told when the rule for %s is gone, and of that one alone', async (_, right, index) => {
      const clusterWide = right.namespace === undefined;
      const type = clusterWide ? types.ClusterRole : types.Role;
      const name = { name: roleName, ...(clusterWide ? {} : { namespace: 'windvane-system' }) };
      const { rules } = z.object({ rules: z.array(z.unknown()) }).parse(await admin.get(type, name));
      const first = rights.findIndex(({ namespace }) => (namespace === undefined) === clusterWide);
      await admin.mergePatch(type, name, { rules: rules.filter((__, at) => at !== index - first) });
      try {
        const lines = await examine();
        expect(lines).toHaveLength(1);
        for (const verb of right.verbs) expect(lines[0]).toContain(verb);
        for (const resource of right.resources) expect(lines[0]).toContain(resource);
        expect(lines[0]).toContain(right.purpose);
        expect(lines[0]).toContain(`kubectl apply -k ${manifest}`);
      } finally {
        await admin.mergePatch(type, name, { rules });
      }
    });
  });
}
