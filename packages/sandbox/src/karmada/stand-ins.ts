import { createBindingController } from './binding/binding-controller.ts';
import { type Hub, openHub } from './client/hub.ts';
import type { Informer } from './client/informer.ts';
import { annotationOf, type KubeObject, keyFor, keyOf, labelOf } from './client/object.ts';
import {
  CLUSTER,
  CLUSTER_OVERRIDE_POLICY,
  CLUSTER_PROPAGATION_POLICY,
  CLUSTER_RESOURCE_BINDING,
  OVERRIDE_POLICY,
  PROPAGATION_POLICY,
  RESOURCE_BINDING,
  type Resource,
  WORK,
} from './client/resource.ts';
import { createClusterController } from './cluster/clusters.ts';
import { bindingIdLabel } from './detector/binding.ts';
import { createDetector } from './detector/detector.ts';
import { watchTemplates } from './detector/templates.ts';
import { createExecution, groupsOf } from './execution/execution.ts';
import { createFleet } from './member/members.ts';
import type { KarmadaStandInOptions, KarmadaStandIns } from './options.ts';
import type { WorkQueue } from './runtime/work-queue.ts';
import { createScheduler } from './scheduler/scheduler.ts';
import { createSettling } from './settling.ts';
import { createBindingStatusController } from './status/binding-status.ts';
import { createWorkStatusController } from './status/work-status.ts';
import type { Binding, Cluster, OverridePolicy, Policy, Work } from './types.ts';
import { createPolicyDefaulter } from './webhook/defaults.ts';
import {
  CLUSTER_POLICY_FINALIZER,
  CLUSTER_POLICY_ID_LABEL,
  POLICY_FINALIZER,
  POLICY_ID_LABEL,
  WORK_NAME_ANNOTATION,
  WORK_NAMESPACE_ANNOTATION,
} from './well-known.ts';

interface Caches {
  readonly clusters: Informer<Cluster>;
  readonly policies: Informer<Policy>;
  readonly clusterPolicies: Informer<Policy>;
  readonly overridePolicies: Informer<OverridePolicy>;
  readonly clusterOverridePolicies: Informer<OverridePolicy>;
  readonly bindings: Informer<Binding>;
  readonly clusterBindings: Informer<Binding>;
  readonly works: Informer<Work>;
}

