import { createLocationResolver } from '@windvane/carbon-map';
import { z } from 'zod';
import type { JobHoldings } from '../../../dispatch/handback.ts';
import { JOB_KIND, type RunOnceKind } from '../../../dispatch/kinds.ts';
import { isDispatchPolicy } from '../../../dispatch/policy.ts';
import { FIELD_MANAGER, type KubeApi } from '../../../kube/api.ts';
import { type KubeObject, keyOf, type ResourceType } from '../../../kube/resource.ts';
import { PREFIX } from '../../../optin/keys.ts';
import type { FoundValue } from '../../../status/carbon-placement.ts';
import { foundRecord } from '../../shared/annotations.ts';
import { CARBON_PLACEMENT, NAMESPACE } from '../../shared/resources.ts';
import { type BindingView, bindingView } from '../binding.ts';
import { buildFleetIndex, policyUnitKey } from '../fleet-index.ts';
import { type MemberCluster, memberOf } from '../member.ts';
import { type PolicyKind, type PolicyView, policyView } from '../policy.ts';
import {
  CLUSTER,
  CLUSTER_PROPAGATION_POLICY,
  OVERRIDE_POLICY,
  PROPAGATION_POLICY,
  RESOURCE_BINDING,
  workloadKinds,
} from '../resources.ts';
import type { Unit } from '../unit.ts';
import { claimOf } from '../workload.ts';
import { surveyJobs } from './job-survey.ts';

/** A policy that Windvane steers, or has left something on. */
export interface Holding {
  readonly key: string;
  readonly policy: PolicyView;
  /** With the workloads that are opted in; null when none is. */
  readonly unit: Unit | null;
  /** Everything with replicas that the policy places, opted in or not. */
  readonly bindings: readonly BindingView[];
  /** What stood there before Windvane came; null when that is not known. */
  readonly found: FoundValue | null;
  /** Its pins and caps. */
  readonly overrides: readonly KubeObject[];
}

/** All that Windvane has on one API server. */
export interface Survey {
  readonly holdings: readonly Holding[];
  readonly fleet: readonly MemberCluster[];
  /** Null without the CarbonPlacement CRD. */
  readonly placements: readonly KubeObject[] | null;
  /** Pins and caps that belong to no policy any more. */
  readonly strays: readonly KubeObject[];
  readonly jobs: JobHoldings;
}

/** Annotations that Windvane writes on policies. */
const OWN_ANNOTATIONS = ['found', 'step', 'shunned'].map((key) => `${PREFIX}${key}`);

/** Those of Windvane's annotations that a policy carries. */
export function ownAnnotations(object: KubeObject): string[] {
  return OWN_ANNOTATIONS.filter((key) => object.metadata.annotations?.[key] !== undefined);
}

/** Entries of Windvane in the record of who owns which field. */
export function hasOwnEntry(object: KubeObject): boolean {
  return (object.metadata.managedFields ?? []).some((entry) => entry.manager === FIELD_MANAGER);
}

const UNIT_OF_OVERRIDE = `${PREFIX}unit`;

function isOwnOverride(object: KubeObject): boolean {
  const { name } = object.metadata;
  if (name.startsWith('windvane-pin-') || name.startsWith('windvane-cap-')) return true;
  return name.startsWith('windvane-') && hasOwnEntry(object);
}

const selected = z.object({
  resourceSelectors: z.array(z.object({ kind: z.string(), name: z.string().nullish() })),
});

function concerns(override: KubeObject, key: string, bindings: readonly BindingView[]): boolean {
  const unit = override.metadata.annotations?.[UNIT_OF_OVERRIDE];
  if (unit !== undefined) return unit === key;
  const selectors = selected.safeParse(override.spec).data?.resourceSelectors ?? [];
  return bindings.some(({ resource }) =>
    selectors.some(
      ({ kind, name }) =>
        kind === resource.kind &&
        name === resource.name &&
        override.metadata.namespace === resource.namespace,
    ),
  );
}

async function listed(api: KubeApi, type: ResourceType): Promise<readonly KubeObject[] | null> {
  return (await api.serves(type)) ? (await api.list(type)).items : null;
}

/** Bindings that a policy made, by its name and permanent id. */
function bindingsOf(policy: PolicyView, bindings: readonly BindingView[]): BindingView[] {
  return bindings.filter(({ object, replicas }) => {
    const claim = claimOf(object);
    return (
      replicas > 0 &&
      claim !== null &&
      claim.kind === policy.kind &&
      claim.key === keyOf(policy.object) &&
      claim.permanentId === policy.permanentId
    );
  });
}

