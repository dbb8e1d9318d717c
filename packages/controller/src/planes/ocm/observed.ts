import type { Decision } from '../../engine/decision.ts';
import type { ClusterOption } from '../../engine/problem.ts';
import type { Candidates } from './candidates.ts';
import { expectedClusters } from './scheduler/expect.ts';
import { firstScores } from './scores/wanted.ts';
import { steeringPolicy } from './steering.ts';
import type { PlacementView, Unit } from './unit.ts';
import type { PlanContext } from './unit-plan.ts';

/** What OCM would decide for if Windvane's scores and policy said what was decided; ascending names. */
export function choiceUnderWindvane(
  unit: Unit & { readonly placement: PlacementView },
  options: readonly ClusterOption[],
  { selected }: Candidates,
  decision: Decision,
  { usage, now }: Pick<PlanContext, 'usage' | 'now'>,
): readonly string[] {
  const { object, spec } = unit.placement;
  const wanted = Object.keys(decision.target).filter((name) => (decision.target[name] ?? 0) > 0);
  const chosen = new Set(decision.outcome === 'move' ? wanted : unit.decided);
  const scores = new Map(
    firstScores({ candidates: options, decided: chosen, decision }).map(({ cluster, value }) => [
      cluster,
      value ?? 0,
    ]),
  );
  const expected = expectedClusters({
    spec: { ...spec, prioritizerPolicy: steeringPolicy(object) },
    selected,
    decided: new Set(unit.decided),
    usage,
    scores: (cluster) => scores.get(cluster),
    now,
  });
  return expected ?? unit.decided;
}

/** What is said of a Placement that is only observed. */
export function observedText(now: readonly string[], under: readonly string[], decision: Decision): string {
  const here = `OCM chooses ${now.join(', ')} now`;
  if (under.join() === now.join()) return `${here}, and would choose the same under Windvane.`;
  const gain = (100 * decision.gain.share).toFixed(1);
  return `${here}; under Windvane it would choose ${under.join(', ')}, for ${gain} % less.`;
}
