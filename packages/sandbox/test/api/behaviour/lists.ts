import { beforeAll, describe, expect, it } from 'vitest';
import type { Connected } from '../behaviour.test.ts';
import type { Answer } from '../client.ts';
import { makePlace, type Place, WIDGET_ROOT } from './fixtures.ts';

const names = ({ body }: Answer): string[] =>
  body.items.map((item: { metadata: { name: string } }) => item.metadata.name);

export function describeLists(connected: Connected): void {
  describe('lists', () => {
    let place: Place;
    beforeAll(async () => {
      const api = connected();
      place = await makePlace(api);
      const colours = ['red', 'green', 'blue', 'red', 'green'];
      for (const [index, colour] of colours.entries()) {
        const labels = index === 4 ? {} : { tier: index < 2 ? 'front' : 'back', index: String(index) };
        await api.post(place.widgets, place.widget(`w${index}`, { colour }, { labels }));
      }
    });
    const select = (labels: string): Promise<Answer> =>
      connected().get(`${place.widgets}?labelSelector=${encodeURIComponent(labels)}`);
    const where = (fields: string): Promise<Answer> =>
      connected().get(`${place.widgets}?fieldSelector=${encodeURIComponent(fields)}`);

    it('answers a list with its kind and version', async () => {
      const { status, body } = await connected().get(place.widgets);
      expect(status).toBe(200);
      expect(body).toMatchObject({ kind: 'WidgetList', apiVersion: 'suite.example.com/v1' });
      expect(Number(body.metadata.resourceVersion)).toBeGreaterThan(0);
      expect(body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual([
        'w0',
        'w1',
        'w2',
        'w3',
        'w4',
      ]);
      expect(body.items[0]).toMatchObject({ kind: 'Widget', apiVersion: 'suite.example.com/v1' });
    });

    it('lists over all namespaces', async () => {
      const { body } = await connected().get(`${WIDGET_ROOT}/widgets?labelSelector=index`);
      expect(body.items).toHaveLength(4);
    });

    it('selects by labels', async () => {
      expect(names(await select('tier=front'))).toEqual(['w0', 'w1']);
      expect(names(await select('tier==front,index!=0'))).toEqual(['w1']);
      expect(names(await select('tier!=front'))).toEqual(['w2', 'w3', 'w4']);
      expect(names(await select('index in (0, 3)'))).toEqual(['w0', 'w3']);
      expect(names(await select('index notin (0,3)'))).toEqual(['w1', 'w2', 'w4']);
      expect(names(await select('tier'))).toEqual(['w0', 'w1', 'w2', 'w3']);
      expect(names(await select('!tier'))).toEqual(['w4']);
      expect(names(await select('index>1'))).toEqual(['w2', 'w3']);
      expect((await select('a in (b')).status).toBe(400);
      expect((await select('a==b==c')).status).toBe(400);
    });

    it('selects by fields', async () => {
      expect(names(await where('metadata.name=w2'))).toEqual(['w2']);
      expect(names(await where('metadata.name!=w2,metadata.namespace=none'))).toEqual([]);
      expect(names(await where('spec.colour=green'))).toEqual(['w1', 'w4']);
      expect(names(await where('spec.colour!=green,metadata.name=w0'))).toEqual(['w0']);
      const unknown = await where('spec.note=x');
      expect(unknown.status).toBe(400);
      expect(unknown.body.message).toContain('field label not supported: spec.note');
    });

    it('selects events by what they are about', async () => {
      const api = connected();
      const events = `/api/v1/namespaces/${place.namespace}/events`;
      for (const name of ['one', 'two']) {
        const involvedObject = { kind: 'Widget', namespace: place.namespace, name };
        await api.post(events, { metadata: { name }, involvedObject, reason: 'R', type: 'Normal' });
      }
      const fields = 'involvedObject.kind=Widget,involvedObject.name=two';
      expect(names(await api.get(`${events}?fieldSelector=${encodeURIComponent(fields)}`))).toEqual(['two']);
    });

    it('gives pages that show one version', async () => {
      const api = connected();
      const own = await makePlace(api);
      for (const name of ['a', 'b', 'c', 'd', 'e']) await api.post(own.configMaps, own.configMap(name));
      const first = await api.get(`${own.configMaps}?limit=2`);
      expect(names(first)).toEqual(['a', 'b']);
      expect(first.body.metadata.remainingItemCount).toBe(3);
      await api.delete(`${own.configMaps}/d`);
      await api.post(own.configMaps, own.configMap('bb'));
      const token = encodeURIComponent(first.body.metadata.continue);
      const second = await api.get(`${own.configMaps}?limit=2&continue=${token}`);
      expect(names(second)).toEqual(['c', 'd']);
      expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
      const last = await api.get(
        `${own.configMaps}?limit=2&continue=${encodeURIComponent(second.body.metadata.continue)}`,
      );
      expect(names(last)).toEqual(['e']);
      expect(last.body.metadata).not.toHaveProperty('continue');
      expect(names(await api.get(own.configMaps))).toEqual(['a', 'b', 'bb', 'c', 'e']);
    });

    it('pages through what a selector leaves', async () => {
      const api = connected();
      const first = await api.get(`${place.widgets}?limit=1&labelSelector=tier%3Dback`);
      expect(names(first)).toEqual(['w2']);
      expect(first.body.metadata).not.toHaveProperty('remainingItemCount');
      const token = encodeURIComponent(first.body.metadata.continue);
      const second = await api.get(`${place.widgets}?limit=1&labelSelector=tier%3Dback&continue=${token}`);
      expect(names(second)).toEqual(['w3']);
    });

    it('refuses a continue token that is none', async () => {
      const answer = await connected().get(`${place.widgets}?limit=1&continue=nonsense`);
      expect(answer.status).toBe(400);
    });

    it('shows a version exactly when asked to, and refuses one of the future', async () => {
      const api = connected();
      const own = await makePlace(api);
      const made = await api.post(own.configMaps, own.configMap('a'));
      await api.post(own.configMaps, own.configMap('b'));
      const version = made.body.metadata.resourceVersion;
      const exact = await api.get(`${own.configMaps}?resourceVersion=${version}&resourceVersionMatch=Exact`);
      expect(names(exact)).toEqual(['a']);
      expect(exact.body.metadata.resourceVersion).toBe(version);
      const later = await api.get(
        `${own.configMaps}?resourceVersion=${version}&resourceVersionMatch=NotOlderThan`,
      );
      expect(names(later)).toEqual(['a', 'b']);
      expect(names(await api.get(`${own.configMaps}?resourceVersion=0`))).toContain('a');
      const bad = await api.get(`${own.configMaps}?resourceVersion=abc`);
      expect(bad.status).toBe(400);
    });

    it('answers 504 for a version of the future', async () => {
      const { status, body } = await connected().get(`${place.configMaps}?resourceVersion=99999999`);
      expect(status).toBe(504);
      expect(body.reason).toBe('Timeout');
      expect(body.details.causes[0].reason).toBe('ResourceVersionTooLarge');
    }, 30_000);

    it('lists metadata alone', async () => {
      const accept = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';
      const { body } = await connected().get(place.widgets, accept);
      expect(body.kind).toBe('PartialObjectMetadataList');
      expect(body.items[0]).toMatchObject({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' });
      expect(body.items[0]).not.toHaveProperty('spec');
    });
  });
}
