import type { Hub } from '../../runtime/client/hub.ts';
import { mergePatch } from '../../runtime/client/merge-patch.ts';
import {
  formatTime,
  isDeleting,
  type JsonObject,
  type KubeObject,
  keyOf,
} from '../../runtime/client/object.ts';
import type { Store } from '../../runtime/client/store.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Condition } from '../../runtime/conditions.ts';
import { setCondition } from '../../runtime/conditions.ts';
import { createWorkQueue, type WorkQueue } from '../../runtime/work-queue.ts';
import type { ApplyResult } from '../execution/execution.ts';
import { healthOf, reflectStatus } from '../interpreter/health.ts';
import { type Member, memberKey } from '../member/member.ts';
import { WORK } from '../resources.ts';
import type { ManifestStatus, Work } from '../types.ts';
import { clusterOfSpace } from '../well-known.ts';

export interface WorkStatusOptions {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly works: Store<Work>;
  readonly members: ReadonlyMap<string, Member>;
  readonly isReady: (cluster: string) => boolean;
  readonly result: (workKey: string) => ApplyResult | undefined;
  readonly onError: (key: string, error: unknown) => void;
}

function groupVersion(apiVersion: string): { group?: string; version: string } {
  const [first = '', second] = apiVersion.split('/');
  return second === undefined ? { version: first } : { group: first, version: second };
}

/** The plural by the rule that holds for every kind the stand-ins know. */
function pluralOf(kind: string): string {
  const lower = kind.toLowerCase();
  if (lower.endsWith('y')) return `${lower.slice(0, -1)}ies`;
  return lower.endsWith('s') ? `${lower}es` : `${lower}s`;
}

function manifestStatus(manifest: KubeObject, ordinal: number, object: KubeObject): ManifestStatus {
  const { namespace, name } = manifest.metadata;
  const status = reflectStatus(object);
  return {
    identifier: {
      ordinal,
      ...groupVersion(manifest.apiVersion),
      kind: manifest.kind,
      resource: pluralOf(manifest.kind),
      ...(namespace === undefined ? {} : { namespace }),
      name,
    },
    ...(status === undefined ? {} : { status }),
    health: healthOf(object),
  };
}

function manifestStatuses(work: Work, member: Member): ManifestStatus[] {
  return (work.spec?.workload.manifests ?? []).flatMap((manifest, ordinal) => {
    const object = member.get(memberKey(manifest.kind, keyOf(manifest)));
    return object === undefined ? [] : [manifestStatus(manifest, ordinal, object)];
  });
}

/** Stand-in for the status controllers: carries what members report into the Works. */
export function createWorkStatusController(options: WorkStatusOptions): WorkQueue {
  const applied = (work: Work): readonly Condition[] => {
    const result = options.result(keyOf(work));
    const before = work.status?.conditions ?? [];
    if (result === undefined) return before;
    return setCondition(
      before,
      {
        type: 'Applied',
        status: result.applied ? 'True' : 'False',
        reason: result.applied ? 'AppliedSuccessful' : 'AppliedFailed',
        message: result.message,
      },
      formatTime(options.clock.now()),
    );
  };

  return createWorkQueue({
    onError: options.onError,
    async reconcile(key) {
      const work = options.works.get(key);
      if (work === undefined || isDeleting(work)) return;
      const member = options.members.get(clusterOfSpace(work.metadata.namespace) ?? '');
      // What an unreachable member does is not known: the last report stands.
      if (member === undefined || !options.isReady(member.name)) return;
      const next: JsonObject = {
        conditions: applied(work),
        manifestStatuses: manifestStatuses(work, member),
      };
      const status = mergePatch(work.status ?? { conditions: [], manifestStatuses: [] }, next);
      if (status !== undefined) await options.hub.patch(WORK, work, { status }, 'karmada-agent', 'status');
    },
  });
}
