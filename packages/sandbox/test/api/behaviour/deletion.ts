import { beforeAll, describe, expect, it } from 'vitest';
import type { Connected } from '../behaviour.test.ts';
import { MERGE_PATCH } from '../client.ts';
import { makePlace, type Place } from './fixtures.ts';

export function describeDeletion(connected: Connected): void {
  describe('DELETE', () => {
    let place: Place;
    beforeAll(async () => {
      place = await makePlace(connected());
    });

    it('removes an object and says which it was', async () => {
      const api = connected();
      const made = await api.post(place.widgets, place.widget('gone'));
      const { status, body } = await api.delete(`${place.widgets}/gone`);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Success',
        details: { name: 'gone', group: 'suite.example.com', kind: 'widgets', uid: made.body.metadata.uid },
      });
      expect((await api.get(`${place.widgets}/gone`)).status).toBe(404);
      expect((await api.delete(`${place.widgets}/gone`)).status).toBe(404);
    });

    it('waits for finalizers', async () => {
      const api = connected();
      const held = place.widget('held', {}, { finalizers: ['suite.example.com/hold'] });
      await api.post(place.widgets, held);
      const path = `${place.widgets}/held`;
      const { body } = await api.delete(path);
      expect(body).toMatchObject({
        kind: 'Widget',
        metadata: { deletionGracePeriodSeconds: 0, generation: 2 },
      });
      expect(body.metadata.deletionTimestamp).toMatch(/Z$/);
      const again = await api.delete(path);
      expect(again.status).toBe(200);
      expect(again.body.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
      const more = await api.patch(path, MERGE_PATCH, {
        metadata: { finalizers: ['suite.example.com/more'] },
      });
      expect(more.status).toBe(422);
      expect(more.body.details.causes[0]).toMatchObject({
        reason: 'FieldValueForbidden',
        field: 'metadata.finalizers',
      });
      const changed = await api.patch(path, MERGE_PATCH, { spec: { colour: 'blue' } });
      expect(changed.status).toBe(200);
      const released = await api.patch(path, MERGE_PATCH, { metadata: { finalizers: null } });
      expect(released.status).toBe(200);
      expect((await api.get(path)).status).toBe(404);
    });

    it('obeys preconditions', async () => {
      const api = connected();
      const { body } = await api.post(place.widgets, place.widget('guarded'));
      const path = `${place.widgets}/guarded`;
      const uid = await api.delete(path, { preconditions: { uid: 'another' } });
      expect(uid.status).toBe(409);
      expect(uid.body.message).toContain('the UID in the precondition (another) does not match');
      expect(uid.body.details).toEqual({ name: 'guarded', group: 'suite.example.com', kind: 'Widget' });
      const version = await api.delete(path, { preconditions: { resourceVersion: '1' } });
      expect(version.status).toBe(409);
      const { metadata } = body;
      const right = { preconditions: { uid: metadata.uid, resourceVersion: metadata.resourceVersion } };
      expect((await api.delete(path, right)).status).toBe(200);
    });

    it('marks the policy of propagation by finalizers', async () => {
      const api = connected();
      for (const [policy, finalizer] of [
        ['Orphan', 'orphan'],
        ['Foreground', 'foregroundDeletion'],
      ]) {
        const name = `kept-${policy?.toLowerCase()}`;
        const widget = place.widget(name, {}, { finalizers: ['suite.example.com/hold'] });
        await api.post(place.widgets, widget);
        const { body } = await api.delete(`${place.widgets}/${name}`, { propagationPolicy: policy });
        expect(body.metadata.finalizers).toEqual(['suite.example.com/hold', finalizer]);
      }
    });

    it('deletes a collection by selector', async () => {
      const api = connected();
      const own = await makePlace(api);
      for (const [name, colour] of [
        ['a', 'x'],
        ['b', 'y'],
        ['c', 'x'],
      ]) {
        await api.post(own.configMaps, own.configMap(name ?? '', {}, { labels: { colour } }));
      }
      const { status } = await api.delete(`${own.configMaps}?labelSelector=colour%3Dx`);
      expect(status).toBe(200);
      const rest = await api.get(own.configMaps);
      expect(rest.body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual([
        'b',
      ]);
    });
  });
}
