import { beforeAll, describe, expect, it } from 'vitest';
import type { Connected } from '../behaviour.test.ts';
import { type Json, MERGE_PATCH, TABLE, type Watcher } from '../client.ts';
import { makePlace, type Place } from './fixtures.ts';

const brief = (events: readonly { type: string; object: Json }[]): string[] =>
  events.map(({ type, object }) => `${type} ${object.metadata?.name ?? object.reason}`);

export function describeWatches(connected: Connected): void {
  describe('watches', () => {
    let place: Place;
    const version = async (): Promise<string> =>
      (await connected().get(place.widgets)).body.metadata.resourceVersion;
    const collect = async (watcher: Watcher, count: number): Promise<string[]> => {
      const events = await watcher.take(count);
      watcher.close();
      return brief(events);
    };
    beforeAll(async () => {
      place = await makePlace(connected());
    });

    it('tells every change after a version, in order', async () => {
      const api = connected();
      const from = await version();
      const watcher = api.watch(`${place.widgets}?watch=true&resourceVersion=${from}`);
      expect(await watcher.status).toBe(200);
      await api.post(place.widgets, place.widget('a'));
      await api.patch(`${place.widgets}/a`, MERGE_PATCH, { spec: { replicas: 2 } });
      await api.delete(`${place.widgets}/a`);
      const events = await watcher.take(3);
      watcher.close();
      expect(brief(events)).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a']);
      const versions = events.map(({ object }) => Number(object.metadata.resourceVersion));
      expect(versions).toEqual([...versions].sort((x, y) => x - y));
      expect(new Set(versions).size).toBe(3);
      expect(events[2]?.object.spec.replicas).toBe(2);
    });

    it('tells what happened between the list and the watch', async () => {
      const api = connected();
      const from = await version();
      await api.post(place.widgets, place.widget('between'));
      const watcher = api.watch(`${place.widgets}?watch=1&resourceVersion=${from}`);
      expect(await collect(watcher, 1)).toEqual(['ADDED between']);
    });

    it('begins with everything that exists when no version is given', async () => {
      const api = connected();
      const own = await makePlace(api);
      await api.post(own.widgets, own.widget('one'));
      await api.post(own.widgets, own.widget('two'));
      const watcher = api.watch(`${own.widgets}?watch=true`);
      const events = brief(await watcher.take(2));
      expect(events.toSorted()).toEqual(['ADDED one', 'ADDED two']);
      await api.delete(`${own.widgets}/one`);
      expect(await collect(watcher, 1)).toEqual(['DELETED one']);
    });

    it('sends initial events and marks their end, as WatchList asks', async () => {
      const api = connected();
      const own = await makePlace(api);
      await api.post(own.widgets, own.widget('one'));
      const query =
        'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true';
      const watcher = api.watch(`${own.widgets}?${query}`);
      const [first, mark] = await watcher.take(2);
      expect(first?.type).toBe('ADDED');
      expect(mark?.type).toBe('BOOKMARK');
      expect(mark?.object).toMatchObject({ kind: 'Widget', apiVersion: 'suite.example.com/v1' });
      expect(mark?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
      expect(Number(mark?.object.metadata.resourceVersion)).toBeGreaterThanOrEqual(
        Number(first?.object.metadata.resourceVersion),
      );
      await api.post(own.widgets, own.widget('two'));
      expect(await collect(watcher, 1)).toEqual(['ADDED two']);
      const bad = api.watch(`${own.widgets}?watch=true&sendInitialEvents=true`);
      expect(await bad.status).toBe(422);
      bad.close();
    });

    it('shows objects entering and leaving a selection', async () => {
      const api = connected();
      const from = await version();
      const watcher = api.watch(`${place.widgets}?watch=true&resourceVersion=${from}&labelSelector=in%3Dyes`);
      await api.post(place.widgets, place.widget('moving'));
      const path = `${place.widgets}/moving`;
      await api.patch(path, MERGE_PATCH, { metadata: { labels: { in: 'yes' } } });
      await api.patch(path, MERGE_PATCH, { spec: { replicas: 2 } });
      const left = await api.patch(path, MERGE_PATCH, { metadata: { labels: { in: null } } });
      await api.delete(path);
      await api.post(place.widgets, place.widget('last', {}, { labels: { in: 'yes' } }));
      const events = await watcher.take(4);
      watcher.close();
      expect(brief(events)).toEqual(['ADDED moving', 'MODIFIED moving', 'DELETED moving', 'ADDED last']);
      expect(events[2]?.object.metadata.labels).toEqual({ in: 'yes' });
      expect(events[2]?.object.metadata.resourceVersion).toBe(left.body.metadata.resourceVersion);
    });

    it('watches one object by name', async () => {
      const api = connected();
      const from = await version();
      const query = `watch=true&resourceVersion=${from}&fieldSelector=metadata.name%3Dseen`;
      const watcher = api.watch(`${place.widgets}?${query}`);
      await api.post(place.widgets, place.widget('unseen'));
      await api.post(place.widgets, place.widget('seen'));
      expect(await collect(watcher, 1)).toEqual(['ADDED seen']);
    });

    it('ends after timeoutSeconds, with a bookmark for those who want one', async () => {
      const api = connected();
      const from = await version();
      const watcher = api.watch(`${place.widgets}?watch=true&resourceVersion=${from}&timeoutSeconds=1`);
      expect(await watcher.next()).toBeUndefined();
    });

    it('shows only the changes of its namespace', async () => {
      const api = connected();
      const other = await makePlace(api);
      const watcher = api.watch(`${place.widgets}?watch=true&resourceVersion=${await version()}`);
      await watcher.status;
      await api.post(other.widgets, other.widget('elsewhere'));
      await api.post(place.widgets, place.widget('here'));
      expect(await collect(watcher, 1)).toEqual(['ADDED here']);
    });

    it('does not tell of writes that change nothing', async () => {
      const api = connected();
      await api.post(place.widgets, place.widget('still'));
      const watcher = api.watch(`${place.widgets}?watch=true&resourceVersion=${await version()}`);
      await api.patch(`${place.widgets}/still`, MERGE_PATCH, { spec: { colour: 'red' } });
      await api.patch(`${place.widgets}/still`, MERGE_PATCH, { spec: { colour: 'blue' } });
      const [event] = await watcher.take(1);
      watcher.close();
      expect(event?.object.spec.colour).toBe('blue');
    });

    it('refuses a version that is none', async () => {
      const watcher = connected().watch(`${place.widgets}?watch=true&resourceVersion=abc`);
      expect(await watcher.status).toBe(500);
      watcher.close();
    });

    it('watches as tables, columns once', async () => {
      const api = connected();
      const own = await makePlace(api);
      await api.post(own.widgets, own.widget('one'));
      await api.post(own.widgets, own.widget('two'));
      const { body } = await api.send('GET', `${own.widgets}?watch=true&timeoutSeconds=1`, undefined, {
        accept: TABLE,
      });
      const lines = String(body).trim().split('\n');
      const [first, second] = lines.map((line) => JSON.parse(line).object);
      expect(first.kind).toBe('Table');
      expect(first.columnDefinitions[0].name).toBe('Name');
      expect(first.rows).toHaveLength(1);
      expect(second.columnDefinitions ?? []).toEqual([]);
      expect(second.rows).toHaveLength(1);
    });
  });
}
