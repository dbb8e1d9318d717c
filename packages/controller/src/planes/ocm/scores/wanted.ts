import type { Decision } from '../../../engine/decision.ts';
import type { ClusterOption } from '../../../engine/problem.ts';
import { isEligible } from '../candidates.ts';
import { CHOSEN, EXCLUDED, isRestScore, restScore } from '../steering.ts';
import type { ScoreWrite } from './board.ts';

/** What scores are made from. */
export interface ScoreBasis {
  readonly candidates: readonly ClusterOption[];
  /** Clusters that OCM has decided for: they are the chosen ones. */
  readonly decided: ReadonlySet<string>;
  readonly decision: Decision;
}

/** Scores of the clusters that could take a place, by rank; those without data are not among them. */
function rests({ candidates, decided, decision }: ScoreBasis): Map<string, number> {
  const rank = new Map(decision.clusters.map((each) => [each.cluster, each.rank]));
  const order = candidates
    .filter((option) => isEligible(option) && !decided.has(option.name))
    .map(({ name }) => ({ name, rank: rank.get(name) ?? null }))
    .filter((each): each is { name: string; rank: number } => each.rank !== null)
    .sort((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1));
  return new Map(order.map(({ name }, index) => [name, restScore(index, order.length)]));
}

/** Every score of a Placement that is taken over: the chosen first. */
export function firstScores(basis: ScoreBasis): ScoreWrite[] {
  const rest = rests(basis);
  return basis.candidates
    .map(({ name }) => ({
      cluster: name,
      value: basis.decided.has(name) ? CHOSEN : (rest.get(name) ?? EXCLUDED),
    }))
    .sort((a, b) => b.value - a.value || (a.cluster < b.cluster ? -1 : 1));
}

/**
 * Scores that no longer say what a cluster is: OCM decided for another one, or what may be chosen changed. Ranks are
 * left as they were given. The chosen come first, so that no order of the rest decides anything.
 */
export function staleScores(basis: ScoreBasis, score: (cluster: string) => number | undefined): ScoreWrite[] {
  const { candidates, decided } = basis;
  let known: Map<string, number> | null = null;
  const restOf = (name: string): number => {
    known ??= rests(basis);
    return known.get(name) ?? EXCLUDED;
  };
  const raised: ScoreWrite[] = [];
  const others: ScoreWrite[] = [];
  const freed = candidates
    .filter(({ name }) => decided.has(name))
    .map(({ name }) => score(name))
    .filter(isRestScore);
  for (const option of candidates) {
    const { name } = option;
    const now = score(name);
    if (decided.has(name)) {
      if (now !== CHOSEN) raised.push({ cluster: name, value: CHOSEN });
      continue;
    }
    const eligible = isEligible(option);
    // Data that fail for a while change no score: a rank stays, and so does its lack.
    const unjudged = now === EXCLUDED && option.gramsPerKwh === null;
    if (eligible ? isRestScore(now) || unjudged : now === EXCLUDED) continue;
    // A cluster that lost its place gets the score of the one that took it.
    const value = eligible ? (now === CHOSEN ? (freed.shift() ?? restOf(name)) : restOf(name)) : EXCLUDED;
    others.push({ cluster: name, value });
  }
  return [...raised, ...others];
}
