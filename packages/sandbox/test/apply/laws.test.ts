import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApplyConflictError } from '../../src/apply/errors.ts';
import { Store, type Thing, thing } from './thing.ts';

const short = fc.constantFrom('a', 'b', 'c');
/** Values but for null, which stands for an empty map or list and takes nothing away. */
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.integer(),
    short,
    fc.array(short, { maxLength: 2 }),
    fc.dictionary(short, tie('value'), { maxKeys: 2 }),
  ),
})).value;
const specs = fc.record(
  {
    size: fc.integer({ min: 0, max: 2 }),
    tags: fc.uniqueArray(short, { maxLength: 3 }),
    list: fc.array(short, { maxLength: 2 }),
    labels: fc.dictionary(short, short, { maxKeys: 3 }),
    atom: fc.record({ x: short, y: short }, { requiredKeys: [] }),
    ports: fc.uniqueArray(
      fc.record(
        { port: fc.integer({ min: 1, max: 3 }), protocol: fc.constantFrom('TCP', 'UDP'), name: short },
        { requiredKeys: ['port', 'protocol'] },
      ),
      { selector: ({ port, protocol }) => `${port}/${protocol}`, maxLength: 3 },
    ),
    free: fc.dictionary(short, values, { maxKeys: 2 }),
  },
  { requiredKeys: [] },
);
const managers = fc.constantFrom('x', 'y');
const requests = fc.array(
  fc.record({ manager: managers, spec: specs, op: fc.constantFrom('apply', 'update') }),
  { maxLength: 5 },
);

function run(history: readonly { manager: string; spec: object; op: string }[]): Store {
  const store = new Store();
  store.update('creator', thing({}));
  for (const { manager, spec, op } of history) {
    if (op === 'apply') {
      store.apply(manager, thing(spec), { force: true });
    } else {
      store.update(manager, thing(spec));
    }
  }
  return store;
}

/** @returns false when the request ran into a conflict, which is the only refusal that may happen here */
function attempt(request: () => unknown): boolean {
  try {
    request();
    return true;
  } catch (error) {
    if (error instanceof ApplyConflictError) {
      return false;
    }
    throw error;
  }
}

/** The spec with associative lists in a fixed order, which the order of managers may change. */
function canonical(object: Thing | undefined): unknown {
  const { tags, ports, ...rest } = object?.['spec'] ?? {};
  const sorted = (list: unknown[] | undefined): string[] =>
    (list ?? []).map((item) => JSON.stringify(item)).sort();
  return { ...rest, tags: sorted(tags), ports: sorted(ports) };
}

describe('server-side apply', () => {
  it('a second time is a no-op', () => {
    fc.assert(
      fc.property(requests, specs, (history, spec) => {
        const store = run(history);
        const once = store.apply('z', thing(spec), { force: true });
        expect(store.apply('z', thing(spec))).toBe(once);
      }),
    );
  });

  it('by force leaves every applied value in place', () => {
    fc.assert(
      fc.property(requests, specs, (history, spec) => {
        const { spec: stored = {} } = run(history).apply('z', thing(spec), { force: true });
        const { tags, ports, ...leaves } = spec;
        expect(stored).toMatchObject(leaves);
        for (const tag of tags ?? []) {
          expect(stored.tags).toContain(tag);
        }
        for (const port of ports ?? []) {
          expect(stored.ports).toContainEqual(expect.objectContaining(port));
        }
      }),
    );
  });

  it('without force changes nothing that another manager owns', () => {
    fc.assert(
      fc.property(requests, specs, (history, spec) => {
        const store = run(history);
        const before = store.owners();
        attempt(() => store.apply('z', thing(spec)));
        const { z: _, ...others } = store.owners();
        expect(others).toEqual(before);
      }),
    );
  });

  it('comes to the same whatever the order of managers with disjoint fields', () => {
    fc.assert(
      fc.property(specs, ({ size, tags, list, labels, atom, ports, free }) => {
        const defined = (spec: object): object =>
          Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined));
        const one = thing(defined({ size, tags, list, free }));
        const two = thing(defined({ labels, atom, ports }));
        const [forth, back] = [run([]), run([])];
        for (const [store, order] of [
          [forth, [one, two]],
          [back, [two, one]],
        ] as const) {
          for (const applied of order) {
            store.apply(applied === one ? 'one' : 'two', applied);
          }
        }
        expect(canonical(forth.live)).toEqual(canonical(back.live));
        expect(forth.owners()).toEqual(back.owners());
      }),
    );
  });

  it('of nothing takes away exactly what the manager alone had added to an object', () => {
    fc.assert(
      fc.property(specs, specs, (base, extra) => {
        const store = new Store();
        store.apply('base', thing(base));
        const before = canonical(store.live);
        fc.pre(attempt(() => store.apply('extra', thing(extra))));
        store.apply('extra', thing());
        // Containers that were empty before the apply may be gone after it, as on a real server.
        const solid = (value: unknown): unknown =>
          JSON.parse(JSON.stringify(value, (_, child: unknown) => (isHollow(child) ? undefined : child)));
        expect(solid(canonical(store.live))).toEqual(solid(before));
      }),
    );
  });

  it('keeps to the form of managed fields after any history', () => {
    fc.assert(
      fc.property(requests, (history) => {
        const entries: Thing[] = run(history).live?.['metadata'].managedFields ?? [];
        const identities = entries.map(({ manager, operation }) => `${manager}/${operation}`);
        expect(new Set(identities).size).toBe(identities.length);
        for (const { fieldsV1 } of entries) {
          expect(Object.keys(fieldsV1)).not.toHaveLength(0);
        }
      }),
    );
  });
});

function isHollow(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
