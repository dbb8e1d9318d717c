import { isStatusCode } from '../../runtime/client/connection.ts';
import type { Hub } from '../../runtime/client/hub.ts';
import { mergePatch } from '../../runtime/client/merge-patch.ts';
import { formatTime, isDeleting } from '../../runtime/client/object.ts';
import { NAMESPACE } from '../../runtime/client/resource.ts';
import type { Clock } from '../../runtime/clock.ts';
import { type Condition, setCondition } from '../../runtime/conditions.ts';
import { createWorkQueue, type WorkQueue } from '../../runtime/work-queue.ts';
import type { Caches } from '../caches.ts';
import type { ManagedClusterOptions } from '../options.ts';
import { MANAGED_CLUSTER } from '../resources.ts';
import type { ManagedCluster, ManagedClusterStatus } from '../types.ts';
import { ACCEPTED, AVAILABLE, CLUSTER_NAME_LABEL, JOINED } from '../well-known.ts';

const WRITER = 'registration-agent';

/** A lease is out after this many of its durations (OCM's lease controller). */
const LEASE_DURATIONS = 5;
const LEASE_SECONDS = 60;

interface AgentsOptions {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly clusters: Caches['clusters']['store'];
  readonly options: readonly ManagedClusterOptions[];
  readonly onError: (key: string, error: unknown) => void;
}

/** The registration agents of all clusters, and the hub's watch over their leases. */
export interface Agents {
  readonly queue: WorkQueue;
  connected(cluster: string): boolean;
  /** Told when a cluster is cut off or comes back. */
  onConnection(listener: (cluster: string) => void): void;
  setAvailable(cluster: string, available: boolean): void;
  disconnect(cluster: string): void;
  connect(cluster: string): void;
}

type Availability = 'True' | 'False' | 'Unknown';

interface State {
  readonly options: ManagedClusterOptions;
  available: boolean;
  connected: boolean;
  /** The hub has given up on its lease. */
  expired: boolean;
  /** Counts how often it was cut off: an old timer has no say. */
  cut: number;
}

function newCluster({ name, labels, annotations, taints }: ManagedClusterOptions): ManagedCluster {
  return {
    apiVersion: MANAGED_CLUSTER.apiVersion,
    kind: MANAGED_CLUSTER.kind,
    metadata: {
      name,
      ...(labels === undefined ? {} : { labels: { ...labels } }),
      ...(annotations === undefined ? {} : { annotations: { ...annotations } }),
    },
    spec: {
      hubAcceptsClient: true,
      leaseDurationSeconds: LEASE_SECONDS,
      ...(taints === undefined ? {} : { taints }),
    },
  };
}

const AVAILABILITY: Readonly<Record<Availability, Pick<Condition, 'reason' | 'message'>>> = {
  True: { reason: 'ManagedClusterAvailable', message: 'Managed cluster is available' },
  False: {
    reason: 'ManagedClusterKubeAPIServerUnavailable',
    message: 'The kube-apiserver is not ok, status code: 0, an error on the server',
  },
  Unknown: {
    reason: 'ManagedClusterLeaseUpdateStopped',
    message: 'Registration agent stopped updating its lease.',
  },
};

function wantedStatus(
  before: ManagedClusterStatus | undefined,
  { claims = {}, cpu = '1000', memory = '4000Gi' }: ManagedClusterOptions,
  availability: Availability,
  now: string,
): ManagedClusterStatus {
  const conditions = [
    {
      type: ACCEPTED,
      status: 'True' as const,
      reason: 'HubClusterAdminAccepted',
      message: 'Accepted by hub cluster admin',
    },
    {
      type: JOINED,
      status: 'True' as const,
      reason: 'ManagedClusterJoined',
      message: 'Managed cluster joined',
    },
    { type: AVAILABLE, status: availability, ...AVAILABILITY[availability] },
  ].reduce<readonly Condition[]>(
    (list, condition) => setCondition(list, condition, now),
    before?.conditions ?? [],
  );
  return {
    ...before,
    conditions,
    capacity: { cpu, memory },
    allocatable: { cpu, memory },
    version: { kubernetes: 'v1.36.2' },
    clusterClaims: Object.entries(claims).map(([name, value]) => ({ name, value })),
  };
}

export function createAgents({ hub, clock, clusters, options, onError }: AgentsOptions): Agents {
  const states = new Map<string, State>(
    options.map((cluster) => [
      cluster.name,
      { options: cluster, available: cluster.available ?? true, connected: true, expired: false, cut: 0 },
    ]),
  );
  const listeners: ((cluster: string) => void)[] = [];
  const spaces = new Set<string>();
  const stateOf = (name: string): State => {
    const state = states.get(name);
    if (state === undefined) throw new Error(`no managed cluster is named ${name}`);
    return state;
  };

  const ensureSpace = async (name: string): Promise<void> => {
    if (spaces.has(name)) return;
    const labels = { [CLUSTER_NAME_LABEL]: name };
    try {
      await hub.create(
        NAMESPACE,
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } },
        WRITER,
      );
    } catch (error) {
      if (!isStatusCode(error, 409)) throw error;
    }
    spaces.add(name);
  };

  const create = async (state: State): Promise<void> => {
    try {
      await hub.create(MANAGED_CLUSTER, newCluster(state.options), WRITER);
    } catch (error) {
      // Left by an earlier run, and on its way to us.
      if (!isStatusCode(error, 409)) throw error;
    }
  };

  const reconcile = async (name: string): Promise<void> => {
    const state = states.get(name);
    if (state === undefined) return;
    const cluster = clusters.get(name);
    if (cluster === undefined) {
      await ensureSpace(name);
      await create(state);
      return;
    }
    if (isDeleting(cluster) || (!state.connected && !state.expired)) return;
    const availability = state.expired ? 'Unknown' : state.available ? 'True' : 'False';
    const status = wantedStatus(cluster.status, state.options, availability, formatTime(clock.now()));
    const patch = mergePatch(cluster.status, status);
    if (patch !== undefined) await hub.patch(MANAGED_CLUSTER, cluster, { status: patch }, WRITER, 'status');
  };

  const queue = createWorkQueue({ reconcile, onError });
  clusters.subscribe(({ key, before, after }) => {
    if (before === undefined && after !== undefined) queue.add(key);
  });
  const changed = (name: string): void => {
    queue.add(name);
    for (const listener of listeners) listener(name);
  };
  return {
    queue,
    connected: (name) => states.get(name)?.connected === true,
    onConnection: (listener) => void listeners.push(listener),
    setAvailable(name, available) {
      stateOf(name).available = available;
      queue.add(name);
    },
    disconnect(name) {
      const state = stateOf(name);
      if (!state.connected) return;
      state.connected = false;
      state.cut += 1;
      const { cut } = state;
      const seconds = clusters.get(name)?.spec?.leaseDurationSeconds ?? LEASE_SECONDS;
      clock.after(LEASE_DURATIONS * seconds * 1_000, () => {
        if (state.connected || state.cut !== cut) return;
        state.expired = true;
        queue.add(name);
      });
      changed(name);
    },
    connect(name) {
      const state = stateOf(name);
      state.connected = true;
      state.expired = false;
      changed(name);
    },
  };
}
