import { type Hub, openHub } from '../runtime/client/hub.ts';
import { keyOf } from '../runtime/client/object.ts';
import { createSettling } from '../runtime/settling.ts';
import type { WorkQueue } from '../runtime/work-queue.ts';
import { type Caches, openCaches } from './caches.ts';
import { groupsOf } from './execution/execution.ts';
import { createHubSide } from './hub-side.ts';
import { createMembersSide } from './members-side.ts';
import type { KarmadaStandInOptions, KarmadaStandIns } from './options.ts';

/**
 * Starts stand-ins for Karmada's control plane (v1.18) and its members against an API server that serves the
 * Karmada kinds (`karmadaDefinitions`). They are ordinary clients, and so differ from the real thing in this:
 * - What Karmada's webhook fills in at admission is patched in just after; selectors keep an empty namespace,
 *   which is taken for the policy's own; nothing is denied beyond what the definitions deny.
 * - Members live in memory; a `Cluster` comes from a definition instead of an aggregated API server.
 * - Only kinds that some policy selects are watched.
 * - Of the overriders, those for images, arguments, commands and fields are not imitated; neither are spread
 *   constraints (which static weights ignore anyway), dependencies, failover, quotas and preemption.
 * - Owners take their bindings along by garbage collection, which is the API server's company's part.
 *
 * @throws Error when the kubeconfig is unusable or the API server does not answer the first lists.
 */
export async function startKarmadaStandIns(options: KarmadaStandInOptions): Promise<KarmadaStandIns> {
  const hub = await openHub(options.kubeconfig);
  try {
    return await start(options, hub, await openCaches(hub));
  } catch (error) {
    await hub.stop();
    throw error;
  }
}

async function start(options: KarmadaStandInOptions, hub: Hub, caches: Caches): Promise<KarmadaStandIns> {
  const failed =
    (component: string) =>
    (key: string, error: unknown): void =>
      options.onError?.(component, key, error);
  const members = createMembersSide(options, hub, caches, failed);
  const { execution, workStatus } = members;
  const { bindings, defaulters, detector, templates } = await createHubSide(
    options,
    hub,
    caches,
    execution,
    failed,
  );

  const manager: readonly WorkQueue[] = [
    ...detector.queues,
    ...bindings.flatMap(({ binding, status }) => [binding, status]),
    execution.queue,
    workStatus,
    members.clusters.queue,
  ];
  const schedulers = bindings.map(({ scheduler }) => scheduler);
  const queues = [...manager, ...schedulers, ...defaulters.map(({ queue }) => queue)];

  const startManager = (): void => {
    for (const queue of manager) queue.resume();
    for (const { store, binding, status } of bindings) {
      for (const object of store.values()) {
        binding.add(keyOf(object));
        status.add(keyOf(object));
      }
    }
    for (const work of caches.works.store.values()) {
      for (const group of groupsOf(work)) execution.queue.add(group);
      workStatus.add(keyOf(work));
    }
    detector.restart();
  };
  const startScheduler = (): void => {
    for (const queue of schedulers) queue.resume();
    for (const { store, scheduler } of bindings) {
      for (const object of store.values()) scheduler.add(keyOf(object));
    }
  };

  // What was there before anybody listened.
  for (const { queue, store } of defaulters) for (const policy of store.values()) queue.add(keyOf(policy));
  for (const { name } of options.members) members.clusters.queue.add(name);
  startManager();
  startScheduler();

  const settling = createSettling(
    options,
    hub,
    () => templates.idle() && queues.every((queue) => queue.idle()),
  );
  return {
    members: members.fleet.view,
    idle: () => settling.idle(),
    settled: () => settling.settled(),
    setReady: (cluster, ready) => members.setReady(cluster, ready),
    setApis: (cluster, apis) => members.clusters.setApis(cluster, apis),
    setPodStartup: (podStartup) => members.fleet.setPodStartup(podStartup),
    setMemberOrder: (order) => members.setMemberOrder(order),
    restartControllerManager: startManager,
    stopControllerManager() {
      for (const queue of manager) queue.pause();
    },
    startControllerManager: startManager,
    restartScheduler: startScheduler,
    stopScheduler() {
      for (const queue of schedulers) queue.pause();
    },
    startScheduler,
    writes: () => hub.writes(),
    async stop() {
      await templates.stop();
      await Promise.all(queues.map((queue) => queue.stop()));
      await hub.stop();
    },
  };
}
