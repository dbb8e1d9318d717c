import type { Hub } from '../runtime/client/hub.ts';
import type { Informer } from '../runtime/client/informer.ts';
import { type ApiObject, labelOf } from '../runtime/client/object.ts';
import { bindingIdLabel } from './detector/binding.ts';
import { groupsOf } from './execution/execution.ts';
import {
  CLUSTER,
  CLUSTER_OVERRIDE_POLICY,
  CLUSTER_PROPAGATION_POLICY,
  CLUSTER_RESOURCE_BINDING,
  OVERRIDE_POLICY,
  PROPAGATION_POLICY,
  RESOURCE_BINDING,
  WORK,
} from './resources.ts';
import type { Binding, Cluster, OverridePolicy, Policy, Work } from './types.ts';

/** What the stand-ins watch of Karmada's own kinds. */
export interface Caches {
  readonly clusters: Informer<Cluster>;
  readonly policies: Informer<Policy>;
  readonly clusterPolicies: Informer<Policy>;
  readonly overridePolicies: Informer<OverridePolicy>;
  readonly clusterOverridePolicies: Informer<OverridePolicy>;
  readonly bindings: Informer<Binding>;
  readonly clusterBindings: Informer<Binding>;
  readonly works: Informer<Work>;
}

/** Starts the informers and the indexes that the controllers look things up by. */
export async function openCaches(hub: Hub): Promise<Caches> {
  const caches = {
    clusters: await hub.informer<Cluster>(CLUSTER),
    policies: await hub.informer<Policy>(PROPAGATION_POLICY),
    clusterPolicies: await hub.informer<Policy>(CLUSTER_PROPAGATION_POLICY),
    overridePolicies: await hub.informer<OverridePolicy>(OVERRIDE_POLICY),
    clusterOverridePolicies: await hub.informer<OverridePolicy>(CLUSTER_OVERRIDE_POLICY),
    bindings: await hub.informer<Binding>(RESOURCE_BINDING),
    clusterBindings: await hub.informer<Binding>(CLUSTER_RESOURCE_BINDING),
    works: await hub.informer<Work>(WORK),
  };
  const byNamespace = (object: ApiObject): readonly string[] =>
    object.metadata.namespace === undefined ? [] : [object.metadata.namespace];
  caches.policies.store.index('namespace', byNamespace);
  caches.overridePolicies.store.index('namespace', byNamespace);
  for (const { store } of [caches.bindings, caches.clusterBindings]) {
    store.index('namespace', byNamespace);
    store.index('id', (binding) => {
      const id = labelOf(binding, bindingIdLabel(binding));
      return id === undefined ? [] : [id];
    });
  }
  caches.works.store.index('binding', groupsOf);
  caches.works.store.index('group', groupsOf);
  return caches;
}
