import { setTimeout as delay } from 'node:timers/promises';
import type { KubeApi } from '../../../src/kube/api.ts';
import { isKubeError } from '../../../src/kube/errors.ts';
import type { KubeObject } from '../../../src/kube/resource.ts';
import { MANAGED_CLUSTER, MANIFEST_WORK } from '../../../src/planes/ocm/resources.ts';
import { NAMESPACE } from '../../../src/planes/shared/resources.ts';
import type { Seen } from '../../../test/planes/karmada/support/world.ts';

const LOOK_MILLIS = 50;
const AVAILABLE = 'ManagedClusterConditionAvailable';

/** What stands in managed clusters that have no agents of their own. */
export interface PlayedAgents {
  /** Works that arrive become available from now on, or stay as they are. */
  serve(works: boolean): void;
  stop(): Promise<void>;
}

function condition(type: string, reason: string, generation = 1): object {
  const lastTransitionTime = new Date().toISOString();
  return {
    type,
    status: 'True',
    reason,
    message: 'played',
    observedGeneration: generation,
    lastTransitionTime,
  };
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly replicas?: number };
}

const manifestsOf = (work: Seen): readonly Manifest[] => work['spec'].workload.manifests;

/** What an agent says of a manifest whose pods are all ready, in the words of `WellKnownStatus` feedback. */
function reported({ apiVersion, kind, metadata, spec }: Manifest, ordinal: number): object {
  const [group, version] = apiVersion.split('/');
  const { name, namespace } = metadata;
  const integer = spec.replicas ?? 1;
  return {
    resourceMeta: { ordinal, group, version, kind, resource: `${kind.toLowerCase()}s`, name, namespace },
    conditions: [
      condition('Applied', 'AppliedManifestComplete'),
      condition('Available', 'ResourceAvailable'),
    ],
    statusFeedback: {
      values: ['ReadyReplicas', 'Replicas', 'AvailableReplicas'].map((value) => ({
        name: value,
        fieldValue: { type: 'Integer', integer },
      })),
    },
  };
}

async function ignoreExisting(work: Promise<unknown>): Promise<void> {
  await work.catch((error: unknown) => {
    if (!isKubeError(error, 'already-exists')) throw error;
  });
}

/** Makes managed clusters that are available and have nothing behind them. They stay: later runs want them as well. */
export async function registerClusters(user: KubeApi, names: readonly string[]): Promise<void> {
  for (const name of names) {
    await ignoreExisting(user.create(NAMESPACE, { metadata: { name } }));
    await ignoreExisting(
      user.create(MANAGED_CLUSTER, { metadata: { name }, spec: { hubAcceptsClient: true } }),
    );
    const status = { conditions: [condition(AVAILABLE, 'ManagedClusterAvailable')] };
    await user.mergePatch(MANAGED_CLUSTER, { name }, { status }, { subresource: 'status' });
  }
}

/** Plays the work agents: says of every ManifestWork in these clusters that it is applied and available. */
export function playAgents(user: KubeApi, clusters: readonly string[]): PlayedAgents {
  let serving = true;
  const stopping = new AbortController();

  async function serve(work: KubeObject): Promise<void> {
    const seen: Seen = work;
    const generation = seen.metadata.generation ?? 1;
    const before: readonly { type: string; observedGeneration?: number }[] = seen['status']?.conditions ?? [];
    const current = before.some(
      ({ type, observedGeneration }) => type === 'Available' && observedGeneration === generation,
    );
    if (current || !serving) return;
    const conditions = [
      condition('Applied', 'AppliedManifestWorkComplete', generation),
      condition('Available', 'ResourcesAvailable', generation),
    ];
    const status = { conditions, resourceStatus: { manifests: manifestsOf(seen).map(reported) } };
    await user.mergePatch(MANIFEST_WORK, work.metadata, { status }, { subresource: 'status' });
  }

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      for (const namespace of clusters) {
        try {
          for (const work of (await user.list(MANIFEST_WORK, { namespace })).items) await serve(work);
        } catch (error) {
          // A work that goes while it is looked at is no mistake.
          if (!isKubeError(error)) throw error;
        }
      }
      await delay(LOOK_MILLIS);
    }
  })();
  return {
    serve(works) {
      serving = works;
    },
    async stop() {
      stopping.abort();
      await loop;
    },
  };
}
