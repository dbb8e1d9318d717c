import { fnv1a32 } from './division/webster.ts';
import type { PlacementProblem } from './problem.ts';

/** Same inputs, same id: 16 hexadecimal digits over everything that the decision was made from and led to. */
export function decisionId(problem: PlacementProblem, outcome: unknown): string {
  const text = JSON.stringify([
    problem.unit,
    problem.at,
    problem.objective,
    problem.mapVersion,
    problem.workloads,
    problem.limits,
    problem.history,
    problem.clusters.map(({ name, gramsPerKwh, ready, allowed, avoid, maxShare }) => [
      name,
      gramsPerKwh,
      ready,
      allowed,
      avoid,
      maxShare,
    ]),
    outcome,
  ]);
  return hex(fnv1a32(text)) + hex(fnv1a32(`${text}\n`));
}

function hex(value: number): string {
  return value.toString(16).padStart(8, '0');
}
