import type { ManagedCluster, Taint, Toleration } from '../types.ts';
import { MisconfiguredError } from './misconfigured.ts';

/** Whether a taint is borne, and until when (milliseconds since the Unix epoch; undefined for good). */
interface Verdict {
  readonly tolerated: boolean;
  readonly until?: number;
}

const REFUSED: Verdict = { tolerated: false };
const BORNE: Verdict = { tolerated: true };

function sooner(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined) return b;
  return b === undefined ? a : Math.min(a, b);
}

function byToleration(taint: Taint, toleration: Toleration, now: number): Verdict {
  const { key = '', operator = '', value = '', effect, tolerationSeconds } = toleration;
  if (effect !== undefined && effect !== taint.effect) return REFUSED;
  if (key !== '' && key !== taint.key) return REFUSED;
  const equal = operator === '' || operator === 'Equal';
  if (equal ? value !== (taint.value ?? '') : operator !== 'Exists') return REFUSED;
  if (tolerationSeconds === undefined) return BORNE;
  // A taint without a time counts as added at the beginning of time, so its seconds are over.
  const added = typeof taint.timeAdded === 'string' ? Date.parse(taint.timeAdded) : Number.NEGATIVE_INFINITY;
  const until = added + tolerationSeconds * 1_000;
  return now < until ? { tolerated: true, until } : REFUSED;
}

function byPlacement(
  taint: Taint,
  tolerations: readonly Toleration[],
  decided: boolean,
  now: number,
): Verdict {
  if (taint.effect === 'PreferNoSelect') return BORNE;
  if (taint.effect === 'NoSelectIfNew' && decided) return BORNE;
  for (const toleration of tolerations) {
    const verdict = byToleration(taint, toleration, now);
    if (verdict.tolerated) return verdict;
  }
  return REFUSED;
}

/** Whether all taints of a cluster are borne, and until when at most; `decided` when it is selected at present. */
export function toleratesCluster(
  cluster: ManagedCluster,
  tolerations: readonly Toleration[],
  decided: boolean,
  now: number,
): Verdict {
  let until: number | undefined;
  for (const taint of cluster.spec?.taints ?? []) {
    const verdict = byPlacement(taint, tolerations, decided, now);
    if (!verdict.tolerated) return REFUSED;
    until = sooner(until, verdict.until);
  }
  return until === undefined ? BORNE : { tolerated: true, until };
}

/** @throws MisconfiguredError for tolerations that contradict themselves. */
export function checkTolerations(tolerations: readonly Toleration[]): void {
  for (const { key = '', operator = '', value = '' } of tolerations) {
    if (key === '' && operator !== 'Exists') {
      throw new MisconfiguredError('TaintToleration', 'If the key is empty, operator must be Exists.');
    }
    if (operator === 'Exists' && value !== '') {
      throw new MisconfiguredError(
        'TaintToleration',
        'If the operator is Exists, the value should be empty.',
      );
    }
  }
}

/** When the first taint on a selected cluster stops being borne; undefined when none does. */
export function tolerationEnds(
  selected: readonly ManagedCluster[],
  tolerations: readonly Toleration[],
  now: number,
): number | undefined {
  let first: number | undefined;
  for (const cluster of selected) {
    const verdict = toleratesCluster(cluster, tolerations, true, now);
    if (verdict.tolerated) first = sooner(first, verdict.until);
  }
  return first;
}
