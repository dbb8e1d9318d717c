import { beforeAll, describe, expect, it } from 'vitest';
import type { Connected } from '../behaviour.test.ts';
import { type Client, type Json, MERGE_PATCH } from '../client.ts';
import { makePlace, type Place } from './fixtures.ts';

/** Waits until `path` answers 404, by watching rather than by sleeping. */
async function gone(api: Client, collection: string, name: string): Promise<void> {
  const watcher = api.watch(`${collection}?watch=true&fieldSelector=metadata.name%3D${name}`);
  await watcher.status;
  for (;;) {
    if ((await api.get(`${collection}/${name}`)).status === 404) break;
    await watcher.next();
  }
  watcher.close();
}

const ownedBy = (owner: Json, more: object = {}): object => ({
  ownerReferences: [
    {
      apiVersion: owner.apiVersion,
      kind: owner.kind,
      name: owner.metadata.name,
      uid: owner.metadata.uid,
      ...more,
    },
  ],
});

/** What kube-controller-manager does on a real cluster: the sandbox does it itself, an API server alone does not. */
export function describeControllers(connected: Connected): void {
  describe('garbage collection and namespace deletion (sandbox only)', () => {
    let place: Place;
    beforeAll(async () => {
      place = await makePlace(connected());
    });

    it('deletes dependents after their owner, through several generations', async () => {
      const api = connected();
      const owner = await api.post(place.widgets, place.widget('owner'));
      const child = await api.post(place.configMaps, place.configMap('child', {}, ownedBy(owner.body)));
      await api.post(place.configMaps, place.configMap('grandchild', {}, ownedBy(child.body)));
      await api.post(place.configMaps, place.configMap('stranger'));
      await api.delete(`${place.widgets}/owner`);
      await gone(api, place.configMaps, 'child');
      await gone(api, place.configMaps, 'grandchild');
      expect((await api.get(`${place.configMaps}/stranger`)).status).toBe(200);
    });

    it('keeps a dependent as long as one owner lives', async () => {
      const api = connected();
      const one = await api.post(place.widgets, place.widget('one'));
      const two = await api.post(place.widgets, place.widget('two'));
      const owners = [one.body, two.body].flatMap((owner) => Object.values(ownedBy(owner))[0]);
      await api.post(place.configMaps, place.configMap('shared', {}, { ownerReferences: owners }));
      await api.delete(`${place.widgets}/one`);
      const watcher = api.watch(`${place.configMaps}?watch=true&fieldSelector=metadata.name%3Dshared`);
      let left: Json = (await watcher.next())?.object;
      while (left.metadata.ownerReferences.length > 1) left = (await watcher.next())?.object;
      watcher.close();
      expect(left.metadata.ownerReferences).toMatchObject([{ name: 'two' }]);
      await api.delete(`${place.widgets}/two`);
      await gone(api, place.configMaps, 'shared');
    });

    it('deletes in the foreground: blocking dependents first', async () => {
      const api = connected();
      const owner = await api.post(place.widgets, place.widget('front'));
      const metadata = {
        ...ownedBy(owner.body, { blockOwnerDeletion: true }),
        finalizers: ['suite.example.com/x'],
      };
      await api.post(place.configMaps, place.configMap('slow', {}, metadata));
      await api.delete(`${place.widgets}/front`, { propagationPolicy: 'Foreground' });
      const watcher = api.watch(`${place.configMaps}?watch=true&fieldSelector=metadata.name%3Dslow`);
      let slow: Json = (await watcher.next())?.object;
      while (slow.metadata.deletionTimestamp === undefined) slow = (await watcher.next())?.object;
      watcher.close();
      const waiting = await api.get(`${place.widgets}/front`);
      expect(waiting.body.metadata.finalizers).toEqual(['foregroundDeletion']);
      await api.patch(`${place.configMaps}/slow`, MERGE_PATCH, { metadata: { finalizers: null } });
      await gone(api, place.widgets, 'front');
    });

    it('orphans dependents', async () => {
      const api = connected();
      const owner = await api.post(place.widgets, place.widget('parent'));
      await api.post(place.configMaps, place.configMap('orphan', {}, ownedBy(owner.body)));
      await api.delete(`${place.widgets}/parent`, { propagationPolicy: 'Orphan' });
      await gone(api, place.widgets, 'parent');
      const orphan = await api.get(`${place.configMaps}/orphan`);
      expect(orphan.status).toBe(200);
      expect(orphan.body.metadata).not.toHaveProperty('ownerReferences');
    });

    it('deletes what names an owner that is not there', async () => {
      const api = connected();
      const absent = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'ghost', uid: 'no-such-uid' } };
      await api.post(place.configMaps, place.configMap('haunted', {}, ownedBy(absent)));
      await gone(api, place.configMaps, 'haunted');
      expect((await api.get(`${place.configMaps}/haunted`)).status).toBe(404);
    });

    it('empties a namespace before it goes, and lets nothing in meanwhile', async () => {
      const api = connected();
      const own = await makePlace(api);
      await api.post(own.configMaps, own.configMap('a'));
      await api.post(own.widgets, own.widget('held', {}, { finalizers: ['suite.example.com/x'] }));
      const { body } = await api.delete(`/api/v1/namespaces/${own.namespace}`);
      expect(body).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' } });
      await gone(api, own.configMaps, 'a');
      const late = await api.post(own.configMaps, own.configMap('late'));
      expect(late.status).toBe(403);
      expect(late.body.details.causes[0].reason).toBe('NamespaceTerminating');
      expect((await api.get(`/api/v1/namespaces/${own.namespace}`)).status).toBe(200);
      await api.patch(`${own.widgets}/held`, MERGE_PATCH, { metadata: { finalizers: null } });
      await gone(api, '/api/v1/namespaces', own.namespace);
    });
  });
}
