import { MAX_SCORE, type Prioritizer } from './prioritizer.ts';

/** What is selected stays selected. */
export const steady: Prioritizer = (_clusters, { decided }) => {
  return ({ metadata }) => (decided.has(metadata.name) ? MAX_SCORE : 0);
};
