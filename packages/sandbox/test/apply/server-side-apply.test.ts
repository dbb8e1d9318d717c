import { describe, expect, it } from 'vitest';
import { ApplyConflictError, ApplyError } from '../../src/apply/errors.ts';
import { type ApplyRequest, serverSideApply } from '../../src/apply/server-side-apply.ts';
import { builtinSchemas } from '../../src/schema/builtin/index.ts';
import { Store, thing } from './thing.ts';

/** Runs a request that must be refused and gives the refusal. */
function refusal(request: () => unknown): ApplyConflictError | ApplyError {
  try {
    request();
  } catch (error) {
    if (error instanceof ApplyConflictError || error instanceof ApplyError) {
      return error;
    }
    throw error;
  }
  throw new Error('the apply was accepted');
}

function applyAs(apiVersion: string, request: Omit<ApplyRequest, 'apiVersion' | 'now'>): unknown {
  return serverSideApply({ ...request, apiVersion, now: 0 });
}

describe('ownership by apply', () => {
  it('is of the leaves, list items and map keys that the configuration names', () => {
    const store = new Store();
    store.apply(
      'a',
      thing(
        {
          size: 1,
          tags: ['x'],
          list: ['p', 'q'],
          ports: [{ port: 80 }],
          labels: { l: '1' },
          atom: { x: '1' },
          free: { deep: { z: [1, { q: 1 }] }, none: {} },
          maybe: null,
        },
        { labels: { m: '1' }, finalizers: ['e.com/f'] },
      ),
    );
    expect(store.owners()).toEqual({
      a: {
        'f:metadata': { 'f:finalizers': { 'v:"e.com/f"': {} }, 'f:labels': { 'f:m': {} } },
        'f:spec': {
          'f:atom': {},
          'f:free': { 'f:deep': { '.': {}, 'f:z': {} }, 'f:none': {} },
          'f:labels': { 'f:l': {} },
          'f:list': {},
          'f:maybe': {},
          'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { '.': {}, 'f:port': {} } },
          'f:size': {},
          'f:tags': { 'v:"x"': {} },
        },
      },
    });
  });

  it('is shared when a second manager applies the same value, without a time of its own', () => {
    const store = new Store();
    store.apply('a', thing({ size: 1 }));
    store.apply('b', thing({ size: 1 }));
    expect(store.owners()).toEqual({ a: { 'f:spec': { 'f:size': {} } }, b: { 'f:spec': { 'f:size': {} } } });
    expect(store.live?.['metadata'].managedFields.map((entry: { time?: string }) => entry.time)).toEqual([
      undefined,
      '2026-01-01T00:00:10Z',
    ]);
  });

  it('never covers the fields of the server', () => {
    const store = new Store();
    store.apply('a', thing({ size: 1 }, { uid: 'u1', resourceVersion: '3', generation: 2, namespace: 'n' }));
    expect(store.owners()).toEqual({ a: { 'f:spec': { 'f:size': {} } } });
  });

  it('leaves no entry to a manager that applies nothing', () => {
    const store = new Store();
    store.apply('a', thing());
    expect(store.live?.['metadata']).toEqual({ name: 't', uid: 'u1' });
  });
});

describe('merging', () => {
  it('keeps the fields of others and matches list items by key', () => {
    const store = new Store();
    store.apply(
      'a',
      thing({ size: 1, tags: ['a', 'b'], ports: [{ port: 1 }, { port: 2, name: 'x' }], labels: { a: '1' } }),
    );
    store.apply(
      'b',
      thing({ tags: ['c', 'a'], ports: [{ port: 3 }, { port: 2, protocol: 'TCP' }], labels: { b: '2' } }),
    );
    expect(store.live?.['spec']).toEqual({
      size: 1,
      tags: ['c', 'a', 'b'],
      ports: [{ port: 1 }, { port: 3 }, { port: 2, name: 'x', protocol: 'TCP' }],
      labels: { a: '1', b: '2' },
    });
  });

  it('takes the order of shared items from the configuration', () => {
    const store = new Store();
    store.apply('a', thing({ tags: ['a', 'b', 'c', 'd'] }));
    store.apply('b', thing({ tags: ['d', 'x', 'b'] }));
    expect(store.live?.['spec'].tags).toEqual(['a', 'c', 'd', 'x', 'b']);
  });

  it('returns the stored object itself when nothing changes, times included', () => {
    const store = new Store();
    const first = store.apply('a', thing({ size: 1, tags: ['a'] }));
    expect(store.apply('a', thing({ size: 1, tags: ['a'] }))).toBe(first);
  });

  it('replaces atomic lists and maps whole', () => {
    const store = new Store();
    store.apply('a', thing({ list: ['p', 'q'], atom: { x: '1', y: '2' } }));
    store.apply('a', thing({ list: ['r'], atom: { y: '3' } }));
    expect(store.live?.['spec']).toEqual({ list: ['r'], atom: { y: '3' } });
  });
});

