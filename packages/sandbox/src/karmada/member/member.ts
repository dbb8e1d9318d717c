import { randomUUID } from 'node:crypto';
import {
  asObject,
  equalJson,
  formatTime,
  type JsonObject,
  type KubeObject,
  keyOf,
  labelOf,
} from '../../runtime/client/object.ts';
import type { Clock } from '../../runtime/clock.ts';
import { isJob, podRequests, podSpecOf } from '../interpreter/replicas.ts';
import type { PodStartup, WorkloadRef } from '../options.ts';
import { MANAGED_LABEL, RETAIN_REPLICAS_LABEL } from '../well-known.ts';
import { createRunner, type Runner } from './runner.ts';

/** Names an object in a member: `Deployment|ns/name`. Two groups with one kind are told apart by nobody here. */
type MemberKey = string;

export function memberKey(kind: string, key: string): MemberKey {
  return `${kind}|${key}`;
}

/** Why a member's API server refused an object. */
export class MemberRefusal extends Error {}

/** A member cluster in memory: its objects, and the pods of those that run some. */
export interface Member {
  readonly name: string;
  get(key: MemberKey): KubeObject | undefined;
  list(): readonly KubeObject[];
  /** Whether `apply` would change anything. */
  differs(manifest: KubeObject): boolean;
  /**
   * Creates or updates as Karmada's agent does, keeping what belongs to the member.
   * @throws MemberRefusal when the API server or the conflict resolution says no.
   */
  apply(manifest: KubeObject, overwrite: boolean): void;
  remove(key: MemberKey): void;
  /** Changes an object past Karmada. */
  edit(key: MemberKey, change: (object: KubeObject) => KubeObject): void;
  pods(key: MemberKey): { replicas: number; available: number } | undefined;
  /** Requests of all pods, by resource name in base units; `pods` counts them. */
  allocated(): ReadonlyMap<string, number>;
}

export interface MemberDependencies {
  readonly clock: Clock;
  readonly podStartup: () => PodStartup;
  readonly jobDuration: (cluster: string, workload: WorkloadRef) => number | null;
  /** Told after any change of an object or its pods; `edited` when somebody else than Karmada changed it. */
  readonly changed: (object: KubeObject, edited: boolean) => void;
}

interface Entry {
  object: KubeObject;
  readonly runner: Runner | undefined;
}

/** What a manifest says, without what the member's server adds. */
function content(object: KubeObject): JsonObject {
  const { status: _status, metadata, ...rest } = object;
  return { ...rest, labels: metadata.labels ?? {}, annotations: metadata.annotations ?? {} };
}

function retained(manifest: KubeObject, existing: KubeObject): KubeObject {
  const keep = manifest.kind === 'Deployment' && labelOf(manifest, RETAIN_REPLICAS_LABEL) === 'true';
  const replicas = asObject(existing.spec)['replicas'];
  return keep && replicas !== undefined ? { ...manifest, spec: { ...manifest.spec, replicas } } : manifest;
}

/** Fields of a running Job that its API server does not let anybody change. */
function checkImmutable(next: KubeObject, existing: KubeObject): void {
  if (!isJob(next)) return;
  const after = asObject(next.spec);
  const before = asObject(existing.spec);
  for (const field of ['completions', 'template', 'selector']) {
    if (!equalJson(after[field], before[field])) {
      const value = JSON.stringify(after[field]) ?? 'null';
      throw new MemberRefusal(
        `Job.batch "${next.metadata.name}" is invalid: spec.${field}: Invalid value: ${value}: field is immutable`,
      );
    }
  }
}

export function createMember(name: string, dependencies: MemberDependencies): Member {
  const entries = new Map<MemberKey, Entry>();
  const { clock } = dependencies;

  const keyFrom = (object: KubeObject): MemberKey => memberKey(object.kind, keyOf(object));
  const current = (entry: Entry): KubeObject =>
    entry.runner === undefined ? entry.object : { ...entry.object, status: entry.runner.status() };

  const start = (object: KubeObject): Entry => {
    const workload = {
      kind: object.kind,
      namespace: object.metadata.namespace ?? '',
      name: object.metadata.name,
    };
    const runner = createRunner(object, {
      clock,
      startup: (index) => dependencies.podStartup()(name, workload, index),
      duration: () => dependencies.jobDuration(name, workload),
      changed: () => {
        const entry = entries.get(keyFrom(object));
        if (entry !== undefined) dependencies.changed(current(entry), false);
      },
    });
    return { object, runner };
  };

  const put = (manifest: KubeObject, edited: boolean): void => {
    const key = keyFrom(manifest);
    const existing = entries.get(key);
    const before = existing?.object.metadata;
    const sameSpec = existing !== undefined && equalJson(existing.object.spec, manifest.spec);
    const object: KubeObject = {
      ...manifest,
      metadata: {
        ...manifest.metadata,
        uid: before?.uid ?? randomUUID(),
        creationTimestamp: before?.creationTimestamp ?? formatTime(clock.now()),
        generation: (before?.generation ?? 0) + (sameSpec ? 0 : 1),
      },
    };
    const entry = existing ?? start(object);
    entry.object = object;
    entries.set(key, entry);
    entry.runner?.update(object);
    dependencies.changed(current(entry), edited);
  };

  return {
    name,
    get(key) {
      const entry = entries.get(key);
      return entry === undefined ? undefined : current(entry);
    },
    list: () => [...entries.values()].map(current),
    differs(manifest) {
      const existing = entries.get(keyFrom(manifest))?.object;
      return existing === undefined || !equalJson(content(retained(manifest, existing)), content(existing));
    },
    apply(manifest, overwrite) {
      const existing = entries.get(keyFrom(manifest))?.object;
      if (existing === undefined) {
        put(manifest, false);
        return;
      }
      if (labelOf(existing, MANAGED_LABEL) !== 'true' && !overwrite) {
        throw new MemberRefusal(
          `resource(kind=${manifest.kind}, ${keyOf(manifest)}) already exists in the cluster ${name} and the ` +
            'conflictResolution strategy is not overwrite',
        );
      }
      const next = retained(manifest, existing);
      checkImmutable(next, existing);
      put(next, false);
    },
    remove(key) {
      const entry = entries.get(key);
      if (entry === undefined) return;
      entry.runner?.stop();
      entries.delete(key);
      dependencies.changed(entry.object, false);
    },
    edit(key, change) {
      const entry = entries.get(key);
      if (entry === undefined) throw new Error(`member ${name} holds no ${key}`);
      put(change(entry.object), true);
    },
    pods(key) {
      const runner = entries.get(key)?.runner;
      return runner === undefined
        ? undefined
        : { replicas: runner.replicas(), available: runner.available() };
    },
    allocated() {
      const total = new Map<string, number>([['pods', 0]]);
      const add = (resource: string, amount: number): void =>
        void total.set(resource, (total.get(resource) ?? 0) + amount);
      for (const { object, runner } of entries.values()) {
        const pods = runner?.replicas() ?? 0;
        if (pods === 0) continue;
        add('pods', pods);
        for (const [resource, amount] of podRequests(podSpecOf(object))) add(resource, amount * pods);
      }
      return total;
    },
  };
}
