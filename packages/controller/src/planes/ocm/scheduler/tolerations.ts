import type { Instant } from '@windvane/carbon-map';
import type { Taint } from '../read/cluster.ts';
import type { Toleration } from '../read/placement.ts';

/** A toleration that OCM refuses: the whole Placement is misconfigured then. Null when all are sound. */
export function unsoundToleration(tolerations: readonly Toleration[]): string | null {
  for (const { key, operator, value } of tolerations) {
    if ((key ?? '') === '' && operator !== 'Exists') return 'a toleration without key needs operator Exists';
    if (operator === 'Exists' && (value ?? '') !== '')
      return 'a toleration with operator Exists takes no value';
  }
  return null;
}

/** Without `tolerationSeconds` it lasts; with them it ends so long after the taint was added. */
function lasts(taint: Taint, toleration: Toleration, now: Instant): boolean {
  const seconds = toleration.tolerationSeconds;
  if (seconds === undefined || seconds === null) return true;
  const added = Date.parse(taint.timeAdded ?? '');
  return !Number.isNaN(added) && now < added + seconds * 1000;
}

function tolerates(toleration: Toleration, taint: Taint, now: Instant): boolean {
  const { key, operator, value, effect } = toleration;
  if ((effect ?? '') !== '' && effect !== taint.effect) return false;
  if ((key ?? '') !== '' && key !== taint.key) return false;
  const equal = (operator ?? '') === '' || operator === 'Equal';
  const matches = operator === 'Exists' || (equal && (value ?? '') === (taint.value ?? ''));
  return matches && lasts(taint, toleration, now);
}

/**
 * The taint that keeps a cluster out, or null, as OCM's TaintToleration filter has it: PreferNoSelect never does, and
 * NoSelectIfNew does not where the Placement has decided for the cluster already.
 */
export function repellingTaint(
  taints: readonly Taint[],
  tolerations: readonly Toleration[],
  decided: boolean,
  now: Instant,
): Taint | null {
  const repels = (taint: Taint): boolean => {
    if (taint.effect === 'PreferNoSelect') return false;
    if (taint.effect === 'NoSelectIfNew' && decided) return false;
    return !tolerations.some((toleration) => tolerates(toleration, taint, now));
  };
  return taints.find(repels) ?? null;
}
