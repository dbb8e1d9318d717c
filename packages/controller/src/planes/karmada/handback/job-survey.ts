import { type JobHoldings, waits } from '../../../dispatch/handback.ts';
import type { RunOnceKind } from '../../../dispatch/kinds.ts';
import { isDispatchPolicy, ownerOfDispatch } from '../../../dispatch/policy.ts';
import { type KubeObject, keyOf, type ResourceType } from '../../../kube/resource.ts';
import { rememberedFrom } from '../../../status/schema.ts';
import { createHubJobs } from '../hub-jobs.ts';
import { PROPAGATION_POLICY } from '../resources.ts';

/** What stands on an API server, by kind. */
export type HubSnapshot = ReadonlyMap<ResourceType, readonly KubeObject[]>;

/** Sorts what Jobs have left there. */
export function surveyJobs(
  snapshot: HubSnapshot,
  kinds: readonly RunOnceKind[],
  placements: readonly KubeObject[],
  acts: boolean,
): JobHoldings {
  const byKey = new Map(
    [...snapshot].map(([type, objects]) => [type, new Map(objects.map((each) => [keyOf(each), each]))]),
  );
  const jobs = createHubJobs({
    world: {
      objects: (type) => snapshot.get(type) ?? [],
      get: (type, key) => byKey.get(type)?.get(key),
    },
    kinds,
    serves: () => true,
    traffic: () => ({ services: [], ingresses: [], httpRoutes: [] }),
  });
  const facts = [...jobs.keys()].flatMap((key) => jobs.facts(key) ?? []);
  // A hub that acts anywhere was not there to observe alone.
  const hubActs = acts || placements.some(({ status }) => rememberedFrom(status).mode === 'act');
  const byUid = new Map(facts.map((each) => [each.job.uid, each]));
  const policies = (snapshot.get(PROPAGATION_POLICY) ?? []).filter(isDispatchPolicy);
  const isRunning = (policy: KubeObject): boolean =>
    byUid.get(ownerOfDispatch(policy)?.uid ?? '')?.job.finished === false;
  return {
    waiting: facts.filter((each) => waits(each, hubActs)).sort((a, b) => a.job.createdAt - b.job.createdAt),
    running: policies.filter(isRunning),
    finished: policies.filter((policy) => !isRunning(policy)),
  };
}