describe('removal', () => {
  it('of a field that is no longer applied and that nobody else owns', () => {
    const store = new Store();
    store.apply('a', thing({ size: 1, labels: { a: '1', b: '2' }, ports: [{ port: 1 }, { port: 2 }] }));
    store.apply('b', thing({ labels: { b: '2' } }));
    store.apply('a', thing({ ports: [{ port: 2 }] }));
    expect(store.live?.['spec']).toEqual({ labels: { b: '2' }, ports: [{ port: 2 }] });
  });

  it('of everything, down to the containers that held it', () => {
    const store = new Store();
    store.apply('a', thing({ size: 1, labels: { a: '1' }, ports: [{ port: 1 }] }));
    store.apply('a', thing());
    expect(store.live).toEqual({
      apiVersion: 'example.com/v1',
      kind: 'Thing',
      metadata: { name: 't', uid: 'u1' },
    });
  });

  it('takes a list item along with what others put into it, but a map only as far as it was applied', () => {
    const store = new Store();
    store.apply('a', thing({ ports: [{ port: 1, protocol: 'TCP' }], labels: { a: '1' } }));
    const spec = { ports: [{ port: 1, protocol: 'TCP', name: 'x' }], labels: { a: '1', b: '2' } };
    store.update('b', { ...store.live, spec });
    store.apply('a', thing());
    expect(store.live?.['spec']).toEqual({ labels: { b: '2' } });
  });

  it('is not what null means', () => {
    const store = new Store();
    store.update('user', thing({ free: { a: { b: 1 } } }));
    store.apply('a', thing({ free: { a: null } }));
    expect(store.live?.['spec']).toEqual({ free: { a: { b: 1 } } });
  });

  it('does not touch what the manager never applied', () => {
    const store = new Store();
    store.update('user', thing({ size: 1, list: ['a'] }));
    store.apply('a', thing({ size: 1 }));
    store.apply('a', thing());
    expect(store.live?.['spec']).toEqual({ size: 1, list: ['a'] });
  });
});

describe('conflicts', () => {
  it('names the one field and its owner', () => {
    const store = new Store();
    store.apply('a', thing({ size: 1 }));
    const error = refusal(() => store.apply('b', thing({ size: 2 })));
    expect(error).toMatchObject({
      code: 409,
      message: 'Apply failed with 1 conflict: conflict with "a": .spec.size',
      conflicts: [{ manager: 'a', operation: 'Apply', field: '.spec.size', message: 'conflict with "a"' }],
    });
  });

  it('groups several by owner, with the version of updates and the subresource', () => {
    const store = new Store();
    store.apply('b', thing({ size: 1, ports: [{ port: 1, name: 'x' }], tags: ['t'] }));
    store.update('z', { ...store.live, spec: { ...store.live?.['spec'], labels: { q: '1' } } });
    store.update('ctl', { ...store.live, status: { phase: 'ok' } }, 'status');
    const applied = thing({ size: 2, ports: [{ port: 1, name: 'y' }], labels: { q: '2' } });
    expect(refusal(() => store.apply('c', applied)).message).toBe(
      [
        'Apply failed with 3 conflicts: conflicts with "b":',
        '- .spec.size',
        '- .spec.ports[port=1,protocol="TCP"].name',
        'conflicts with "z" using example.com/v1:',
        '- .spec.labels.q',
      ].join('\n'),
    );
    const status = thing(undefined, {}, { status: { phase: 'no' } });
    expect(refusal(() => store.apply('c', status, { subresource: 'status' })).message).toBe(
      'Apply failed with 1 conflict: conflict with "ctl" with subresource "status" using example.com/v1: .status.phase',
    );
  });

  it('leave the object as it was', () => {
    const store = new Store();
    const before = structuredClone(store.apply('a', thing({ size: 1 })));
    refusal(() => store.apply('b', thing({ size: 2, tags: ['x'] })));
    expect(store.live).toEqual(before);
  });

  it('give way to force, which takes the fields', () => {
    const store = new Store();
    store.apply('a', thing({ size: 1, list: ['x'] }));
    store.apply('b', thing({ size: 2 }), { force: true });
    expect(store.owners()).toEqual({ a: { 'f:spec': { 'f:list': {} } }, b: { 'f:spec': { 'f:size': {} } } });
    expect(store.live?.['spec']).toEqual({ size: 2, list: ['x'] });
  });
});

describe('status', () => {
  it('is neither stored nor owned through the main resource', () => {
    const store = new Store();
    store.apply('a', thing({ size: 1 }, {}, { status: { phase: 'x' } }));
    expect(store.owners()).toEqual({ a: { 'f:spec': { 'f:size': {} } } });
  });

  it('has entries of its own', () => {
    const store = new Store();
    store.apply('a', thing({ size: 1 }));
    store.apply('a', thing(undefined, {}, { status: { phase: 'x' } }), { subresource: 'status' });
    expect(store.owners()).toEqual({
      a: { 'f:spec': { 'f:size': {} } },
      'a/status': { 'f:status': { 'f:phase': {} } },
    });
  });
});

