import { type Hub, openHub } from '../runtime/client/hub.ts';
import { createSettling } from '../runtime/settling.ts';
import type { WorkQueue } from '../runtime/work-queue.ts';
import { createWorkAgent } from './agent/agent.ts';
import { createMembers } from './agent/members.ts';
import { type Caches, openCaches } from './caches.ts';
import { createRuleReader } from './cel/rules.ts';
import type { OcmStandInOptions, OcmStandIns } from './options.ts';
import { createAgents } from './registration/agents.ts';
import { createSetControllers } from './registration/sets.ts';
import { createTaintController } from './registration/taints.ts';
import { createReplicaSetController } from './replica-set/controller.ts';
import { createMembership } from './scheduler/membership.ts';
import { createScheduler } from './scheduler/scheduler.ts';

/**
 * Starts stand-ins for OCM's hub (v1.3) and its managed clusters against an API server that serves the OCM kinds
 * (`ocmDefinitions`). They are ordinary clients, and so differ from the real thing in this:
 * - Of OCM's webhooks nothing is imitated: a binding may be made by anybody, and ought to have its set's name.
 * - Clusters register themselves, accepted from the start; their leases are not written, but do run out. The
 *   cluster that a `ManagedCluster` made by somebody else speaks of does not exist: it is unreachable.
 * - Work agents keep what they apply in memory. They read back at once what real ones poll for every 10 to 19
 *   seconds, and leave executors, update strategies, orphaning rules and time to live alone.
 * - CEL knows what `createEnvironment` says, and costs nothing.
 * - No events are written, and nothing of add-ons: there is only the kind that names Placements.
 *
 * @throws Error when the kubeconfig is unusable or the API server does not answer the first lists.
 */
export async function startOcmStandIns(options: OcmStandInOptions): Promise<OcmStandIns> {
  const hub = await openHub(options.kubeconfig);
  try {
    return start(options, hub, await openCaches(hub));
  } catch (error) {
    await hub.stop();
    throw error;
  }
}

function start(options: OcmStandInOptions, hub: Hub, caches: Caches): OcmStandIns {
  const { clock } = options;
  const failed =
    (component: string) =>
    (key: string, error: unknown): void =>
      options.onError?.(component, key, error);
  let plan = options.workPlan ?? (() => ({}));

  const membership = createMembership(caches);
  const agents = createAgents({
    hub,
    clock,
    clusters: caches.clusters.store,
    options: options.clusters,
    onError: failed('registration-agent'),
  });
  const registration: readonly WorkQueue[] = [
    createTaintController(
      hub,
      clock,
      caches.clusters.store,
      (cluster) => agents.connected(cluster),
      failed('registration'),
    ),
    ...createSetControllers({ hub, clock, caches, membership, onError: failed('registration') }),
  ];
  const scheduler = createScheduler({ hub, clock, caches, membership, onError: failed('placement') });
  const members = createMembers(
    options.clusters.map(({ name }) => name),
    clock,
  );
  const agent = createWorkAgent({
    hub,
    clock,
    works: caches.works.store,
    members,
    connected: (cluster) => agents.connected(cluster),
    rules: createRuleReader(),
    plan: (work) => plan(work),
    onError: failed('work-agent'),
  });
  agents.onConnection((cluster) => {
    for (const work of caches.works.store.values()) {
      if (work.metadata.namespace === cluster) agent.add(`${cluster}/${work.metadata.name}`);
    }
  });
  const work: readonly WorkQueue[] =
    options.manifestWorkReplicaSet === false
      ? []
      : [createReplicaSetController({ hub, clock, caches, onError: failed('work') })];

  for (const { name } of options.clusters) agents.queue.add(name);
  scheduler.restart();

  const queues = [agents.queue, ...registration, scheduler.queue, agent, ...work];
  const settling = createSettling(options, hub, () => queues.every((queue) => queue.idle()));
  const pause = (group: readonly WorkQueue[]): void => {
    for (const queue of group) queue.pause();
  };
  const resume = (group: readonly WorkQueue[]): void => {
    for (const queue of group) queue.resume();
  };
  return {
    clusters: members.view,
    idle: () => settling.idle(),
    settled: () => settling.settled(),
    setAvailable: (cluster, available) => agents.setAvailable(cluster, available),
    disconnect: (cluster) => agents.disconnect(cluster),
    connect: (cluster) => agents.connect(cluster),
    setWorkPlan(workPlan) {
      plan = workPlan;
    },
    stopPlacement: () => pause([scheduler.queue]),
    startPlacement() {
      scheduler.restart();
      resume([scheduler.queue]);
    },
    stopRegistration: () => pause(registration),
    startRegistration: () => resume(registration),
    stopWork: () => pause(work),
    startWork: () => resume(work),
    writes: () => hub.writes(),
    async stop() {
      scheduler.stop();
      await Promise.all(queues.map((queue) => queue.stop()));
      await hub.stop();
    },
  };
}
