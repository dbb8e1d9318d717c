import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { KubeApi } from '../../../src/kube/api.ts';
import { connectKube } from '../../../src/kube/connect.ts';
import { isKubeError } from '../../../src/kube/errors.ts';
import type { KubeObject, ResourceType } from '../../../src/kube/resource.ts';
import { DEPLOYMENT, type Seen } from '../../../test/planes/karmada/support/world.ts';

const SUFFIX = '.kubeconfig';
const LOOK_MILLIS = 50;

/** What stands in members, and what is made of it. */
export interface Kubelets {
  /** Deployment status says that every replica is available from now on, or that no further one is. */
  serve(available: boolean): void;
  /** Smallest sum over the members of the replicas of a Deployment since the last call, as sampled. */
  least(): number;
  stop(): Promise<void>;
}

/** Members by name, from a folder of NAME.kubeconfig. */
export function connectMembers(folder: string, names: readonly string[]): Map<string, KubeApi> {
  const files = new Set(readdirSync(folder));
  return new Map(
    names
      .filter((name) => files.has(`${name}${SUFFIX}`))
      .map((name) => [name, connectKube({ path: join(folder, `${name}${SUFFIX}`) })]),
  );
}

const NODE: ResourceType = { group: '', version: 'v1', plural: 'nodes', kind: 'Node', namespaced: false };

/** Gives a member a node, so that it reports room. It stays: later runs want it as well. */
export async function addNode(api: KubeApi): Promise<void> {
  const name = 'windvane-e2e';
  const { items } = await api.list(NODE);
  if (items.length > 0) return;
  await api.create(NODE, { metadata: { name } });
  const room = { cpu: '100', memory: '400Gi', pods: '1000' };
  const conditions = [{ type: 'Ready', status: 'True', reason: 'Played', message: 'no kubelet runs here' }];
  const status = { capacity: room, allocatable: room, conditions };
  await api.mergePatch(NODE, { name }, { status }, { subresource: 'status' });
}

/** Plays the kubelets of members that have none: it patches the status of Deployments in one namespace. */
export function playKubelets(members: ReadonlyMap<string, KubeApi>, namespace: string): Kubelets {
  let serving = true;
  const stopping = new AbortController();
  let least = Number.POSITIVE_INFINITY;

  async function serve(api: KubeApi, object: KubeObject): Promise<number> {
    const seen: Seen = object;
    const { status = {}, spec } = seen;
    const replicas: number = spec.replicas;
    const before: number = status.availableReplicas ?? 0;
    const available = serving ? replicas : Math.min(replicas, before);
    const wanted = {
      observedGeneration: seen.metadata.generation,
      replicas,
      updatedReplicas: replicas,
      readyReplicas: available,
      availableReplicas: available,
      unavailableReplicas: replicas - available,
    };
    const same = Object.entries(wanted).every(([key, value]) => (status[key] ?? 0) === value);
    if (!same)
      await api.mergePatch(DEPLOYMENT, object.metadata, { status: wanted }, { subresource: 'status' });
    return available;
  }

  async function look(): Promise<void> {
    let sum = 0;
    for (const api of members.values()) {
      const { items } = await api.list(DEPLOYMENT, { namespace });
      for (const object of items) sum += await serve(api, object);
    }
    least = Math.min(least, sum);
  }

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      try {
        await look();
      } catch (error) {
        // A Deployment that goes while it is looked at is no mistake.
        if (!isKubeError(error)) throw error;
      }
      await delay(LOOK_MILLIS);
    }
  })();
  return {
    serve(available) {
      serving = available;
    },
    least() {
      const was = least;
      least = Number.POSITIVE_INFINITY;
      return was;
    },
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