/** The found value as kept on the policy, else in the statuses of its workloads. */
function foundOf(policy: PolicyView, unit: Unit | null): FoundValue | null {
  const kept = foundRecord(policy.object);
  if (kept !== null) return { present: kept.present, value: kept.value };
  return unit?.members.map((member) => member.remembered.found).find((each) => each !== null) ?? null;
}

/**
 * Reads everything that bears on handing back. Changes nothing. Throws {@link KubeError}.
 * @param kinds what is dispatched besides Jobs.
 * @param acts the hub is known to act, also where no status tells it yet.
 */
export async function survey(
  api: KubeApi,
  kinds: readonly RunOnceKind[] = [],
  acts = false,
): Promise<Survey> {
  const snapshot = new Map<ResourceType, readonly KubeObject[]>();
  const read = async (type: ResourceType): Promise<readonly KubeObject[]> => {
    const objects = (await listed(api, type)) ?? [];
    snapshot.set(type, objects);
    return objects;
  };
  const policies = [
    { kind: 'PropagationPolicy' as PolicyKind, objects: await read(PROPAGATION_POLICY) },
    { kind: 'ClusterPropagationPolicy' as PolicyKind, objects: await read(CLUSTER_PROPAGATION_POLICY) },
  ];
  const workloads = await Promise.all(
    workloadKinds.map(async (type) => ({ type, objects: await read(type) })),
  );
  const bindingObjects = await read(RESOURCE_BINDING);
  const bindings = bindingObjects.map(bindingView).filter((each) => each !== null);
  const placements = await listed(api, CARBON_PLACEMENT);
  snapshot.set(CARBON_PLACEMENT, placements ?? []);
  await Promise.all(kinds.map(({ type }) => read(type)));
  const namespaces = new Map((await read(NAMESPACE)).map((each) => [each.metadata.name, each]));
  const overrides = (await read(OVERRIDE_POLICY)).filter(isOwnOverride);
  const statuses = new Map((placements ?? []).map((each) => [keyOf(each), each]));
  const index = buildFleetIndex(
    {
      workloads,
      policies,
      bindings: bindingObjects,
      traffic: () => ({ services: [], ingresses: [], httpRoutes: [] }),
      autoscalers: () => [],
      overrides: () => [],
      namespace: (name) => namespaces.get(name),
      placement: (key) => statuses.get(key),
    },
    () => true,
  );
  const settings = { locations: createLocationResolver(), configured: {} };
  const holdings = policies.flatMap(({ kind, objects }) =>
    objects.flatMap((object): Holding[] => {
      if (isDispatchPolicy(object)) return [];
      const policy = policyView(object, kind);
      const key = policyUnitKey(kind, keyOf(object));
      const unit = index.unit(key) ?? null;
      const own = bindingsOf(policy, bindings);
      const pins = overrides.filter((override) => concerns(override, key, own));
      const marked = ownAnnotations(object).length > 0 || hasOwnEntry(object);
      if (unit === null && pins.length === 0 && !marked) return [];
      return [{ key, policy, unit, bindings: own, found: foundOf(policy, unit), overrides: pins }];
    }),
  );
  const owned = new Set(holdings.flatMap((holding) => holding.overrides));
  return {
    holdings,
    fleet: (await read(CLUSTER)).map((object) => memberOf(object, settings)),
    placements,
    strays: overrides.filter((override) => !owned.has(override)),
    jobs: surveyJobs(snapshot, [JOB_KIND, ...kinds], placements ?? [], acts),
  };
}

/** Whether anything of Windvane is on the policy itself or bends it. */
export function isMarked({ policy, overrides }: Holding): boolean {
  return overrides.length > 0 || ownAnnotations(policy.object).length > 0 || hasOwnEntry(policy.object);
}

/** Looks at one policy again, with what Karmada made of it. Null when it is gone. */
export async function lookAgain(api: KubeApi, holding: Holding): Promise<Holding | null> {
  const { policy } = holding;
  const { items } = await api.list(policy.type, {
    ...(policy.object.metadata.namespace === undefined
      ? {}
      : { namespace: policy.object.metadata.namespace }),
    fieldSelector: `metadata.name=${policy.object.metadata.name}`,
  });
  const object = items.find((each) => each.metadata.uid === policy.object.metadata.uid);
  if (object === undefined) return null;
  const view = policyView(object, policy.kind);
  const namespace = policy.object.metadata.namespace;
  const { items: found } = await api.list(RESOURCE_BINDING, namespace === undefined ? {} : { namespace });
  const bindings = found.map(bindingView).filter((each) => each !== null);
  return { ...holding, policy: view, bindings: bindingsOf(view, bindings) };
}
