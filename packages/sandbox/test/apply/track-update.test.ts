import { describe, expect, it } from 'vitest';
import { builtinSchemas } from '../../src/schema/builtin/index.ts';
import { Store, type Thing, thing } from './thing.ts';

function entry(manager: string, fieldsV1: object): Thing {
  return { manager, operation: 'Update', apiVersion: 'example.com/v1', fieldsType: 'FieldsV1', fieldsV1 };
}

describe('trackUpdate', () => {
  it('gives a new object to its creator, containers included', () => {
    const store = new Store();
    store.update(
      'k',
      thing({ size: 1, ports: [{ port: 1, protocol: 'TCP' }], labels: {}, free: { a: { b: 1 } } }),
    );
    expect(store.live?.['metadata'].managedFields).toEqual([
      {
        manager: 'k',
        operation: 'Update',
        apiVersion: 'example.com/v1',
        time: '2026-01-01T00:00:10Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:spec': {
            '.': {},
            'f:free': { '.': {}, 'f:a': { '.': {}, 'f:b': {} } },
            'f:labels': {},
            'f:ports': {
              '.': {},
              'k:{"port":1,"protocol":"TCP"}': { '.': {}, 'f:port': {}, 'f:protocol': {} },
            },
            'f:size': {},
          },
        },
      },
    ]);
  });

  it('does not give the creator what a Go struct holds anyway', () => {
    const store = new Store(builtinSchemas['v1/Event'] ?? null);
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e' },
      reason: 'R',
      source: {},
      eventTime: null,
    };
    store.update('k', { ...event, involvedObject: { kind: 'Pod' } });
    expect(store.owners()).toEqual({ 'k (Update)': { 'f:involvedObject': {}, 'f:reason': {} } });
  });

  it('moves a changed field from all its owners to the one who changed it', () => {
    const store = new Store();
    store.apply('a', thing({ size: 1, list: ['x'] }));
    store.apply('b', thing({ size: 1 }));
    store.update('user', thing({ size: 2, list: ['x'] }));
    expect(store.owners()).toEqual({
      a: { 'f:spec': { 'f:list': {} } },
      'user (Update)': { 'f:spec': { 'f:size': {} } },
    });
  });

  it('adds to the earlier entry of the same manager and renews its time', () => {
    const store = new Store();
    store.update('k', thing({ size: 1 }));
    store.update('k', thing({ size: 1, list: ['a'] }));
    expect(store.live?.['metadata'].managedFields).toMatchObject([
      { manager: 'k', time: '2026-01-01T00:00:20Z', fieldsV1: { 'f:spec': { 'f:list': {}, 'f:size': {} } } },
    ]);
  });

  it('forgets removed fields, and entries that own nothing any more', () => {
    const store = new Store();
    store.apply('a', thing({ size: 1 }));
    store.update('k', thing({ list: ['a'] }));
    store.update('z', { ...thing(), metadata: { name: 't', labels: { q: '1' } } });
    expect(store.owners()).toEqual({
      'z (Update)': { 'f:metadata': { 'f:labels': { '.': {}, 'f:q': {} } } },
    });
  });

  it('returns the stored object itself when nothing changes', () => {
    const store = new Store();
    const first = store.update('k', thing({ size: 1 }));
    expect(store.update('other', structuredClone(first))).toBe(first);
  });

  it('keeps main resource and status apart', () => {
    const store = new Store();
    store.update('k', thing({ size: 1 }, {}, { status: { phase: 'ignored' } }));
    store.update('k', { ...store.live, spec: { size: 9 }, status: { phase: 'ok' } }, 'status');
    expect(store.owners()).toMatchObject({
      'k (Update)': { 'f:spec': { 'f:size': {} } },
      'k/status (Update)': { 'f:status': { 'f:phase': {} } },
    });
    expect(Object.keys(store.owners()['k/status (Update)'] ?? {})).toEqual(['f:status']);
  });

  it('names a manager without a name', () => {
    const store = new Store();
    store.update('', thing({ size: 1 }));
    expect(Object.keys(store.owners())).toEqual(['unknown (Update)']);
  });

  it('treats items that are there twice as one thing', () => {
    const store = new Store();
    const twice = {
      ports: [
        { port: 1, name: 'a' },
        { port: 1, name: 'b' },
      ],
    };
    store.update('k', thing(twice));
    expect(store.owners()).toEqual({
      'k (Update)': { 'f:spec': { '.': {}, 'f:ports': { '.': {}, 'k:{"port":1,"protocol":"TCP"}': {} } } },
    });
    store.update('z', thing({ ports: [twice.ports[1]] }));
    expect(store.owners()).toMatchObject({
      'z (Update)': {
        'f:spec': { 'f:ports': { 'k:{"port":1,"protocol":"TCP"}': { 'f:name': {}, 'f:port': {} } } },
      },
    });
  });

  it('merges the oldest updaters when there are more than ten', () => {
    const store = new Store();
    const labels: Record<string, string> = {};
    for (let count = 0; count < 13; count += 1) {
      labels[`k${count}`] = '1';
      store.update(`m${count}`, thing({ labels: { ...labels } }));
    }
    const managers = Object.keys(store.owners());
    expect(managers).toEqual([
      'ancient-changes (Update)',
      ...Array.from({ length: 9 }, (_, index) => `m${index + 4} (Update)`),
    ]);
    expect(store.owners()['ancient-changes (Update)']).toEqual({
      'f:spec': { '.': {}, 'f:labels': { '.': {}, 'f:k0': {}, 'f:k1': {}, 'f:k2': {}, 'f:k3': {} } },
    });
  });
});

describe('managed fields in an update', () => {
  function created(): Store {
    const store = new Store();
    store.update('a', thing({ size: 1 }));
    return store;
  }

  it('replace the stored ones', () => {
    const store = created();
    store.update('b', thing({ size: 1 }, { managedFields: [entry('m', { 'f:spec': { 'f:size': {} } })] }));
    expect(store.owners()).toEqual({ 'm (Update)': { 'f:spec': { 'f:size': {} } } });
  });

  it('are cleared by [{}], and stay so until somebody applies', () => {
    const store = created();
    store.update('b', thing({ size: 1 }, { managedFields: [{}] }));
    expect(store.live?.['metadata']).not.toHaveProperty('managedFields');
    store.update('b', thing({ size: 2 }));
    expect(store.owners()).toEqual({});
    store.apply('c', thing({ list: ['a'] }));
    expect(Object.keys(store.owners())).toEqual(['c', 'before-first-apply (Update)']);
  });

  it('are cleared by [] on built-in kinds, and not on custom resources', () => {
    const store = created();
    store.update('b', thing({ size: 1 }, { managedFields: [] }));
    expect(Object.keys(store.owners())).toEqual(['a (Update)']);
    const config = new Store(builtinSchemas['v1/ConfigMap'] ?? null);
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' }, data: { a: '1' } };
    config.update('a', object);
    config.update('b', { ...object, metadata: { name: 'c', managedFields: [] } });
    expect(config.owners()).toEqual({});
  });

  it.each([[[{ manager: 'x' }]], [[entry('m', {}), 'x']], ['text'], [null]])(
    'that cannot be read are ignored: %j',
    (managedFields) => {
      const store = created();
      store.update('b', thing({ size: 1 }, { managedFields }));
      expect(Object.keys(store.owners())).toEqual(['a (Update)']);
    },
  );

  it('cannot be changed through a subresource', () => {
    const store = created();
    store.update('b', { ...store.live, metadata: { name: 't', managedFields: [{}] } }, 'status');
    expect(Object.keys(store.owners())).toEqual(['a (Update)']);
  });
});
