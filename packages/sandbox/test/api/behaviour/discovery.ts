import { describe, expect, it } from 'vitest';
import type { Connected } from '../behaviour.test.ts';
import type { Json } from '../client.ts';

const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

export function describeDiscovery(connected: Connected): void {
  describe('discovery', () => {
    it('tells its version and its health', async () => {
      const api = connected();
      const { body } = await api.get('/version');
      expect(body).toMatchObject({
        major: '1',
        minor: expect.stringMatching(/^\d+/),
        platform: expect.any(String),
      });
      for (const path of ['/healthz', '/livez', '/readyz']) {
        const health = await api.get(path, '*/*');
        expect([health.status, health.body]).toEqual([200, 'ok']);
      }
    });

    it('lists groups and versions', async () => {
      const api = connected();
      expect((await api.get('/api')).body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
      const { body } = await api.get('/apis');
      expect(body).toMatchObject({ kind: 'APIGroupList', apiVersion: 'v1' });
      const suite = body.groups.find((group: { name: string }) => group.name === 'suite.example.com');
      expect(suite).toEqual({
        name: 'suite.example.com',
        versions: [
          { groupVersion: 'suite.example.com/v1', version: 'v1' },
          { groupVersion: 'suite.example.com/v1alpha1', version: 'v1alpha1' },
        ],
        preferredVersion: { groupVersion: 'suite.example.com/v1', version: 'v1' },
      });
      const group = await api.get('/apis/suite.example.com');
      expect(group.body).toMatchObject({ kind: 'APIGroup', apiVersion: 'v1', ...suite });
    });

    it('lists the resources of a version', async () => {
      const api = connected();
      const { body } = await api.get('/apis/suite.example.com/v1');
      expect(body).toMatchObject({ kind: 'APIResourceList', groupVersion: 'suite.example.com/v1' });
      const byName = Object.fromEntries(body.resources.map((one: { name: string }) => [one.name, one]));
      expect(byName['widgets']).toMatchObject({
        singularName: 'widget',
        namespaced: true,
        kind: 'Widget',
        shortNames: ['wd'],
      });
      expect(byName['widgets'].verbs.toSorted()).toEqual([
        'create',
        'delete',
        'deletecollection',
        'get',
        'list',
        'patch',
        'update',
        'watch',
      ]);
      expect(byName['widgets/status']).toMatchObject({ kind: 'Widget', verbs: ['get', 'patch', 'update'] });
      expect(byName['widgets/scale']).toMatchObject({ kind: 'Scale', group: 'autoscaling', version: 'v1' });
      expect(byName['gadgets']).toMatchObject({ singularName: 'gadget', namespaced: false });
      expect(byName).not.toHaveProperty('gadgets/status');
    });

    it('lists built-in resources as a real server does', async () => {
      const api = connected();
      const core = await api.get('/api/v1');
      const find = (name: string): Json =>
        core.body.resources.find((one: { name: string }) => one.name === name);
      expect(find('configmaps')).toMatchObject({
        singularName: 'configmap',
        namespaced: true,
        shortNames: ['cm'],
      });
      expect(find('namespaces')).toMatchObject({ namespaced: false, shortNames: ['ns'] });
      expect(find('services').categories).toEqual(['all']);
      const apps = await api.get('/apis/apps/v1');
      const deployments = apps.body.resources.find((one: { name: string }) => one.name === 'deployments');
      expect(deployments).toMatchObject({ kind: 'Deployment', shortNames: ['deploy'], categories: ['all'] });
    });

    it('gives everything in one document to those who ask', async () => {
      const { body, contentType } = await connected().get('/apis', AGGREGATED);
      expect(contentType).toMatch(/g=apidiscovery\.k8s\.io/);
      expect(body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
      const group = body.items.find(
        (one: { metadata: { name: string } }) => one.metadata.name === 'suite.example.com',
      );
      const widgets = group.versions[0].resources.find(
        (one: { resource: string }) => one.resource === 'widgets',
      );
      expect(group.versions[0].freshness).toBe('Current');
      expect(widgets).toMatchObject({
        responseKind: { group: 'suite.example.com', version: 'v1', kind: 'Widget' },
        scope: 'Namespaced',
        singularResource: 'widget',
      });
      expect(widgets.subresources.map((one: { subresource: string }) => one.subresource).toSorted()).toEqual([
        'scale',
        'status',
      ]);
      const core = await connected().get('/api', AGGREGATED);
      expect(core.body.items[0].versions[0].version).toBe('v1');
    });

    it('describes its objects in OpenAPI v3', async () => {
      const api = connected();
      const place = 'apis/suite.example.com/v1';
      let paths = (await api.get('/openapi/v3')).body.paths;
      // A real server publishes a new definition's document a while after it serves the resource.
      while (paths[place] === undefined) paths = (await api.get('/openapi/v3')).body.paths;
      const { serverRelativeURL } = paths[place];
      expect(serverRelativeURL).toMatch(/^\/openapi\/v3\/apis\/suite\.example\.com\/v1\?hash=/);
      const document = (await api.get(serverRelativeURL)).body;
      const schemas: Json[] = Object.values(document.components.schemas);
      const gvk = { group: 'suite.example.com', version: 'v1', kind: 'Widget' };
      const widget = schemas.find((schema) =>
        schema['x-kubernetes-group-version-kind']?.some(
          (one: Json) => one.group === gvk.group && one.version === gvk.version && one.kind === gvk.kind,
        ),
      );
      expect(widget.properties.spec.properties.colour.type).toBe('string');
      expect(widget.properties.spec.required).toEqual(['colour']);
      const path = document.paths['/apis/suite.example.com/v1/namespaces/{namespace}/widgets/{name}'];
      expect(path.patch['x-kubernetes-group-version-kind']).toEqual(gvk);
      const names = path.patch.parameters.map((parameter: { name: string }) => parameter.name);
      expect(names).toEqual(expect.arrayContaining(['dryRun', 'fieldManager', 'fieldValidation', 'force']));
    });

    it('says yes to whoever asks whether they may', async () => {
      const review = {
        spec: { resourceAttributes: { verb: 'get', resource: 'pods', namespace: 'default' } },
      };
      const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
      const { status, body } = await connected().post(path, review);
      expect(status).toBe(201);
      expect(body).toMatchObject({ kind: 'SelfSubjectAccessReview', status: { allowed: true } });
    });
  });
}
