import { HOUR } from '@windvane/carbon-map';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLedger, type RunningWorkload, savedPercent } from '../../src/demo/ledger.ts';

const grams: Readonly<Record<string, number>> = { clean: 100, dirty: 300 };
const intensity = (cluster: string): number | null => grams[cluster] ?? null;

function workload(
  replicas: Readonly<Record<string, number>>,
  more: Partial<RunningWorkload> = {},
): RunningWorkload {
  return { key: 'a/b', replicas, wanted: 4, candidates: ['clean', 'dirty'], wattsPerReplica: 100, ...more };
}

describe('emissions ledger', () => {
  it('multiplies replicas, kilowatts, hours and intensity', () => {
    const ledger = createLedger();
    ledger.enter(0, [workload({ clean: 3, dirty: 1 })], intensity);
    ledger.enter(2 * HOUR, [], intensity);
    // 2 h x 0.1 kW x (3 x 100 + 1 x 300) = 120 g; even: 2 h x 0.1 kW x (2 x 100 + 2 x 300) = 160 g.
    expect(ledger.total()).toEqual({ actualGrams: 120, evenGrams: 160 });
    expect(savedPercent(ledger.total())).toBe(25);
  });

  it('counts what runs double during a move against the mover', () => {
    const ledger = createLedger();
    ledger.enter(0, [workload({ clean: 4, dirty: 2 })], intensity);
    ledger.enter(HOUR, [], intensity);
    expect(ledger.total().actualGrams).toBeCloseTo(100);
    expect(ledger.total().evenGrams).toBeCloseTo(80);
  });

  it('holds each state until the next one is told', () => {
    const ledger = createLedger();
    ledger.enter(0, [workload({ dirty: 4 })], intensity);
    ledger.enter(HOUR, [workload({ clean: 4 })], intensity);
    ledger.enter(3 * HOUR, [], intensity);
    expect(ledger.total().actualGrams).toBeCloseTo(0.4 * 300 + 2 * 0.4 * 100);
  });

  it('sums the workloads asked for', () => {
    const ledger = createLedger();
    ledger.enter(0, [workload({ clean: 4 }), workload({ dirty: 4 }, { key: 'c/d' })], intensity);
    ledger.enter(HOUR, [], intensity);
    expect(ledger.total(new Set(['a/b'])).actualGrams).toBeCloseTo(40);
    expect(ledger.total(new Set(['c/d'])).actualGrams).toBeCloseTo(120);
    expect(ledger.total().actualGrams).toBeCloseTo(160);
  });

  it('saves nothing with the even split itself, however the time is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(5_000_000), { minLength: 1, maxLength: 20 }), (lengths) => {
        const ledger = createLedger();
        let at = 0;
        ledger.enter(at, [workload({ clean: 2, dirty: 2 })], intensity);
        for (const length of lengths)
          ledger.enter((at += length), [workload({ clean: 2, dirty: 2 })], intensity);
        const { actualGrams, evenGrams } = ledger.total();
        expect(actualGrams).toBeCloseTo(evenGrams, 6);
        expect(evenGrams).toBeCloseTo((at / HOUR) * 80, 6);
      }),
    );
  });

  it('has saved nothing before anything ran', () => {
    expect(savedPercent(createLedger().total())).toBe(0);
  });
});
