import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/api/object.ts';
import { objectKey, Store } from '../../../src/api/storage/store.ts';

const object = (name: string, value = 0): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  value,
});

const names = (objects: readonly KubeObject[] | undefined): string[] | undefined =>
  objects?.map(({ metadata }) => metadata.name);

describe('the store', () => {
  it('gives every change the next version and freezes what it keeps', () => {
    const store = new Store({ historyLimit: 10 });
    const before = store.resourceVersion();
    const first = store.put('r', 'a', object('a'));
    const second = store.put('other', 'b', object('b'));
    expect(first.metadata.resourceVersion).toBe(String(before + 1));
    expect(second.metadata.resourceVersion).toBe(String(before + 2));
    expect(() => Object.assign(first.metadata, { name: 'x' })).toThrow(TypeError);
    expect(store.get('r', 'a')).toBe(first);
  });

  it('lists in key order, a namespace at a time', () => {
    const store = new Store({ historyLimit: 10 });
    for (const [namespace, name] of [
      ['b', 'one'],
      ['a', 'two'],
      ['a', 'one'],
      ['ab', 'zero'],
    ] as const) {
      store.put('r', objectKey(namespace, name), object(`${namespace}.${name}`));
    }
    expect(names(store.list('r'))).toEqual(['a.one', 'a.two', 'ab.zero', 'b.one']);
    expect(names(store.list('r', 'a'))).toEqual(['a.one', 'a.two']);
    expect(store.list('none')).toEqual([]);
  });

  it('tells listeners in order, also of what a listener writes', () => {
    const store = new Store({ historyLimit: 10 });
    const heard: string[] = [];
    store.subscribe('r', ({ type, key }) => {
      if (type === 'ADDED' && key === 'a') store.put('r', 'echo', object('echo'));
    });
    const stop = store.subscribe('r', ({ type, key }) => heard.push(`${type} ${key}`));
    store.put('r', 'a', object('a'));
    store.put('r', 'a', object('a', 1));
    store.remove('r', 'a');
    stop();
    store.put('r', 'unheard', object('unheard'));
    expect(heard).toEqual(['ADDED a', 'ADDED echo', 'MODIFIED a', 'DELETED a']);
  });

  it('removes under a version of its own, and only what is there', () => {
    const store = new Store({ historyLimit: 10 });
    const put = store.put('r', 'a', object('a'));
    const removed = store.remove('r', 'a');
    expect(Number(removed?.metadata.resourceVersion)).toBe(Number(put.metadata.resourceVersion) + 1);
    expect(store.remove('r', 'a')).toBeUndefined();
  });

  it('forgets old events, and says so', () => {
    const store = new Store({ historyLimit: 2 });
    const start = store.resourceVersion();
    for (let index = 0; index < 10; index += 1) store.put('r', 'a', object('a', index));
    expect(store.eventsSince('r', start)).toBeUndefined();
    expect(store.listAt('r', start)).toBeUndefined();
    const recent = store.eventsSince('r', store.resourceVersion() - 2);
    expect(recent?.map(({ version }) => version)).toEqual([start + 9, start + 10]);
    expect(store.eventsSince('untouched', start)).toEqual([]);
  });

  it('shows any remembered version exactly as it was', () => {
    const change = fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd'),
      remove: fc.boolean(),
      value: fc.nat(9),
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 40 }), (changes) => {
        const store = new Store({ historyLimit: 100 });
        const states = [[store.resourceVersion(), store.list('r')] as const];
        for (const { key, remove, value } of changes) {
          if (remove) store.remove('r', key);
          else store.put('r', key, object(key, value));
          states.push([store.resourceVersion(), store.list('r')]);
        }
        for (const [version, state] of states) expect(store.listAt('r', version)).toEqual(state);
      }),
    );
  });

  it('lets events since a version rebuild the present from that version', () => {
    const change = fc.record({ key: fc.constantFrom('a', 'b', 'c'), remove: fc.boolean() });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 30 }), fc.nat(30), (changes, at) => {
        const store = new Store({ historyLimit: 100 });
        let seen = new Map<string, KubeObject>();
        let version = store.resourceVersion();
        for (const [index, { key, remove }] of changes.entries()) {
          if (index === at) {
            version = store.resourceVersion();
            seen = new Map(store.list('r').map((one) => [one.metadata.name, one]));
          }
          if (remove) store.remove('r', key);
          else store.put('r', key, object(key, index));
        }
        if (at >= changes.length) seen = new Map();
        for (const event of store.eventsSince('r', version) ?? []) {
          if (event.type === 'DELETED') seen.delete(event.key);
          else seen.set(event.key, event.object);
        }
        const present = new Map(store.list('r').map((one) => [one.metadata.name, one]));
        expect(seen).toEqual(present);
      }),
    );
  });
});
