import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  capsOf,
  evenShares,
  raised,
  sameCaps,
  sumOf,
  withRoom,
} from '../../../src/planes/karmada/caps/caps.ts';

const clusters = ['a', 'b', 'c'];
const bounds = { clusters, max: 40, least: 1 };

describe('caps that shares stand for', () => {
  it('are the maximum everywhere for even shares, so that no caps mean the same', () => {
    expect(capsOf(evenShares(clusters), bounds)).toEqual({ a: 40, b: 40, c: 40 });
  });

  it('are clamp(round(share x n x max), least, max)', () => {
    expect(capsOf({ a: 0.8, b: 0.2 }, bounds)).toEqual({ a: 40, b: 24, c: 1 });
    expect(capsOf({ a: 1 }, { ...bounds, least: 3 })).toEqual({ a: 40, b: 3, c: 3 });
    expect(capsOf({ a: 1 }, { ...bounds, max: 2, least: 5 })).toEqual({ a: 2, b: 2, c: 2 });
    expect(capsOf({ a: 0.3375, b: 0.6625 }, bounds)).toEqual({ a: 40, b: 40, c: 1 });
  });

  it('leave room for a quarter more than runs, kept by the losers, the first one first', () => {
    const before = { a: 40, b: 40, c: 40 };
    const caps = capsOf({ a: 1 }, bounds);
    expect(withRoom(caps, before, 30, bounds)).toEqual(caps);
    expect(withRoom(caps, before, 40, bounds)).toEqual({ a: 40, b: 9, c: 1 });
    expect(withRoom(caps, before, 72, bounds)).toEqual({ a: 40, b: 40, c: 10 });
    expect(withRoom(caps, before, 500, bounds)).toEqual({ a: 40, b: 40, c: 40 });
  });

  it('never leave less room than that, nor exceed a maximum, nor lower what is raised', () => {
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(share, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 0, max: 600 }),
        fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 6, maxLength: 6 }),
        (parts, max, least, running, stood) => {
          const total = parts.reduce((sum, part) => sum + part, 0);
          const names = parts.map((_, index) => `cluster-${index}`);
          const shares = Object.fromEntries(
            names.map((name, at) => [name, total === 0 ? 0 : (parts[at] ?? 0) / total]),
          );
          const before = Object.fromEntries(names.map((name, at) => [name, Math.min(max, stood[at] ?? max)]));
          const terms = { clusters: names, max, least };
          const caps = withRoom(capsOf(shares, terms), before, running, terms);
          expect(sumOf(caps)).toBeGreaterThanOrEqual(Math.min(names.length * max, Math.ceil(1.25 * running)));
          const first = raised(before, caps);
          for (const name of names) {
            expect(caps[name]).toBeGreaterThanOrEqual(Math.min(least, max));
            expect(caps[name]).toBeLessThanOrEqual(max);
            expect(first[name]).toBeGreaterThanOrEqual(Math.max(before[name] ?? 0, caps[name] ?? 0));
          }
        },
      ),
    );
  });

  it('are the same only with the same clusters', () => {
    expect(sameCaps({ a: 1 }, { a: 1 })).toBe(true);
    expect(sameCaps({ a: 1 }, { a: 2 })).toBe(false);
    expect(sameCaps({ a: 1 }, { a: 1, b: 1 })).toBe(false);
  });
});