describe('an object that nobody tracked', () => {
  it('belongs to before-first-apply', () => {
    const store = new Store();
    store.live = thing({ size: 1, list: ['a'] }, { uid: 'u1' });
    expect(refusal(() => store.apply('a', thing({ size: 2 }))).message).toBe(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using example.com/v1: .spec.size',
    );
    store.apply('a', thing({ size: 2 }), { force: true });
    expect(store.owners()).toEqual({
      a: { 'f:spec': { 'f:size': {} } },
      'before-first-apply (Update)': { 'f:spec': { '.': {}, 'f:list': {} } },
    });
  });
});

describe('an object without a schema', () => {
  it('has granular maps and atomic lists', () => {
    const store = new Store(null);
    store.apply(
      'a',
      thing({ map: { x: 1, y: { z: 1 } }, list: [{ name: 'a' }] }, { finalizers: ['e.com/f'] }),
    );
    expect(store.owners()).toEqual({
      a: {
        'f:metadata': { 'f:finalizers': { 'v:"e.com/f"': {} } },
        'f:spec': { '.': {}, 'f:list': {}, 'f:map': { '.': {}, 'f:x': {}, 'f:y': { '.': {}, 'f:z': {} } } },
      },
    });
  });
});

describe('a configuration that cannot be applied', () => {
  const prefix = 'failed to create typed patch object (/t; example.com/v1, Kind=Thing): ';

  it.each<[string, object, string]>([
    ['an unknown field', { nope: 1 }, '.spec.nope: field not declared in schema'],
    ['a string for a number', { size: 'x' }, '.spec.size: expected numeric (int or float), got string'],
    [
      'a number for a string',
      { maybe: 3 },
      '.spec.maybe: expected string, got &value.valueUnstructured{Value:3}',
    ],
    ['a scalar for a list', { tags: 'q' }, '.spec.tags: expected list, got &{q}'],
    ['a list for a map', { labels: [1] }, '.spec.labels: expected map, got &{[1]}'],
    ['a repeated item of a set', { tags: ['a', 'a'] }, '.spec.tags: duplicate entries for key [="a"]'],
    [
      'a repeated key',
      { ports: [{ port: 1 }, { port: 1, protocol: 'TCP' }] },
      '.spec.ports: duplicate entries for key [port=1,protocol="TCP"]',
    ],
    [
      'several problems',
      { size: 'x', labels: { a: 1 } },
      'errors:\n  .spec.size: expected numeric (int or float), got string\n  .spec.labels.a: expected string, got &value.valueUnstructured{Value:1}',
    ],
  ])('answers 500 to %s', (_, spec, message) => {
    expect(refusal(() => new Store().apply('a', thing(spec)))).toMatchObject({
      code: 500,
      message: prefix + message,
    });
  });

  it('answers 400 to managed fields', () => {
    expect(refusal(() => new Store().apply('a', thing({}, { managedFields: [] })))).toMatchObject({
      code: 400,
      message: 'metadata.managedFields must be nil',
    });
  });

  it('answers 400 to another version', () => {
    const store = new Store();
    store.apply('a', thing({ size: 1 }));
    const other = { ...thing({ size: 1 }), apiVersion: 'example.com/v2' };
    const request = { live: store.live, applied: other, manager: 'a', force: false, schema: store.schema };
    expect(refusal(() => applyAs('example.com/v1', request))).toMatchObject({
      code: 400,
      message: 'invalid object type: example.com/v2, Kind=Thing',
    });
  });
});

describe('kubectl', () => {
  const annotation = 'kubectl.kubernetes.io/last-applied-configuration';
  const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } };
  const last = JSON.stringify({ ...config, data: { a: '1', b: '2' } });

  function clientSide(): Store {
    const store = new Store(builtinSchemas['v1/ConfigMap'] ?? null);
    const metadata = { name: 'c', annotations: { [annotation]: last } };
    store.update('kubectl-client-side-apply', { ...config, metadata, data: { a: '1', b: '2' } });
    return store;
  }

  it('takes over from client-side apply without force, and keeps its annotation in step', () => {
    const store = clientSide();
    store.apply('kubectl', { ...config, data: { a: '1', b: '3' } });
    expect(store.live?.['data']).toEqual({ a: '1', b: '3' });
    expect(store.live?.['metadata'].annotations[annotation]).toBe(
      '{"apiVersion":"v1","data":{"a":"1","b":"3"},"kind":"ConfigMap","metadata":{"name":"c"}}\n',
    );
  });

  it('is alone in this', () => {
    expect(refusal(() => clientSide().apply('other', { ...config, data: { b: '3' } })).message).toBe(
      'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using v1: .data.b',
    );
  });

  it('still conflicts over what somebody changed since, and names only that', () => {
    const store = clientSide();
    store.update('x', { ...store.live, data: { a: '1', b: '9' } });
    expect(refusal(() => store.apply('kubectl', { ...config, data: { a: '5', b: '3' } })).message).toBe(
      'Apply failed with 1 conflict: conflict with "x" using v1: .data.b',
    );
  });
});
