import type { BlockedReason } from '../status/carbon-placement.ts';

/** One workload that a policy binds. */
interface BoundWorkload {
  /** For people: `Deployment apps/web`. */
  readonly label: string;
  /** It carries `windvane.dev/placement` itself. */
  readonly optedIn: boolean;
}

export interface PolicyConsent {
  readonly kind: 'PropagationPolicy' | 'ClusterPropagationPolicy';
  readonly label: string;
  /** The policy carries `windvane.dev/placement` itself. */
  readonly optedIn: boolean;
  readonly bound: readonly BoundWorkload[];
}

export interface Refusal {
  readonly reason: BlockedReason;
  readonly message: string;
}

/** Whether Windvane may write a policy: its own word, or that of every workload it binds. Null means yes. */
export function consentRefusal(policy: PolicyConsent): Refusal | null {
  if (policy.optedIn) return null;
  if (policy.kind === 'ClusterPropagationPolicy') {
    return {
      reason: 'ConsentRequired',
      message: `${policy.label} serves several namespaces and has to opt in itself; annotate it with windvane.dev/placement: follow-the-wind, or give the workload a PropagationPolicy of its own`,
    };
  }
  const others = policy.bound.filter((workload) => !workload.optedIn).map((workload) => workload.label);
  if (others.length === 0) return null;
  const named = others.slice(0, 3).join(', ') + (others.length > 3 ? ` and ${others.length - 3} more` : '');
  return {
    reason: 'SharedPolicy',
    message: `${policy.label} also places ${named}, not opted in; annotate those or the policy with windvane.dev/placement: follow-the-wind, or give this workload a policy of its own`,
  };
}
