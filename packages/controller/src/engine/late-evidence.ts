import type { Decision } from './decision.ts';

/** The parts of a decision that only people and records read. */
type Evidence = Pick<Decision, 'id' | 'confidence' | 'runnerUp' | 'clusters' | 'text'>;

/**
 * Completes a decision with evidence that is worked out when it is first read: of thousands of units that are decided
 * in a round, few are looked at. Reading twice gives the same value.
 */
export function withEvidence(
  core: Omit<Decision, keyof Evidence>,
  make: { readonly [Key in keyof Evidence]: () => Evidence[Key] },
): Decision {
  const id = once(make.id);
  const confidence = once(make.confidence);
  const runnerUp = once(make.runnerUp);
  const clusters = once(make.clusters);
  const text = once(make.text);
  return {
    get id() {
      return id();
    },
    ...core,
    get confidence() {
      return confidence();
    },
    get runnerUp() {
      return runnerUp();
    },
    get clusters() {
      return clusters();
    },
    get text() {
      return text();
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
