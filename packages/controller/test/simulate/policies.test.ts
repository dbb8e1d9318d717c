import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountOf, type Schedule } from '../../src/simulate/account.ts';
import type { SimulatedFleet } from '../../src/simulate/fleet.ts';
import { optimum } from '../../src/simulate/optimum.ts';
import { bestStatic, even, greedy, hysteresis } from '../../src/simulate/policies.ts';
import { bruteForce } from './brute-force.ts';
import { fleetArbitrary, fleetOf } from './fleets.ts';

function sharesAt(fleet: SimulatedFleet, schedule: Schedule, hour: number): number[] {
  const clusters = fleet.actual.length;
  return Array.from(schedule.shares.subarray(hour * clusters, (hour + 1) * clusters));
}

/** The same cost from its definition, cluster by cluster. */
function recomputed(fleet: SimulatedFleet, schedule: Schedule): number {
  const hours = fleet.to - fleet.from;
  let total = 0;
  for (const [cluster, intensity] of fleet.actual.entries()) {
    const at = (hour: number) => sharesAt(fleet, schedule, hour)[cluster] ?? 0;
    for (let hour = 0; hour < hours; hour++) {
      const before = hour === 0 ? Number.POSITIVE_INFINITY : at(hour - 1);
      total += (intensity[hour] ?? 0) * (at(hour) + fleet.moveHours * Math.max(0, at(hour) - before));
    }
  }
  return total / hours;
}

describe('accounting', () => {
  it('equals an independent recomputation for every policy', () => {
    fc.assert(
      fc.property(fleetArbitrary, (fleet) => {
        for (const policy of [even, bestStatic, greedy, hysteresis, optimum]) {
          const schedule = policy(fleet);
          expect(accountOf(fleet, schedule).gramsPerKwh).toBeCloseTo(recomputed(fleet, schedule), 6);
        }
      }),
    );
  });

  it('counts one move when the whole demand shifts once, at the intensity of its destination', () => {
    const fleet = fleetOf([
      [100, 300],
      [200, 50],
    ]);
    const { gramsPerKwh, movesPerWeek } = accountOf(fleet, {
      slotsPerHour: 1,
      shares: Float64Array.of(1, 0, 0, 1),
    });
    expect(gramsPerKwh).toBeCloseTo((100 + 50 + 0.5 * 50) / 2, 9);
    expect(movesPerWeek).toBeCloseTo(84, 9);
  });

  it('knows slots shorter than an hour', () => {
    const fleet = fleetOf([[100], [200]], { moveHours: 1 });
    const schedule = { slotsPerHour: 2, shares: Float64Array.of(1, 0, 0.5, 0.5) };
    expect(accountOf(fleet, schedule).gramsPerKwh).toBeCloseTo(0.5 * 100 + 0.5 * 150 + 0.5 * 200, 9);
  });
});

describe('optimum', () => {
  it('equals brute force, capacity included', () => {
    fc.assert(
      fc.property(fleetArbitrary, (fleet) => {
        expect(accountOf(fleet, optimum(fleet)).gramsPerKwh).toBeCloseTo(bruteForce(fleet, fleet.actual), 6);
      }),
      { numRuns: 60 },
    );
  });

  it('is beaten by no policy, and every policy obeys the cap', () => {
    fc.assert(
      fc.property(fleetArbitrary, (fleet) => {
        const least = accountOf(fleet, optimum(fleet)).gramsPerKwh;
        const cap = fleet.cap.perCluster / fleet.cap.atoms;
        for (const policy of [bestStatic, greedy, hysteresis, optimum]) {
          const schedule = policy(fleet);
          expect(accountOf(fleet, schedule).gramsPerKwh).toBeGreaterThanOrEqual(least - 1e-6);
          expect(Math.max(...schedule.shares)).toBeLessThanOrEqual(cap + 1e-9);
        }
      }),
    );
  });

  it('refuses what it cannot compute exactly', () => {
    const fleet = fleetOf(
      Array.from({ length: 8 }, () => [1, 2]),
      { maxSharePercent: 37 },
    );
    expect(() => optimum(fleet)).toThrow('max-share');
  });
});

describe('rules', () => {
  const fleet = fleetOf([
    [100, 100, 100, 100, 100, 100],
    [120, 95, 80, 80, 120, 120],
  ]);

  it('splits evenly, and statically by the sum', () => {
    expect(sharesAt(fleet, even(fleet), 3)).toEqual([0.5, 0.5]);
    expect(sharesAt(fleet, bestStatic(fleet), 0)).toEqual([1, 0]);
  });

  it('follows every hour when greedy, on what is known', () => {
    const places = (lag: number) => {
      const late = { ...fleet, lag };
      return Array.from({ length: 6 }, (_, hour) => sharesAt(late, greedy(late), hour)[1]);
    };
    expect(places(0)).toEqual([0, 1, 1, 1, 0, 0]);
    expect(places(1)).toEqual([0, 0, 1, 1, 1, 0]);
  });

  it('waits for a tenth and for three hours under hysteresis', () => {
    const places = Array.from({ length: 6 }, (_, hour) => sharesAt(fleet, hysteresis(fleet), hour)[1]);
    // 95 is not a tenth below 100; at hour 3 the first dwell is over, and the next one ends with hour 6.
    expect(places).toEqual([0, 0, 0, 1, 1, 1]);
  });

  it('takes the two cleanest when no cluster may hold more than half', () => {
    const three = fleetOf([[300], [100], [200]], { maxSharePercent: 50 });
    expect(sharesAt(three, greedy(three), 0)).toEqual([0, 0.5, 0.5]);
  });
});
