import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/engine/decide.ts';
import type { Decision, WorkloadDivision } from '../../src/engine/decision.ts';
import { divide } from '../../src/engine/division/webster.ts';
import type { PlacementProblem } from '../../src/engine/problem.ts';
import { problemArbitrary } from './problems.ts';

const RUNS = { numRuns: 400 };

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** Calls back with every workload and cluster of a decision. */
function everywhere(
  problem: PlacementProblem,
  decision: Decision,
  check: (at: {
    cluster: PlacementProblem['clusters'][number];
    before: number;
    after: number;
    replicas: number;
  }) => void,
) {
  for (const [index, { replicas }] of problem.workloads.entries()) {
    const division: Pick<WorkloadDivision, 'current' | 'next'> = decision.divisions[index] ?? {
      current: {},
      next: {},
    };
    for (const cluster of problem.clusters) {
      check({
        cluster,
        before: division.current[cluster.name] ?? 0,
        after: division.next[cluster.name] ?? 0,
        replicas,
      });
    }
  }
}

describe('laws of every decision', () => {
  it('keeps every replica and makes the shares sum to one', () => {
    fc.assert(
      fc.property(problemArbitrary, (problem) => {
        const decision = decide(problem);
        for (const [index, { replicas }] of problem.workloads.entries()) {
          expect(sum(Object.values(decision.divisions[index]?.next ?? {}))).toBe(replicas);
        }
        const total = sum(problem.workloads.map((each) => each.replicas));
        expect(sum(Object.values(decision.target))).toBeCloseTo(total > 0 ? 1 : 0, 9);
      }),
      RUNS,
    );
  });

  it('writes weights that divide into exactly what it says, and only names of candidates', () => {
    fc.assert(
      fc.property(problemArbitrary, (problem) => {
        const decision = decide(problem);
        const known = new Set(problem.clusters.map((each) => each.name));
        for (const [name, weight] of Object.entries(decision.weights)) {
          expect(known.has(name)).toBe(true);
          expect(Number.isInteger(weight) && weight >= 1 && weight <= 1000).toBe(true);
        }
        if (decision.outcome !== 'move') return;
        expect(Object.keys(decision.weights).length).toBeGreaterThan(0);
        for (const [index, { replicas, uid }] of problem.workloads.entries()) {
          expect(divide(decision.weights, replicas, uid)).toEqual(decision.divisions[index]?.next);
        }
      }),
      RUNS,
    );
  });

  it('changes nothing unless it says move, and something when it does', () => {
    fc.assert(
      fc.property(problemArbitrary, (problem) => {
        const decision = decide(problem);
        let changed = false;
        everywhere(problem, decision, ({ before, after }) => {
          if (before !== after) changed = true;
        });
        expect(changed).toBe(decision.outcome === 'move');
      }),
      RUNS,
    );
  });

  it('takes every move to an end: no step leads back to where the one before began', () => {
    fc.assert(
      fc.property(problemArbitrary, (first) => {
        let problem = first;
        // Every step takes a replica nearer to its goal; a target that was given may turn out to be no good on the way.
        const most = 4 * sum(first.workloads.map(({ replicas }) => replicas)) + 4;
        for (let steps = 0; steps <= most; steps += 1) {
          const decision = decide(problem);
          if (decision.outcome !== 'move') return;
          problem = {
            ...problem,
            workloads: problem.workloads.map((workload, index) => ({
              ...workload,
              current: decision.divisions[index]?.next ?? {},
            })),
            history: { ...problem.history, movingTo: decision.target },
          };
        }
        expect.unreachable('it still moves');
      }),
      { numRuns: 2_000 },
    );
  });

  it('never gives more to a cluster that is not ready, not allowed, avoided or without data', () => {
    fc.assert(
      fc.property(problemArbitrary, (problem) => {
        everywhere(problem, decide(problem), ({ cluster, before, after }) => {
          const mayGain = cluster.ready && cluster.allowed && !cluster.avoid && cluster.gramsPerKwh !== null;
          expect(mayGain || after <= before).toBe(true);
          expect(cluster.ready || after === before).toBe(true);
        });
      }),
      RUNS,
    );
  });

  it('respects caps, headroom, floors and the step in every workload', () => {
    fc.assert(
      fc.property(problemArbitrary, (problem) => {
        const decision = decide(problem);
        const first = problem.workloads.map((each) => sum(Object.values(each.current)) === 0);
        everywhere(problem, decision, ({ cluster, before, after, replicas }) => {
          const cap = Math.max(1, Math.floor(cluster.maxShare * replicas + 1e-9));
          expect(after <= before || after <= cap).toBe(true);
          const bound = cluster.allowed && !cluster.avoid && before > 0;
          const floor = Math.min(before, problem.limits.minReplicas, cap);
          expect(!bound || after >= floor).toBe(true);
        });
        for (const cluster of problem.clusters) {
          if (cluster.headroomReplicas === null) continue;
          const gained = decision.divisions.map((each) =>
            Math.max(0, (each.next[cluster.name] ?? 0) - (each.current[cluster.name] ?? 0)),
          );
          expect(sum(gained)).toBeLessThanOrEqual(cluster.headroomReplicas);
        }
        for (const [index, division] of decision.divisions.entries()) {
          if (first[index]) continue;
          const moved = sum(
            problem.clusters.map(({ name }) =>
              Math.max(0, (division.next[name] ?? 0) - (division.current[name] ?? 0)),
            ),
          );
          const most = Math.max(
            1,
            Math.floor(problem.limits.maxStep * (problem.workloads[index]?.replicas ?? 0) + 1e-9),
          );
          expect(moved).toBeLessThanOrEqual(most);
        }
      }),
      RUNS,
    );
  });

  it('gives the same answer for any order of the clusters', () => {
    fc.assert(
      fc.property(problemArbitrary, (problem) => {
        const reversed = { ...problem, clusters: problem.clusters.toReversed() };
        const { id: _, ...decision } = decide(problem);
        const { id: __, ...other } = decide(reversed);
        expect(other).toEqual(decision);
      }),
      RUNS,
    );
  });

  it('does not care about the scale of the intensities under carbon', () => {
    fc.assert(
      fc.property(problemArbitrary, fc.constantFrom(0.25, 2, 8), (problem, scale) => {
        const scaled = {
          ...problem,
          clusters: problem.clusters.map((each) => ({
            ...each,
            gramsPerKwh: each.gramsPerKwh === null ? null : each.gramsPerKwh * scale,
            forecast: each.forecast.map((point) => ({ ...point, gramsPerKwh: point.gramsPerKwh * scale })),
          })),
        };
        const { outcome, target, divisions, weights } = decide(problem);
        expect(decide(scaled)).toMatchObject({ outcome, target, divisions, weights });
      }),
      RUNS,
    );
  });

  it('gives the same id for the same inputs and changes nothing in them', () => {
    fc.assert(
      fc.property(problemArbitrary, (problem) => {
        const copy = structuredClone(problem);
        const decision = decide(problem);
        expect(problem).toEqual(copy);
        expect(decide(copy)).toEqual(decision);
        expect(decision.id).toMatch(/^[0-9a-f]{16}$/);
        expect(decide({ ...problem, mapVersion: 2 }).id).not.toBe(decision.id);
      }),
      RUNS,
    );
  });
});
