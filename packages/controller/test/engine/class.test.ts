import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/engine/decide.ts';
import type { PlacementProblem } from '../../src/engine/problem.ts';
import { HOUR, problemArbitrary } from './problems.ts';

/** The same problem with a list of clusters of its own, so that nothing is remembered for it. */
function alone(problem: PlacementProblem): PlacementProblem {
  return { ...problem, clusters: [...problem.clusters] };
}

describe('units of one class', () => {
  it('are decided as if each were alone, whatever was decided before on the same clusters', () => {
    fc.assert(
      fc.property(problemArbitrary, fc.array(problemArbitrary, { maxLength: 4 }), (first, others) => {
        const fleet = [first, ...others].map((each) => ({ ...each, clusters: first.clusters }));
        const together = fleet.map((each) => decide(each));
        const apart = fleet.map((each) => structuredClone({ ...decide(alone(each)) }));
        expect(together.map((decision) => ({ ...decision }))).toEqual(apart);
      }),
    );
  });

  it('are judged anew when the hour or the objective changes', () => {
    fc.assert(
      fc.property(problemArbitrary, (first) => {
        const priced = first.clusters.map((option, index) => ({
          ...option,
          pricePerReplicaHour: 1 + ((7 * index) % 5),
        }));
        const rounds: PlacementProblem[] = [
          { ...first, clusters: priced },
          { ...first, clusters: priced, objective: 'cost' },
          { ...first, clusters: priced, objective: 'blended', carbonPricePerKg: 0.5 },
          { ...first, clusters: priced, at: first.at + HOUR },
        ];
        for (const round of rounds) expect({ ...decide(round) }).toEqual({ ...decide(alone(round)) });
      }),
    );
  });

  it('tell late what they would have told at once', () => {
    fc.assert(
      fc.property(problemArbitrary, problemArbitrary, (first, second) => {
        const early = decide(first);
        const told = { ...early };
        const late = decide(first);
        decide({ ...second, clusters: first.clusters, at: first.at + HOUR });
        expect({ ...late }).toEqual(told);
        expect({ ...early }).toEqual(told);
        expect(early.clusters).toBe(early.clusters);
      }),
    );
  });
});
