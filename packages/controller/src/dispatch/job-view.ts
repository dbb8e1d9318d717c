import { HOUR, type Instant } from '@windvane/carbon-map';
import type { KubeObject } from '../kube/resource.ts';
import { type WorkloadView, workloadView } from '../planes/karmada/workload.ts';
import { parseQuantity } from '../planes/shared/quantity.ts';
import type { RunOnceKind } from './kinds.ts';

/** Resources that one run takes while it runs, all of its pods together. */
export interface RunRequests {
  readonly cpuMillis: number;
  readonly memoryBytes: number;
  readonly pods: number;
}

/** A run-once workload's template on the hub. It is only ever read. */
export interface JobView {
  readonly workload: WorkloadView;
  readonly kind: RunOnceKind;
  readonly uid: string;
  readonly createdAt: Instant;
  /** `spec.suspend` is true. */
  readonly suspended: boolean;
  /** It ran to its end, well or not. */
  readonly finished: boolean;
  readonly parallelism: number;
  readonly requests: RunRequests;
}

function at(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined,
    root,
  );
}

const ENDS: ReadonlySet<unknown> = new Set(['Complete', 'Completed', 'Succeeded', 'Finished', 'Failed']);

function isFinished(object: KubeObject, { finished }: RunOnceKind): boolean {
  if (finished !== null) return finished.words.some((word) => word === at(object, finished.path));
  const conditions = at(object, ['status', 'conditions']);
  return (
    Array.isArray(conditions) &&
    conditions.some((each) => ENDS.has(at(each, ['type'])) && at(each, ['status']) === 'True')
  );
}

/** Pods at a time: the parallelism, and no more than there is to complete. */
function parallelismOf(object: KubeObject, { parallelism }: RunOnceKind): number {
  const whole = (value: unknown): number | null =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : null;
  const wanted = parallelism === null ? 1 : (whole(at(object, parallelism)) ?? 1);
  return Math.min(wanted, whole(at(object, ['spec', 'completions'])) ?? wanted);
}

/** Views read the pod template where a Deployment has it. */
function workloadOf(object: KubeObject, kind: RunOnceKind): WorkloadView {
  const own = kind.podTemplate?.join('.') === 'spec.template';
  if (own) return workloadView(object, kind.type);
  const template = kind.podTemplate === null ? undefined : at(object, kind.podTemplate);
  const view = workloadView({ ...object, spec: { template } }, kind.type);
  return { ...view, object: { ...view.object, spec: object.spec } };
}

function podRequests(
  { requests }: WorkloadView,
  kind: RunOnceKind,
): { cpuMillis: number; memoryBytes: number } {
  const fixed = (name: string): number => parseQuantity(kind.requests[name] ?? '0') ?? 0;
  return {
    cpuMillis: requests.cpuMillis > 0 ? requests.cpuMillis : fixed('cpu') * 1000,
    memoryBytes: requests.memoryBytes > 0 ? requests.memoryBytes : fixed('memory'),
  };
}

function read(object: KubeObject, kind: RunOnceKind): JobView {
  const workload = workloadOf(object, kind);
  const parallelism = parallelismOf(object, kind);
  const pod = podRequests(workload, kind);
  return {
    workload,
    kind,
    uid: object.metadata.uid ?? '',
    createdAt: Date.parse(object.metadata.creationTimestamp ?? ''),
    suspended: at(object, ['spec', 'suspend']) === true,
    finished: isFinished(object, kind),
    parallelism,
    requests: {
      cpuMillis: pod.cpuMillis * parallelism,
      memoryBytes: pod.memoryBytes * parallelism,
      pods: parallelism,
    },
  };
}

const known = new WeakMap<KubeObject, JobView>();

/** Reads a template, once for as long as it stays the same object. */
export function jobView(object: KubeObject, kind: RunOnceKind): JobView {
  const view = known.get(object) ?? read(object, kind);
  known.set(object, view);
  return view;
}

/** How long before its latest start a Job goes: what it takes to store the intent and to make the policy. */
const LEAD = HOUR / 60;

/** From when on a Job waits no longer; never before it exists. */
export function dueAt(createdAt: Instant, startBy: number): Instant {
  return createdAt + startBy - Math.min(LEAD, startBy / 10);
}
