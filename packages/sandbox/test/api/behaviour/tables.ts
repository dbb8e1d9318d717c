import { beforeAll, describe, expect, it } from 'vitest';
import type { Connected } from '../behaviour.test.ts';
import { type Answer, MERGE_PATCH, TABLE } from '../client.ts';
import { makePlace, type Place } from './fixtures.ts';

const headings = ({ body }: Answer): string[] =>
  body.columnDefinitions.map((column: { name: string }) => column.name);

export function describeTables(connected: Connected): void {
  describe('tables', () => {
    let place: Place;
    beforeAll(async () => {
      place = await makePlace(connected());
    });

    it('shows the printer columns of a custom resource', async () => {
      const api = connected();
      await api.post(place.widgets, place.widget('shown', { replicas: 3 }));
      await api.post(place.widgets, place.widget('unready', { colour: 'blue' }));
      const conditions = [
        { type: 'Synced', status: 'False' },
        { type: 'Ready', status: 'True' },
      ];
      await api.patch(`${place.widgets}/shown/status`, MERGE_PATCH, { status: { conditions } });
      const answer = await api.get(place.widgets, TABLE);
      expect(answer.body).toMatchObject({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
      expect(headings(answer)).toEqual(['Name', 'Colour', 'Replicas', 'Ready', 'Since', 'Age']);
      const [shown, unready] = answer.body.rows;
      expect(shown.cells.slice(0, 5)).toEqual(['shown', 'red', 3, 'True', null]);
      expect(shown.cells[5]).toMatch(/^\d+s$/);
      expect(unready.cells.slice(0, 4)).toEqual(['unready', 'blue', 1, null]);
      expect(shown.object).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'shown' } });
      const since = answer.body.columnDefinitions[4];
      expect(since).toMatchObject({ type: 'date', priority: 1 });
    });

    it('embeds the object or nothing when asked to', async () => {
      const api = connected();
      await api.post(place.widgets, place.widget('embedded'));
      const path = `${place.widgets}/embedded`;
      const whole = await api.get(`${path}?includeObject=Object`, TABLE);
      expect(whole.body.rows[0].object.spec.colour).toBe('red');
      const none = await api.get(`${path}?includeObject=None`, TABLE);
      expect(none.body.rows[0].object ?? null).toBeNull();
    });

    it('shows the age alone for a custom resource without columns', async () => {
      const answer = await connected().get('/apis/suite.example.com/v1/gadgets', TABLE);
      expect(headings(answer)).toEqual(['Name', 'Age']);
    });

    it('shows what kubectl users know of built-in kinds', async () => {
      const api = connected();
      await api.post(place.deployments, place.deployment('web', 3));
      const deployments = await api.get(place.deployments, TABLE);
      expect(headings(deployments)).toEqual([
        'Name',
        'Ready',
        'Up-to-date',
        'Available',
        'Age',
        'Containers',
        'Images',
        'Selector',
      ]);
      const row = deployments.body.rows[0].cells;
      expect(row.slice(0, 4)).toEqual(['web', '0/3', 0, 0]);
      expect(row.slice(5)).toEqual(['main', 'registry.example/app:1', 'app=web']);
      await api.post(place.configMaps, place.configMap('two', { a: '1', b: '2' }));
      const maps = await api.get(`${place.configMaps}/two`, TABLE);
      expect(maps.body.rows[0].cells.slice(0, 2)).toEqual(['two', 2]);
      const namespaces = await api.get('/api/v1/namespaces/default', TABLE);
      expect(namespaces.body.rows[0].cells.slice(0, 2)).toEqual(['default', 'Active']);
    });

    it('has the headings of a real server for every built-in kind', async () => {
      const api = connected();
      const found: Record<string, string> = {};
      for (const path of Object.keys(HEADINGS))
        found[path] = headings(await api.get(path, TABLE)).join(' | ');
      expect(found).toEqual(HEADINGS);
    });
  });
}

const HEADINGS: Readonly<Record<string, string>> = {
  '/api/v1/secrets': 'Name | Type | Data | Age',
  '/api/v1/services': 'Name | Type | Cluster-IP | External-IP | Port(s) | Age | Selector',
  '/api/v1/serviceaccounts': 'Name | Age',
  '/api/v1/events':
    'Last Seen | Type | Reason | Object | Subobject | Source | Message | First Seen | Count | Name',
  '/api/v1/pods': 'Name | Ready | Status | Restarts | Age | IP | Node | Nominated Node | Readiness Gates',
  '/apis/apps/v1/statefulsets': 'Name | Ready | Age | Containers | Images',
  '/apis/apps/v1/replicasets': 'Name | Desired | Current | Ready | Age | Containers | Images | Selector',
  '/apis/apps/v1/daemonsets':
    'Name | Desired | Current | Ready | Up-to-date | Available | Node Selector | Age | Containers | Images | Selector',
  '/apis/batch/v1/jobs': 'Name | Status | Completions | Duration | Age | Containers | Images | Selector',
  '/apis/batch/v1/cronjobs':
    'Name | Schedule | Timezone | Suspend | Active | Last Schedule | Age | Containers | Images | Selector',
  '/apis/autoscaling/v2/horizontalpodautoscalers':
    'Name | Reference | Targets | MinPods | MaxPods | Replicas | Age',
  '/apis/networking.k8s.io/v1/ingresses': 'Name | Class | Hosts | Address | Ports | Age',
  '/apis/rbac.authorization.k8s.io/v1/roles': 'Name | Created At',
  '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings':
    'Name | Role | Age | Users | Groups | ServiceAccounts',
  '/apis/coordination.k8s.io/v1/leases': 'Name | Holder | Age',
  '/apis/apiextensions.k8s.io/v1/customresourcedefinitions': 'Name | Created At',
};
