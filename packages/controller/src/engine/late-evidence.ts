import type { Decision } from './decision.ts';

/** What is worked out when a decision is read: tables by name, and what only people and records ask for. */
export interface LateEvidence extends Pick<Decision, 'target' | 'weights' | 'divisions'> {
  readonly id: () => string;
  readonly confidence: () => number;
  readonly runnerUp: () => Decision['runnerUp'];
  readonly clusters: () => Decision['clusters'];
  readonly text: () => string;
}

/**
 * Completes a decision with what is worked out when it is first read: of thousands of units that are decided in a
 * round, few move and fewer are looked at. Reading twice gives the same value.
 */
export function withEvidence(core: Omit<Decision, keyof LateEvidence>, make: () => LateEvidence): Decision {
  const late = once(make);
  return {
    get id() {
      return late().id();
    },
    unit: core.unit,
    at: core.at,
    mapVersion: core.mapVersion,
    outcome: core.outcome,
    heldBy: core.heldBy,
    get target() {
      return late().target;
    },
    get weights() {
      return late().weights;
    },
    get divisions() {
      return late().divisions;
    },
    gain: core.gain,
    continues: core.continues,
    last: core.last,
    moveCost: core.moveCost,
    get confidence() {
      return late().confidence();
    },
    get runnerUp() {
      return late().runnerUp();
    },
    get clusters() {
      return late().clusters();
    },
    get text() {
      return late().text();
    },
  };
}

/** Works a value out when it is first asked for. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
