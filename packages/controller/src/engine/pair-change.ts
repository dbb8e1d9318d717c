import { type CostTerms, costModel } from './cost.ts';
import type { JudgedCluster } from './options.ts';
import type { ClusterOption, PlacementProblem } from './problem.ts';

/** What a move rests on when the map may have changed its pair. */
export type Support =
  /** Nothing changed, or the objective does not look at carbon. */
  | { readonly on: 'one-pair' }
  /** Every cluster that gains or loses has a reading that is newer than the change. */
  | { readonly on: 'newer-readings' }
  /** It would gain as well under the pair that was left: by this part, 0..1. */
  | { readonly on: 'old-pair'; readonly gain: number }
  /** Neither: the difference may come from counting otherwise. */
  | { readonly on: 'nothing' };

const EPSILON = 1e-6;

/**
 * After a change of pair a move needs a reading newer than the change wherever it gains or loses, or its gain under the
 * pair that was left, with the last readings there.
 */
export function supportOf(
  problem: PlacementProblem,
  clusters: readonly JudgedCluster[],
  current: readonly number[],
  target: readonly number[],
): Support {
  if (problem.objective === 'cost') return { on: 'one-pair' };
  let changed = false;
  let newer = true;
  let known = true;
  let stay = 0;
  let go = 0;
  for (const [index, { option }] of clusters.entries()) {
    const from = current[index] ?? 0;
    const to = target[index] ?? 0;
    const cost = oldPairCost(problem, option);
    const moves = Math.abs(to - from) > EPSILON;
    if (moves && option.oldPair !== undefined) changed = true;
    if (moves && option.oldPair?.outdated === false) newer = false;
    if (moves && cost === null) known = false;
    // What nobody knows and nobody moves is left out on both sides, as in the gain itself.
    if (cost === null) continue;
    stay += from * cost;
    go += to * cost;
  }
  if (!changed) return { on: 'one-pair' };
  if (newer) return { on: 'newer-readings' };
  const gain = stay > 0 ? (stay - go) / stay : 0;
  return known && gain > 0 && gain >= problem.limits.minGain ? { on: 'old-pair', gain } : { on: 'nothing' };
}

/** Cost of one replica for the present hour under the pair that was left; null when not known. */
function oldPairCost(terms: CostTerms, option: ClusterOption): number | null {
  const grams = option.oldPair?.gramsPerKwh ?? null;
  const model = costModel(terms, option);
  return grams === null || model === null ? null : model.fixed(0) + model.perGram * grams;
}
