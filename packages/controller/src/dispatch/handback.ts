import type { LocationResolver } from '@windvane/carbon-map';
import { FIELD_MANAGER, type KubeApi } from '../kube/api.ts';
import { isKubeError } from '../kube/errors.ts';
import { type KubeObject, keyOf } from '../kube/resource.ts';
import { isAllowed } from '../optin/locations.ts';
import { canBeFed } from '../planes/karmada/candidates.ts';
import type { MemberCluster } from '../planes/karmada/member.ts';
import { PROPAGATION_POLICY } from '../planes/karmada/resources.ts';
import { boundClusters, type JobFacts, jobOptIn, unitOfJob } from './facts.ts';
import { DISPATCH_LABEL, dispatchPolicy, policyToPaste } from './policy.ts';
import { dispatchRefusal } from './refusal.ts';

/** What Jobs leave behind, and what becomes of it when Windvane goes. */
export interface JobHoldings {
  /** Jobs that wait for Windvane to start them, the one that must go first, first. */
  readonly waiting: readonly JobFacts[];
  /** Policies of Jobs that run: they stay, with nothing of Windvane on them, and go with their Jobs. */
  readonly running: readonly KubeObject[];
  /** Policies of Jobs that are over or gone. */
  readonly finished: readonly KubeObject[];
}

/**
 * Whether a Job waits for Windvane and nobody else. Without a status the hub's own mode decides: what it observes waits
 * for its user.
 */
export function waits(facts: JobFacts, hubActs: boolean): boolean {
  const { job, policy, remembered } = facts;
  if (policy !== null || job.finished || boundClusters(facts).length > 0) return false;
  if (remembered.dispatch?.job === job.uid && remembered.dispatch.dispatchedAt !== null) return false;
  const { options, problems } = jobOptIn(facts, {});
  if (options.placement !== 'follow-the-wind' || problems.length > 0) return false;
  if (dispatchRefusal(facts, options, 'act', null) !== null) return false;
  return remembered.dispatch === null ? hubActs : remembered.mode === 'act';
}

/** The cluster that was planned, if it can take the Job; else the one with the most room that may. Null without any. */
function bestKnownCluster(
  facts: JobFacts,
  fleet: readonly MemberCluster[],
  locations: LocationResolver,
): string | null {
  const { options } = jobOptIn(facts, {});
  const unit = unitOfJob(facts);
  const may = fleet.filter(
    (member) =>
      !member.deleting &&
      !member.place.avoid &&
      canBeFed(member, unit) &&
      isAllowed(member.place, options.locations, locations),
  );
  const planned = Object.keys(facts.remembered.decision?.target ?? {});
  const first = may.find(({ name }) => planned.includes(name));
  const roomiest = may.toSorted(
    (a, b) => (b.headroom?.cpuMillis ?? 0) - (a.headroom?.cpuMillis ?? 0) || (a.name < b.name ? -1 : 1),
  );
  return (first ?? roomiest[0])?.name ?? null;
}

/**
 * Starts a Job that waited, as it will have nobody to wait for. Once done it is done: the policy is made anew only
 * when it is missing. The policy carries nothing of Windvane. Throws {@link KubeError}.
 * @returns false when no cluster can take it now; `tell` has the policy to paste.
 */
export async function startNow(
  api: KubeApi,
  facts: JobFacts,
  fleet: readonly MemberCluster[],
  locations: LocationResolver,
  tell: (line: string) => void,
): Promise<boolean> {
  const { label } = facts.job.workload;
  const cluster = bestKnownCluster(facts, fleet, locations);
  if (cluster === null) {
    tell(
      `${label}: no cluster that it may use is Ready; run this again when one is, or apply:\n${policyToPaste(facts.job, 'NAME-OF-A-CLUSTER')}`,
    );
    return false;
  }
  try {
    await api.create(PROPAGATION_POLICY, dispatchPolicy(facts.job, cluster));
  } catch (error) {
    // The controller was faster.
    if (!isKubeError(error, 'already-exists')) throw error;
  }
  tell(`${label}: started in ${cluster}, as nobody will start it later`);
  return true;
}

/** Takes everything of Windvane off a running Job's policy. Its spec, and so the Job, is not touched. */
export async function letGo(api: KubeApi, policy: KubeObject): Promise<void> {
  const { labels, managedFields = [], resourceVersion } = policy.metadata;
  const kept = managedFields.filter(({ manager }) => manager !== FIELD_MANAGER);
  const labelled = labels?.[DISPATCH_LABEL] !== undefined;
  if (!labelled && kept.length === managedFields.length) return;
  try {
    await api.jsonPatch(PROPAGATION_POLICY, policy.metadata, [
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      ...(labelled
        ? [{ op: 'remove' as const, path: `/metadata/labels/${DISPATCH_LABEL.replaceAll('/', '~1')}` }]
        : []),
      { op: 'replace', path: '/metadata/managedFields', value: kept },
    ]);
  } catch (error) {
    if (!isKubeError(error, 'not-found')) throw error;
  }
}

/** Removes the policy of a Job that is over. */
export async function removeFinished(api: KubeApi, policy: KubeObject): Promise<void> {
  const { uid } = policy.metadata;
  try {
    await api.delete(PROPAGATION_POLICY, policy.metadata, uid === undefined ? {} : { uid });
  } catch (error) {
    if (!isKubeError(error, 'not-found', 'conflict')) throw error;
  }
}

/** What handing Jobs back would write, in words. */
export function planOfJobs({ waiting, running, finished }: JobHoldings): string[] {
  return [
    ...waiting.map(({ job }) => `start ${job.workload.label} at once, in the best cluster known`),
    ...running.map(
      (policy) => `take Windvane's marks off PropagationPolicy ${keyOf(policy)}, whose Job runs`,
    ),
    ...finished.map((policy) => `delete PropagationPolicy ${keyOf(policy)}, whose Job is over`),
  ];
}