async function openCaches(hub: Hub): Promise<Caches> {
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
  const byNamespace = (object: KubeObject | Policy | Binding | OverridePolicy): readonly string[] =>
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

/**
 * Starts stand-ins for Karmada's control plane and its members against an API server that serves the
 * Karmada CRDs. They are ordinary clients: what the real webhook does at admission they do just after.
 *
 * @throws when the kubeconfig is unusable or the API server does not answer the first lists.
 */
export async function startKarmadaStandIns(options: KarmadaStandInOptions): Promise<KarmadaStandIns> {
  const { clock } = options;
  const hub = await openHub(options.kubeconfig);
  const caches = await openCaches(hub);
  const { bindings, clusterBindings, clusters, works } = caches;
  const failed =
    (component: string) =>
    (key: string, error: unknown): void =>
      options.onError?.(component, key, error);

  const unready = new Set(options.members.filter((member) => member.ready === false).map(({ name }) => name));
  const isReady = (cluster: string): boolean => !unready.has(cluster);
  let memberOrder = options.memberOrder ?? ((names: readonly string[]) => names);

  const workOf = (object: KubeObject): Work | undefined => {
    const namespace = annotationOf(object, WORK_NAMESPACE_ANNOTATION);
    const name = annotationOf(object, WORK_NAME_ANNOTATION);
    return name === undefined ? undefined : works.store.get(keyFor(namespace, name));
  };
  const fleet = createFleet(options, (cluster, object, edited) => {
    clusterController.podsChanged(cluster);
    const work = workOf(object);
    if (work === undefined) return;
    workStatus.add(keyOf(work));
    if (edited) execution.drifted(work);
  });
  const { members } = fleet;
  const execution = createExecution({
    hub,
    clock,
    works,
    members,
    isReady,
    memberOrder: () => memberOrder,
    memberDelay: options.memberDelay ?? 0,
    attempted: (key) => workStatus.add(key),
    onError: failed('execution'),
  });
  const workStatus = createWorkStatusController({
    hub,
    clock,
    works: works.store,
    members,
    isReady,
    result: (key) => execution.result(key),
    onError: failed('work-status'),
  });
  const clusterController = createClusterController({
    hub,
    clock,
    clusters: clusters.store,
    members: options.members,
    fleet: members,
    isReady,
    onError: failed('cluster'),
  });
  for (const { name } of options.members) clusterController.queue.add(name);

  const policyNames = { idLabel: POLICY_ID_LABEL, finalizer: POLICY_FINALIZER };
  const clusterPolicyNames = { idLabel: CLUSTER_POLICY_ID_LABEL, finalizer: CLUSTER_POLICY_FINALIZER };
  const defaulters = [
    createPolicyDefaulter(hub, PROPAGATION_POLICY, caches.policies.store, policyNames, failed('webhook')),
    createPolicyDefaulter(
      hub,
      CLUSTER_PROPAGATION_POLICY,
      caches.clusterPolicies.store,
      clusterPolicyNames,
      failed('webhook'),
    ),
  ];
  const templates = await watchTemplates(
    hub,
    [caches.policies.store, caches.clusterPolicies.store],
    failed('templates'),
  );
  const detector = createDetector({
    hub,
    templates,
    policies: caches.policies.store,
    clusterPolicies: caches.clusterPolicies.store,
    bindings: bindings.store,
    clusterBindings: clusterBindings.store,
    onError: failed('detector'),
  });
  const perKind = [
    { resource: RESOURCE_BINDING, store: bindings.store },
    { resource: CLUSTER_RESOURCE_BINDING, store: clusterBindings.store },
  ].map(({ resource, store }: { resource: Resource; store: typeof bindings.store }) => ({
    store,
    scheduler: createScheduler({
      hub,
      clock,
      resource,
      bindings: store,
      clusters: clusters.store,
      emptyWorkloadPropagation: options.emptyWorkloadPropagation ?? false,
      onError: failed('scheduler'),
    }),
    binding: createBindingController({
      hub,
      clock,
      resource,
      bindings: store,
      works: works.store,
      clusters: clusters.store,
      overridePolicies: caches.overridePolicies.store,
      clusterOverridePolicies: caches.clusterOverridePolicies.store,
      templates,
      syncBegins: (id) => execution.syncBegins(id),
      syncEnds: (id, keys) => execution.syncEnds(id, keys),
      onError: failed('binding'),
    }),
    status: createBindingStatusController({
      hub,
      clock,
      resource,
      bindings: store,
      works: works.store,
      templates,
      onError: failed('binding-status'),
    }),
  }));

  const manager: readonly WorkQueue[] = [
    ...detector.queues,
    ...perKind.flatMap(({ binding, status }) => [binding, status]),
    execution.queue,
    workStatus,
    clusterController.queue,
  ];
  const schedulers = perKind.map(({ scheduler }) => scheduler);
  const queues = [...manager, ...schedulers, ...defaulters];

  const everything = (): void => {
    for (const { store, binding, status } of perKind) {
      for (const object of store.values()) {
        binding.add(keyOf(object));
        status.add(keyOf(object));
      }
    }
    for (const work of works.store.values()) {
      for (const group of groupsOf(work)) execution.queue.add(group);
      workStatus.add(keyOf(work));
    }
    detector.restart();
  };
  const schedulerKeys = (): void => {
    for (const { store, scheduler } of perKind) {
      for (const object of store.values()) scheduler.add(keyOf(object));
    }
  };
  // What was there before the subscriptions.
  for (const store of [caches.policies.store, caches.clusterPolicies.store]) {
    for (const policy of store.values()) {
      for (const defaulter of defaulters) defaulter.add(keyOf(policy));
    }
  }
  everything();
  schedulerKeys();

  const watch = createSettling(options, hub, () => templates.idle() && queues.every((queue) => queue.idle()));
  return {
    members: fleet.view,
    idle: () => watch.idle(),
    settled: () => watch.settled(),
    setReady(cluster, ready) {
      if (ready) unready.delete(cluster);
      else unready.add(cluster);
      clusterController.queue.add(cluster);
      if (!ready) return;
      execution.clusterChanged(cluster);
      for (const work of works.store.values()) workStatus.add(keyOf(work));
    },
    setPodStartup: (podStartup) => fleet.setPodStartup(podStartup),
    setMemberOrder: (order) => {
      memberOrder = order;
    },
    restartControllerManager() {
      for (const queue of manager) queue.resume();
      everything();
    },
    stopControllerManager() {
      for (const queue of manager) queue.pause();
    },
    startControllerManager() {
      for (const queue of manager) queue.resume();
      everything();
    },
    restartScheduler() {
      for (const queue of schedulers) queue.resume();
      schedulerKeys();
    },
    stopScheduler() {
      for (const queue of schedulers) queue.pause();
    },
    startScheduler() {
      for (const queue of schedulers) queue.resume();
      schedulerKeys();
    },
    writes: () => hub.writes(),
    async stop() {
      await templates.stop();
      await Promise.all(queues.map((queue) => queue.stop()));
      await hub.stop();
    },
  };
}
