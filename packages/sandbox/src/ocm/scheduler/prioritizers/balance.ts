import { MAX_SCORE, type Prioritizer } from './prioritizer.ts';

/** The less other Placements use a cluster, compared with the most used one on the whole hub, the better. */
export const balance: Prioritizer = (_clusters, around) => {
  const usage = around.usage();
  let most = 0;
  for (const count of usage.values()) most = Math.max(most, count);
  return ({ metadata }) => {
    const count = usage.get(metadata.name) ?? 0;
    return count === 0 ? MAX_SCORE : 2 * Math.trunc(MAX_SCORE * (0.5 - count / most));
  };
};
