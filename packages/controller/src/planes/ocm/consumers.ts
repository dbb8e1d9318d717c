import { z } from 'zod';
import { type KubeObject, keyOf } from '../../kube/resource.ts';
import { memoized } from '../shared/memo.ts';

/** Objects besides ManifestWorkReplicaSets that follow the decisions of Placements. */
export interface ConsumerObjects {
  readonly addOns: Iterable<KubeObject>;
  readonly placementBindings: Iterable<KubeObject>;
  readonly applicationSets: Iterable<KubeObject>;
}

const addOnSchema = z.object({
  installStrategy: z
    .object({ placements: z.array(z.object({ name: z.string(), namespace: z.string() })).nullish() })
    .nullish(),
});
const bindingSchema = z.object({ placementRef: z.object({ name: z.string(), kind: z.string() }) });

const PLACEMENT_LABEL = 'cluster.open-cluster-management.io/placement';

const addOnPlacements = memoized((addOn: KubeObject) =>
  (addOnSchema.safeParse(addOn.spec ?? {}).data?.installStrategy?.placements ?? []).map(
    ({ name, namespace }) => `${namespace}/${name}`,
  ),
);

/** Names of Placements that the generators of an ApplicationSet select decisions of, at whatever depth. */
const applicationPlacements = memoized((set: KubeObject) => {
  const names = new Set<string>();
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, child] of Object.entries(value)) {
      if (key === PLACEMENT_LABEL && typeof child === 'string') names.add(child);
      else walk(child);
    }
  };
  walk(set.spec);
  return names;
});

/** Consumers by the key of the Placement that they follow, for people: `ClusterManagementAddOn search`. */
export function consumersByPlacement(objects: ConsumerObjects): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (placement: string, label: string): void => {
    found.set(placement, [...(found.get(placement) ?? []), label]);
  };
  for (const addOn of objects.addOns) {
    for (const key of addOnPlacements(addOn)) add(key, `ClusterManagementAddOn ${addOn.metadata.name}`);
  }
  for (const binding of objects.placementBindings) {
    const ref = bindingSchema.safeParse(binding).data?.placementRef;
    if (ref?.kind === 'Placement') {
      add(`${binding.metadata.namespace ?? ''}/${ref.name}`, `PlacementBinding ${keyOf(binding)}`);
    }
  }
  for (const set of objects.applicationSets) {
    // The generator looks for decisions in the namespace of the ApplicationSet.
    for (const name of applicationPlacements(set)) {
      add(`${set.metadata.namespace ?? ''}/${name}`, `ApplicationSet ${keyOf(set)}`);
    }
  }
  return found;
}
