import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiObject } from '../../../src/runtime/client/object.ts';
import { type Change, createStore } from '../../../src/runtime/client/store.ts';

function object(name: string, bucket: string): ApiObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, labels: { bucket } } };
}

const byBucket = (entry: ApiObject): readonly string[] => [entry.metadata.labels?.['bucket'] ?? ''];

describe('a store', () => {
  it('finds by index what a scan would find, after any changes', () => {
    const name = fc.constantFrom('a', 'b', 'c');
    const change = fc.oneof(
      fc.record({ name, bucket: fc.constantFrom('x', 'y') }),
      fc.record({ name, bucket: fc.constant(null) }),
    );
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), (changes) => {
        const store = createStore();
        store.index('bucket', byBucket);
        for (const entry of changes) {
          if (entry.bucket === null) store.delete(entry.name);
          else store.set(object(entry.name, entry.bucket));
        }
        for (const bucket of ['x', 'y']) {
          const scanned = [...store.values()].filter((entry) => byBucket(entry).includes(bucket));
          expect(new Set(store.by('bucket', bucket))).toEqual(new Set(scanned));
        }
      }),
    );
  });

  it('fills an index that is added later', () => {
    const store = createStore();
    store.set(object('a', 'x'));
    store.index('bucket', byBucket);
    expect(store.by('bucket', 'x')).toHaveLength(1);
  });

  it('tells what was there before and after, and nothing about what never was', () => {
    const store = createStore();
    const changes: Change<ApiObject>[] = [];
    store.subscribe((change) => changes.push(change));
    const [first, second] = [object('a', 'x'), object('a', 'y')];
    store.set(first);
    store.set(second);
    store.delete('a');
    store.delete('a');
    expect(changes).toEqual([
      { key: 'a', before: undefined, after: first },
      { key: 'a', before: first, after: second },
      { key: 'a', before: second, after: undefined },
    ]);
  });
});
