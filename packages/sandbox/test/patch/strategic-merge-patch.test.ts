import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyStrategicMergePatch } from '../../src/patch/strategic-merge-patch.ts';
import { builtinSchemas } from '../../src/schema/builtin/index.ts';

// oxlint-disable-next-line typescript/no-explicit-any -- a test that asks for what is not there fails by that
type Loose = Record<string, any>;

const deployment = builtinSchemas['apps/v1/Deployment'];

function containers(...list: object[]): { spec: { template: object } } {
  return { spec: { template: { spec: { containers: list } } } };
}

function patched(target: Record<string, unknown>, patch: unknown): Loose {
  return applyStrategicMergePatch(target, patch, deployment);
}

function namesOf(object: Loose): string[] {
  return object['spec'].template.spec.containers.map((container: { name: string }) => container.name);
}

describe('applyStrategicMergePatch', () => {
  const web = { name: 'web', image: 'nginx', env: [{ name: 'A', value: '1' }] };
  const side = { name: 'side', image: 'busybox' };

  it('merges list items by their key, keys of maps, and replaces scalars', () => {
    const patch = containers({ name: 'web', image: 'nginx:2', env: [{ name: 'B', value: '2' }] });
    expect(patched(containers(web, side), patch)).toEqual(
      containers({ name: 'web', image: 'nginx:2', env: [{ name: 'B', value: '2' }, ...web.env] }, side),
    );
  });

  it('puts new items first unless the patch states an order', () => {
    expect(namesOf(patched(containers(web), containers(side)))).toEqual(['side', 'web']);
    const ordered = {
      spec: {
        template: {
          spec: { '$setElementOrder/containers': [{ name: 'web' }, { name: 'side' }], containers: [side] },
        },
      },
    };
    expect(namesOf(patched(containers(web), ordered))).toEqual(['web', 'side']);
  });

  it('reorders without other changes, and keeps items that the order does not name in place', () => {
    const order = [{ name: 'c' }, { name: 'a' }];
    const patch = { spec: { template: { spec: { '$setElementOrder/containers': order } } } };
    const target = containers({ name: 'a' }, { name: 'b' }, { name: 'c' });
    expect(namesOf(patched(target, patch))).toEqual(['b', 'c', 'a']);
  });

  it('deletes items on request', () => {
    expect(patched(containers(web, side), containers({ name: 'side', $patch: 'delete' }))).toEqual(
      containers(web),
    );
  });

  it('replaces a list on request', () => {
    expect(patched(containers(web), containers(side, { $patch: 'replace' }))).toEqual(containers(side));
  });

  it('replaces lists that have no merge strategy', () => {
    const target = containers({ name: 'web', args: ['a', 'b'] });
    expect(patched(target, containers({ name: 'web', args: ['c'] }))).toEqual(
      containers({ name: 'web', args: ['c'] }),
    );
  });

  it('deletes fields with null, also in what it adds', () => {
    const patch = { spec: { paused: null, strategy: { type: 'Recreate', rollingUpdate: null } } };
    expect(patched({ spec: { paused: true } }, patch)).toEqual({ spec: { strategy: { type: 'Recreate' } } });
  });

  it('replaces or empties maps on request', () => {
    const target = { metadata: { labels: { a: '1' }, annotations: { b: '2' } } };
    const patch = { metadata: { labels: { $patch: 'replace', c: '3' }, annotations: { $patch: 'delete' } } };
    expect(patched(target, patch)).toEqual({ metadata: { labels: { c: '3' }, annotations: {} } });
  });

  it('keeps only the stated keys of a map', () => {
    const target = { spec: { strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1 } } } };
    const patch = { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } };
    expect(patched(target, patch)).toEqual({ spec: { strategy: { type: 'Recreate' } } });
  });

  it('merges lists of scalars and deletes from them', () => {
    const target = { metadata: { finalizers: ['a', 'b'] } };
    expect(patched(target, { metadata: { finalizers: ['c', 'a'] } })).toEqual({
      metadata: { finalizers: ['c', 'a', 'b'] },
    });
    expect(patched(target, { metadata: { '$deleteFromPrimitiveList/finalizers': ['a'] } })).toEqual({
      metadata: { finalizers: ['b'] },
    });
  });

  it('leaves no directive in the result', () => {
    const patch = containers({
      ...side,
      '$setElementOrder/env': [{ name: 'A' }],
      env: [{ name: 'A', value: '1' }],
    });
    expect(JSON.stringify(patched({}, patch))).not.toContain('$');
  });

  it.each<[string, number, unknown]>([
    ['a patch that is no object', 400, []],
    ['an unknown directive', 400, { spec: { $patch: 'frob' } }],
    [
      'an order that is no list',
      400,
      { spec: { template: { spec: { '$setElementOrder/containers': 'web' } } } },
    ],
    ['a key outside $retainKeys', 400, { spec: { strategy: { $retainKeys: ['type'], rollingUpdate: {} } } }],
    ['deletions that are no list', 400, { metadata: { '$deleteFromPrimitiveList/finalizers': 'a' } }],
    ['an item without its key', 500, containers({ image: 'x' })],
  ])('answers %s with %i', (_, code, patch) => {
    const { spec } = containers(web);
    const target = { metadata: { finalizers: ['a'] }, spec: { ...spec, strategy: {} } };
    expect(() => patched(target, patch)).toThrow(expect.objectContaining({ code }));
  });

  it('changes nothing when the patch repeats what is there', () => {
    const lists = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 });
    fc.assert(
      fc.property(lists, (names) => {
        const target = containers(...names.map((name) => ({ name, image: `image-${name}` })));
        expect(patched(target, target)).toEqual(target);
      }),
    );
  });

  it('takes the order it is given, for any permutation', () => {
    const permutations = fc.shuffledSubarray(['a', 'b', 'c', 'd'], { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(permutations, permutations, (from, to) => {
        const target = containers(...from.map((name) => ({ name })));
        const order = to.map((name) => ({ name }));
        const patch = { spec: { template: { spec: { '$setElementOrder/containers': order } } } };
        expect(namesOf(patched(target, patch))).toEqual(to);
      }),
    );
  });
});
