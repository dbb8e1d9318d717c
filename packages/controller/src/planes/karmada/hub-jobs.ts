import { isDeepStrictEqual } from 'node:util';
import type { JobSource } from '../../dispatch/dispatcher.ts';
import type { JobFacts } from '../../dispatch/facts.ts';
import { jobView } from '../../dispatch/job-view.ts';
import type { RunOnceKind } from '../../dispatch/kinds.ts';
import { dispatchPolicyName, isDispatchPolicy, ownerOfDispatch } from '../../dispatch/policy.ts';
import { selectedBy } from '../../dispatch/selecting.ts';
import { type KubeObject, keyOf, type ResourceType } from '../../kube/resource.ts';
import { userAnnotations } from '../../optin/keys.ts';
import { servesTraffic, type TrafficSources } from '../../optin/serves-traffic.ts';
import { rememberedFrom } from '../../status/schema.ts';
import { isOptedIn } from '../shared/opted-in.ts';
import { placementKey } from '../shared/placement-writer.ts';
import { CARBON_PLACEMENT, NAMESPACE } from '../shared/resources.ts';
import type { World } from '../shared/world.ts';
import { bindingView } from './binding.ts';
import { PERMANENT_ID } from './policy.ts';
import { CLUSTER_PROPAGATION_POLICY, JOB, PROPAGATION_POLICY, RESOURCE_BINDING } from './resources.ts';
import { PLACEMENT_PREFIX } from './triggers.ts';
import { type Claim, claimOf, workloadView } from './workload.ts';

/** Before the key of a Job that is dispatched, among the keys of units. */
export const JOB_KEY = 'Dispatch ';

/** The Jobs of one Karmada hub that are Windvane's to dispatch. */
export interface HubJobs extends JobSource {
  /** Keys that a change concerns. */
  concernedBy(type: ResourceType, now: KubeObject | null, before: KubeObject | null): string[];
  /** The change is one of a Job's own affairs: no unit is concerned. */
  isOwn(type: ResourceType, object: KubeObject): boolean;
  /** The change bears on what the other Jobs are to do. */
  matters(type: ResourceType, now: KubeObject | null, before: KubeObject | null): boolean;
  /** Whether a CarbonPlacement (`namespace/name`) is that of a Job here. */
  hasPlacement(key: string): boolean;
}

export interface HubJobsOptions {
  readonly world: Pick<World, 'objects' | 'get'>;
  readonly kinds: readonly RunOnceKind[];
  readonly serves: (namespace: string) => boolean;
  readonly traffic: (namespace: string) => TrafficSources;
}

const keyFor = (kind: string, key: string): string => `${JOB_KEY}${kind} ${key}`;

export function createHubJobs({ world, kinds, serves, traffic }: HubJobsOptions): HubJobs {
  const kindOf = new Map(kinds.map((kind) => [kind.type, kind]));

  /** The user's policy that claims an object; one that is gone claims nothing. */
  function claimOfUser(object: KubeObject): Claim | null {
    const claim = claimOf(object);
    if (claim === null) return null;
    const type = claim.kind === 'PropagationPolicy' ? PROPAGATION_POLICY : CLUSTER_PROPAGATION_POLICY;
    const policy = world.get(type, claim.key);
    if (policy === undefined || isDispatchPolicy(policy)) return null;
    return policy.metadata.labels?.[PERMANENT_ID[claim.kind]] === claim.permanentId ? claim : null;
  }

  /** Jobs that a user's policy places are members of its unit, other kinds are told of here. */
  function isHere(object: KubeObject, type: ResourceType): boolean {
    if (!isOptedIn(object) || !serves(object.metadata.namespace ?? '')) return false;
    return type !== JOB || claimOfUser(object) === null;
  }

  function find(key: string): { object: KubeObject; kind: RunOnceKind } | undefined {
    for (const kind of kinds) {
      const before = keyFor(kind.type.kind, '');
      if (!key.startsWith(before)) continue;
      const object = world.get(kind.type, key.slice(before.length));
      return object !== undefined && isHere(object, kind.type) ? { object, kind } : undefined;
    }
    return undefined;
  }

  function* usersPolicies(): Generator<KubeObject> {
    yield* world.objects(PROPAGATION_POLICY);
    yield* world.objects(CLUSTER_PROPAGATION_POLICY);
  }

  function factsOf(object: KubeObject, kind: RunOnceKind): JobFacts {
    const job = jobView(object, kind);
    const { workload } = job;
    const policy = world.get(PROPAGATION_POLICY, `${workload.namespace}/${dispatchPolicyName(job)}`);
    const key = placementKey(workload);
    // Karmada names a binding as the CarbonPlacement is named.
    const bound = world.get(RESOURCE_BINDING, key.toLowerCase());
    return {
      job,
      namespace: world.get(NAMESPACE, workload.namespace) ?? null,
      claim: claimOfUser(object),
      policy: policy !== undefined && ownerOfDispatch(policy)?.uid === job.uid ? policy : null,
      binding: bound === undefined ? null : bindingView(bound),
      selectedBy: policy === undefined ? selectedBy(job, usersPolicies()) : null,
      traffic: servesTraffic(workload, traffic(workload.namespace)),
      remembered: rememberedFrom(world.get(CARBON_PLACEMENT, key)?.status),
    };
  }

  /** What others notice of a Job: not its status, nor what Karmada writes onto it. */
  function essence(object: KubeObject | null, kind: RunOnceKind): unknown {
    if (object === null) return null;
    const { uid, generation, annotations, deletionTimestamp } = object.metadata;
    const { finished } = jobView(object, kind);
    return [uid, generation, userAnnotations(annotations), deletionTimestamp, finished];
  }

  return {
    *keys() {
      for (const { type } of kinds) {
        for (const object of world.objects(type)) {
          if (isHere(object, type)) yield keyFor(type.kind, keyOf(object));
        }
      }
    },
    facts(key) {
      const found = find(key);
      return found === undefined ? undefined : factsOf(found.object, found.kind);
    },
    concernedBy(type, now, before) {
      const object = now ?? before;
      if (object === null) return [];
      if (type === PROPAGATION_POLICY && isDispatchPolicy(object)) {
        const owner = ownerOfDispatch(object);
        return owner === null ? [] : [keyFor(owner.kind, `${object.metadata.namespace ?? ''}/${owner.name}`)];
      }
      if (type === RESOURCE_BINDING) {
        const resource = bindingView(object)?.resource;
        return resource === undefined || kinds.every((kind) => kind.type.kind !== resource.kind)
          ? []
          : [keyFor(resource.kind, `${resource.namespace}/${resource.name}`)];
      }
      if (!kindOf.has(type)) return [];
      return [
        keyFor(type.kind, keyOf(object)),
        `${PLACEMENT_PREFIX}${placementKey(workloadView(object, type))}`,
      ];
    },
    isOwn: (type, object) =>
      (type === PROPAGATION_POLICY && isDispatchPolicy(object)) || (kindOf.has(type) && type !== JOB),
    matters(type, now, before) {
      const kind = kindOf.get(type);
      return kind !== undefined && !isDeepStrictEqual(essence(now, kind), essence(before, kind));
    },
    hasPlacement(key) {
      return kinds.some(({ type }) => {
        const suffix = `-${type.kind.toLowerCase()}`;
        const object = key.endsWith(suffix) ? world.get(type, key.slice(0, -suffix.length)) : undefined;
        return object !== undefined && isHere(object, type);
      });
    },
  };
}
