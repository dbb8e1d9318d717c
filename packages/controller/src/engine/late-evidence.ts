import type { Decision } from './decision.ts';

/** What is worked out when a decision is read: tables by name, and what only people and records ask for. */
export interface LateEvidence extends Pick<Decision, 'target' | 'weights' | 'divisions'> {
  readonly id: () => string;
  readonly confidence: () => number;
  readonly runnerUp: () => Decision['runnerUp'];
  readonly clusters: () => Decision['clusters'];
  readonly text: () => string;
}

/** Where a decision keeps what makes its evidence. */
const LATE: unique symbol = Symbol('late evidence');

interface Unread {
  readonly [LATE]: () => LateEvidence;
}

/** Shared by all decisions, so that one costs no more than its plain fields. */
const ACCESSORS: PropertyDescriptorMap = {
  id: told((late) => late.id()),
  target: told((late) => late.target),
  weights: told((late) => late.weights),
  divisions: told((late) => late.divisions),
  confidence: told((late) => late.confidence()),
  runnerUp: told((late) => late.runnerUp()),
  clusters: told((late) => late.clusters()),
  text: told((late) => late.text()),
};

function told(read: (late: LateEvidence) => unknown): PropertyDescriptor {
  return {
    enumerable: true,
    get(this: Unread) {
      return read(this[LATE]());
    },
  };
}

/**
 * Completes a decision with what is worked out when it is first read: of thousands of units that are decided in a
 * round, few move and fewer are looked at. Reading twice gives the same value; a copy (`{ ...decision }`) has read all.
 */
export function withEvidence(core: Omit<Decision, keyof LateEvidence>, make: () => LateEvidence): Decision {
  complete(core, make);
  return core;
}

function complete(
  core: Omit<Decision, keyof LateEvidence>,
  make: () => LateEvidence,
): asserts core is Decision {
  Object.defineProperty(core, LATE, { value: once(make) });
  Object.defineProperties(core, ACCESSORS);
}

/** Works a value out when it is first asked for. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
