import type { Instant } from '@windvane/carbon-map';
import type { Decision } from '../../../engine/decision.ts';
import type { ClusterOption } from '../../../engine/problem.ts';
import { isEligible } from '../candidates.ts';
import { EXCLUDED, isRestScore, restScore } from '../steering.ts';
import type { StepRecord } from './step-record.ts';
import { leavingScore } from './surge-scores.ts';

interface StepInputs {
  readonly decision: Decision;
  /** Clusters that OCM has decided for. */
  readonly decided: readonly string[];
  readonly candidates: readonly ClusterOption[];
  readonly score: (cluster: string) => number | undefined;
  /** `numberOfClusters`. */
  readonly count: number;
  readonly surge: boolean;
  /** The step that this one continues; null for the first of a move. */
  readonly before: StepRecord | null;
  readonly number: number;
  readonly now: Instant;
}

/** The decision's next step as clusters that change places: each leaver gets the score of the one that comes for it. */
export function makeStep(inputs: StepInputs): StepRecord {
  const { decision, decided, candidates, score, count, surge, before, number, now } = inputs;
  const next = decision.divisions[0]?.next ?? {};
  const chosen = Object.keys(next).filter((name) => (next[name] ?? 0) > 0);
  const newcomers = chosen.filter((name) => !decided.includes(name)).sort();
  const leavers = decided.filter((name) => !chosen.includes(name)).sort();
  if (newcomers.length !== leavers.length || newcomers.length === 0) {
    throw new Error(
      `a step of ${decision.unit} brings ${newcomers.length} clusters for ${leavers.length}: that is no exchange`,
    );
  }
  const at = new Date(now).toISOString();
  const fallback = restScore(candidates.length, candidates.length + 1);
  const standing = newcomers.map((name) => {
    const value = score(name);
    return [name, isRestScore(value) ? value : fallback] as const;
  });
  const stays = new Set(candidates.filter(isEligible).map(({ name }) => name));
  return {
    move: before?.move ?? decision.id,
    moveStartedAt: before?.moveStartedAt ?? at,
    startedAt: at,
    number,
    target: decision.target,
    from: decided,
    enter: Object.fromEntries(standing),
    leave: Object.fromEntries(
      leavers.map((name, index) => {
        const swapped = standing[index]?.[1] ?? EXCLUDED;
        return [name, stays.has(name) ? (surge ? leavingScore(swapped) : swapped) : EXCLUDED];
      }),
    ),
    surge,
    count,
    phase: 'found',
    lowered: null,
    actedAt: null,
    back: null,
  };
}
