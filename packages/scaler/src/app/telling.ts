import type { Allowance } from '../policy/allowance.ts';
import type { KnownTrigger } from '../policy/decider.ts';
import type { ScalerLog } from './log.ts';

/** What is told of one trigger: its mistakes and a target out of reach loudly, everything else once per change. */
export function createTeller(log: ScalerLog): (trigger: KnownTrigger, before: Allowance | null) => void {
  return ({ ref, allowance }, before) => {
    const about = { namespace: ref.namespace, name: ref.name };
    if (before === null) {
      for (const { key, message } of allowance.problems) log.warn({ ...about, key }, message);
    }
    const { neverReached } = allowance;
    if (neverReached !== null && (before === null || before.neverReached === null)) {
      log.warn({ ...about, reason: 'TargetNeverReached', ...neverReached }, neverReachedText(allowance));
    }
    const { allowed, replicas, reason, zone, gramsPerKwh, threshold, text } = allowance;
    log.info({ ...about, allowed, replicas, reason, zone, gramsPerKwh, threshold }, text);
  };
}

/** The sentence for logs and Events; empty when the target is within reach. */
function neverReachedText({ neverReached, zone, threshold }: Allowance): string {
  if (neverReached === null) return '';
  const { lowest, suggestion, hours } = neverReached;
  return `targetValue ${threshold ?? ''} is never reached in ${zone ?? 'this zone'}: the lowest of ${hours} known hours is ${Math.round(lowest)} g/kWh. "${suggestion}" would run 30 % of the time, and so would percentile: "30".`;
}
