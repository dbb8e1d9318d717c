import type { Hub } from '../runtime/client/hub.ts';
import type { Resource } from '../runtime/client/resource.ts';
import type { Store } from '../runtime/client/store.ts';
import type { WorkQueue } from '../runtime/work-queue.ts';
import { createBindingController } from './binding/binding-controller.ts';
import type { Caches } from './caches.ts';
import { createDetector, type Detector } from './detector/detector.ts';
import { type Templates, watchTemplates } from './detector/templates.ts';
import type { Execution } from './execution/execution.ts';
import type { KarmadaStandInOptions } from './options.ts';
import {
  CLUSTER_PROPAGATION_POLICY,
  CLUSTER_RESOURCE_BINDING,
  PROPAGATION_POLICY,
  RESOURCE_BINDING,
} from './resources.ts';
import { createScheduler } from './scheduler/scheduler.ts';
import { createBindingStatusController } from './status/binding-status.ts';
import type { Binding } from './types.ts';
import { createPolicyDefaulter } from './webhook/defaults.ts';
import {
  CLUSTER_POLICY_FINALIZER,
  CLUSTER_POLICY_ID_LABEL,
  POLICY_FINALIZER,
  POLICY_ID_LABEL,
} from './well-known.ts';

/** The controllers of one kind of binding. */
interface BindingSide {
  readonly store: Store<Binding>;
  readonly scheduler: WorkQueue;
  readonly binding: WorkQueue;
  readonly status: WorkQueue;
}

/** The controllers that look at the hub alone. */
export interface HubSide {
  readonly templates: Templates;
  readonly detector: Detector;
  readonly defaulters: readonly { readonly queue: WorkQueue; readonly store: Caches['policies']['store'] }[];
  readonly bindings: readonly BindingSide[];
}

export async function createHubSide(
  options: KarmadaStandInOptions,
  hub: Hub,
  caches: Caches,
  execution: Execution,
  failed: (component: string) => (key: string, error: unknown) => void,
): Promise<HubSide> {
  const { clock } = options;
  const policies = caches.policies.store;
  const clusterPolicies = caches.clusterPolicies.store;
  const names = { idLabel: POLICY_ID_LABEL, finalizer: POLICY_FINALIZER };
  const clusterNames = { idLabel: CLUSTER_POLICY_ID_LABEL, finalizer: CLUSTER_POLICY_FINALIZER };
  const defaulters = [
    {
      store: policies,
      queue: createPolicyDefaulter(hub, PROPAGATION_POLICY, policies, names, failed('webhook')),
    },
    {
      store: clusterPolicies,
      queue: createPolicyDefaulter(
        hub,
        CLUSTER_PROPAGATION_POLICY,
        clusterPolicies,
        clusterNames,
        failed('webhook'),
      ),
    },
  ];
  const templates = await watchTemplates(hub, [policies, clusterPolicies], failed('templates'));
  const detector = createDetector({
    hub,
    templates,
    policies,
    clusterPolicies,
    bindings: caches.bindings.store,
    clusterBindings: caches.clusterBindings.store,
    onError: failed('detector'),
  });

  const sideFor = (resource: Resource, store: Store<Binding>): BindingSide => {
    const common = { hub, clock, resource, bindings: store };
    return {
      store,
      scheduler: createScheduler({
        ...common,
        clusters: caches.clusters.store,
        emptyWorkloadPropagation: options.emptyWorkloadPropagation ?? false,
        onError: failed('scheduler'),
      }),
      binding: createBindingController({
        ...common,
        works: caches.works.store,
        clusters: caches.clusters.store,
        overridePolicies: caches.overridePolicies.store,
        clusterOverridePolicies: caches.clusterOverridePolicies.store,
        templates,
        syncBegins: (id) => execution.syncBegins(id),
        syncEnds: (id, works) => execution.syncEnds(id, works),
        onError: failed('binding'),
      }),
      status: createBindingStatusController({
        ...common,
        works: caches.works.store,
        templates,
        onError: failed('binding-status'),
      }),
    };
  };
  return {
    templates,
    detector,
    defaulters,
    bindings: [
      sideFor(RESOURCE_BINDING, caches.bindings.store),
      sideFor(CLUSTER_RESOURCE_BINDING, caches.clusterBindings.store),
    ],
  };
}
