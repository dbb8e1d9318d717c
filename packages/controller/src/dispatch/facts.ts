import type { KubeObject } from '../kube/resource.ts';
import { annotationsHash } from '../optin/hash.ts';
import { userAnnotations } from '../optin/keys.ts';
import { mergeOptIn } from '../optin/merge.ts';
import { parseOptIn } from '../optin/parse.ts';
import type { BindingView } from '../planes/karmada/binding.ts';
import { readBindingSpec } from '../planes/karmada/read/binding.ts';
import type { Unit, UnitOptIn } from '../planes/karmada/unit.ts';
import type { Claim } from '../planes/karmada/workload.ts';
import type { Remembered } from '../status/schema.ts';
import type { JobView } from './job-view.ts';

/** One opted-in Job with everything that bears on it. */
export interface JobFacts {
  readonly job: JobView;
  readonly namespace: KubeObject | null;
  /** The policy that claims it, Windvane's own included; null while none does. */
  readonly claim: Claim | null;
  /** Windvane's own policy for this very Job. */
  readonly policy: KubeObject | null;
  readonly binding: BindingView | null;
  /** A user's policy that selects it, claimed or not, for people. */
  readonly selectedBy: string | null;
  /** What sends traffic to it, for people. */
  readonly traffic: string | null;
  readonly remembered: Remembered;
}

/** Reads and merges all annotations that speak for a Job. */
export function jobOptIn(
  { job, namespace }: Pick<JobFacts, 'job' | 'namespace'>,
  hubDefaults: Readonly<Record<string, string>>,
): UnitOptIn {
  const { label, object } = job.workload;
  const written = new Map([[label, userAnnotations(object.metadata.annotations)]]);
  const own = parseOptIn('workload', label, written.get(label) ?? {}, 'job-dispatch');
  const hub =
    Object.keys(hubDefaults).length === 0
      ? null
      : parseOptIn('hub', "the hub's configuration", hubDefaults, null);
  if (namespace === null) {
    const merged = mergeOptIn({ policy: null, workloads: [{ own, namespace: null }], hub });
    return { ...merged, hash: annotationsHash(written) };
  }
  const around = `Namespace ${namespace.metadata.name}`;
  const defaults = userAnnotations(namespace.metadata.annotations);
  written.set(around, defaults);
  const source = parseOptIn('namespace', around, defaults, null);
  const merged = mergeOptIn({ policy: null, workloads: [{ own, namespace: source }], hub });
  return { ...merged, hash: annotationsHash(written) };
}

/** Clusters that Karmada has given this very Job to; an earlier one of the same name does not count. */
export function boundClusters({ job, binding }: Pick<JobFacts, 'job' | 'binding'>): readonly string[] {
  if (binding === null || binding.resource.uid !== job.uid) return [];
  return (readBindingSpec(binding.object.spec)?.clusters ?? []).map(({ name }) => name);
}

/** A Job as a unit of its own, for what judges units. */
export function unitOfJob({ job, binding, namespace, traffic, remembered }: JobFacts): Unit {
  const { workload } = job;
  return {
    key: workload.label,
    label: workload.label,
    policy: null,
    members: [
      { workload, binding, namespace, traffic, autoscaler: null, scaler: null, override: null, remembered },
    ],
    bound: [{ label: workload.label, optedIn: true }],
  };
}
