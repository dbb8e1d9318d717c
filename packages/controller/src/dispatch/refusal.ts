import type { Refusal } from '../optin/consent.ts';
import type { UnitOptions } from '../optin/options.ts';
import type { EffectiveMode } from '../status/carbon-placement.ts';
import type { JobFacts } from './facts.ts';
import { policyToPaste } from './policy.ts';

/** Why a Job is none that Windvane may start anywhere; null when it is. */
function unfit({ job, traffic }: JobFacts, { latencyClass }: UnitOptions): Refusal | null {
  const { label, claimsStorage } = job.workload;
  if (latencyClass === 'realtime') {
    return {
      reason: 'RealTime',
      message: `${label} is realtime: it stays near its users; windvane.dev/latency-class: flexible would let it wait and move`,
    };
  }
  if (latencyClass === null && traffic !== null) {
    return {
      reason: 'ServesTraffic',
      message: `${traffic} sends traffic to ${label}; annotate it with windvane.dev/latency-class: flexible if its users do not mind where it runs, or realtime if they do`,
    };
  }
  if (claimsStorage) {
    return {
      reason: 'Stateful',
      message: `${label} mounts a PersistentVolumeClaim, which is in one cluster alone; remove windvane.dev/placement and give it a policy for that cluster`,
    };
  }
  return null;
}

/**
 * Why Windvane does not dispatch a Job that was not dispatched yet, in words, with the remedy. Null when it does.
 * @param cluster where it would go, for the policy to paste.
 */
export function dispatchRefusal(
  facts: JobFacts,
  options: UnitOptions,
  mode: EffectiveMode,
  cluster: string | null,
): Refusal | null {
  const { job, claim, selectedBy } = facts;
  const { label } = job.workload;
  const refusal = unfit(facts, options);
  if (refusal !== null) return refusal;
  const policy = selectedBy ?? (claim === null ? null : `${claim.kind} ${claim.key}`);
  if (policy !== null) {
    return {
      reason: 'ClaimedJob',
      message: `${policy} already places ${label}; a started Job cannot move: leave it to no policy and Windvane dispatches it`,
    };
  }
  if (job.suspended) {
    return {
      reason: 'SuspendedTemplate',
      message: `${label} has spec.suspend: true, which Karmada would keep in the member; set it to false: Windvane holds the Job back by not placing it`,
    };
  }
  if (mode === 'act') return null;
  const place = cluster ?? 'NAME-OF-A-CLUSTER';
  return {
    reason: 'NotDispatched',
    message: `${label} waits on the hub: Windvane only observes it and no policy places it; to start it now, apply:\n${policyToPaste(job, place)}`,
  };
}
