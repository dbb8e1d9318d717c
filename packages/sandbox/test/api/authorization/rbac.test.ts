import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isObject } from '../../../src/api/object.ts';
import { type Sandbox, startSandbox } from '../../../src/index.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const ACCOUNT = 'system:serviceaccount:default:robot';
const tokenIn = (kubeconfig: string): string => /token: (\S+)/.exec(kubeconfig)?.[1] ?? '';

describe('users of the sandbox', () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ users: ['ann', 'bob', ACCOUNT] });
  });
  afterAll(() => sandbox.stop());

  async function send(
    user: string | null,
    method: string,
    path: string,
    body?: unknown,
    type = 'application/json',
  ) {
    const token = user === null ? undefined : tokenIn(sandbox.kubeconfig(user));
    const response = await fetch(sandbox.url + path, {
      method,
      headers: { 'content-type': type, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const read: unknown = JSON.parse((await response.text()).split('\n')[0] ?? '');
    const { message, status } = isObject(read) ? read : {};
    return { code: response.status, message, status };
  }
  const admin = (method: string, path: string, body?: unknown) => send(null, method, path, body);

  async function grant(kind: 'clusterroles' | 'roles', name: string, user: string, rules: readonly object[]) {
    const cluster = kind === 'clusterroles';
    const place = cluster ? RBAC : `${RBAC}/namespaces/default`;
    await admin('POST', `${place}/${kind}`, { metadata: { name }, rules });
    await admin('POST', `${place}/${cluster ? 'clusterrolebindings' : 'rolebindings'}`, {
      metadata: { name },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: cluster ? 'ClusterRole' : 'Role',
        name,
      },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
    });
  }
  const access = async (user: string, resourceAttributes: object) => {
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const { status } = await send(user, 'POST', path, {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    });
    return isObject(status) ? status['allowed'] : undefined;
  };

  it('may do nothing without a role, and are told so in the words of a real server', async () => {
    const answer = await send('bob', 'GET', '/apis/apps/v1/deployments');
    expect(answer.code).toBe(403);
    expect(answer.message).toBe(
      'deployments.apps is forbidden: User "bob" cannot list resource "deployments" in API group "apps" at the cluster scope',
    );
    const one = await send('bob', 'GET', '/api/v1/namespaces/default/configmaps/x');
    expect(one.message).toBe(
      'configmaps "x" is forbidden: User "bob" cannot get resource "configmaps" in API group "" in the namespace "default"',
    );
    expect((await send('bob', 'GET', '/apis')).code).toBe(200);
  });

  it('may be ServiceAccounts, which bindings name by namespace and name', async () => {
    const bind = (name: string, namespace: string) =>
      admin('POST', `${RBAC}/clusterrolebindings`, {
        metadata: { name },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'robots' },
        subjects: [{ kind: 'ServiceAccount', name: 'robot', namespace }],
      });
    const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['list'] }];
    await admin('POST', `${RBAC}/clusterroles`, { metadata: { name: 'robots' }, rules });
    await bind('elsewhere', 'other');
    expect((await send(ACCOUNT, 'GET', '/api/v1/configmaps')).code).toBe(403);
    await bind('here', 'default');
    expect((await send(ACCOUNT, 'GET', '/api/v1/configmaps')).code).toBe(200);
  });

  it('may do what a ClusterRole says, verb by verb and subresource by subresource', async () => {
    await grant('clusterroles', 'reader', 'ann', [
      { apiGroups: ['apps'], resources: ['deployments'], verbs: ['list', 'patch'] },
      { apiGroups: ['apps'], resources: ['deployments/status'], verbs: ['update'] },
    ]);
    expect((await send('ann', 'GET', '/apis/apps/v1/deployments')).code).toBe(200);
    expect((await send('ann', 'GET', '/apis/apps/v1/deployments?watch=true&timeoutSeconds=1')).code).toBe(
      403,
    );
    const path = '/apis/apps/v1/namespaces/default/deployments/web';
    expect((await send('ann', 'PUT', `${path}/status`, {})).code).not.toBe(403);
    expect((await send('ann', 'PUT', path, {})).code).toBe(403);
    expect((await send('ann', 'DELETE', path)).code).toBe(403);
    expect((await send('bob', 'GET', '/apis/apps/v1/deployments')).code).toBe(403);
  });

  it('need the right to create for an apply that makes something', async () => {
    const apply = (user: string) =>
      send(
        user,
        'PATCH',
        '/apis/apps/v1/namespaces/default/deployments/new?fieldManager=ann',
        { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'new' } },
        'application/apply-patch+yaml',
      );
    const refused = await apply('ann');
    expect(refused.code).toBe(403);
    expect(refused.message).toContain('cannot create resource "deployments"');
  });

  it('may do what a Role says in its namespace only, and under the names that it lists', async () => {
    await grant('roles', 'one', 'bob', [
      { apiGroups: [''], resources: ['configmaps'], resourceNames: ['mine'], verbs: ['get'] },
    ]);
    expect((await send('bob', 'GET', '/api/v1/namespaces/default/configmaps/mine')).code).toBe(404);
    expect((await send('bob', 'GET', '/api/v1/namespaces/default/configmaps/other')).code).toBe(403);
    expect((await send('bob', 'GET', '/api/v1/namespaces/kube-system/configmaps/mine')).code).toBe(403);
  });

  it('may ask what they may do', async () => {
    expect(await access('ann', { group: 'apps', resource: 'deployments', verb: 'patch' })).toBe(true);
    expect(await access('ann', { group: 'apps', resource: 'deployments', verb: 'delete' })).toBe(false);
    expect(
      await access('ann', { group: 'apps', resource: 'deployments', subresource: 'status', verb: 'update' }),
    ).toBe(true);
    const one = { group: '', resource: 'configmaps', verb: 'get', name: 'mine' };
    expect(await access('bob', { ...one, namespace: 'default' })).toBe(true);
    expect(await access('bob', one)).toBe(false);
  });

  it('are known by their tokens, and nobody else is', async () => {
    const response = await fetch(`${sandbox.url}/api/v1/namespaces`, {
      headers: { authorization: 'Bearer of-nobody' },
    });
    expect(response.status).toBe(401);
    expect(() => sandbox.kubeconfig('eve')).toThrow('no user eve');
    expect((await admin('GET', '/apis/apps/v1/deployments')).code).toBe(200);
  });
});
