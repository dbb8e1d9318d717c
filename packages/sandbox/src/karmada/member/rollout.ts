import {
  asNumber,
  asObject,
  equalJson,
  isObject,
  type JsonObject,
  type KubeObject,
} from '../../runtime/client/object.ts';

/** One pod of a workload in a member. */
export interface Pod {
  /** Its place among the replicas; a freed one is used again. */
  readonly index: number;
  /** The pod template that it runs. */
  readonly template: unknown;
  ready: boolean;
}

/** What a rollout has to reach and how far it may stray on the way. */
export interface RolloutGoal {
  readonly replicas: number;
  readonly template: unknown;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
}

function share(value: unknown, replicas: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = typeof value === 'string' && value.endsWith('%') ? Number(value.slice(0, -1)) : 25;
  return round((percent / 100) * replicas);
}

/** The goal that a Deployment, ReplicaSet or StatefulSet states; Kubernetes' defaults where it is silent. */
export function goalOf(workload: KubeObject): RolloutGoal {
  const spec = asObject(workload.spec);
  const replicas = asNumber(spec['replicas'], 1);
  const template = spec['template'];
  if (workload.kind !== 'Deployment') return { replicas, template, maxSurge: 0, maxUnavailable: 1 };
  const strategy = asObject(spec['strategy']);
  if (strategy['type'] === 'Recreate') return { replicas, template, maxSurge: 0, maxUnavailable: replicas };
  const rolling = isObject(strategy['rollingUpdate']) ? strategy['rollingUpdate'] : {};
  const maxSurge = share(rolling['maxSurge'], replicas, Math.ceil);
  const maxUnavailable = share(rolling['maxUnavailable'], replicas, Math.floor);
  // Both zero would never move; Kubernetes lets one pod go then.
  return {
    replicas,
    template,
    maxSurge,
    maxUnavailable: maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable,
  };
}

/** What the controllers in a member do at this moment. */
export interface RolloutStep {
  readonly remove: readonly Pod[];
  /** Indexes of pods to start with the goal's template. */
  readonly start: readonly number[];
}

function isCurrent(pod: Pod, goal: RolloutGoal): boolean {
  return equalJson(pod.template, goal.template);
}

/** Old before new, unready before ready, youngest index first: what costs least goes first. */
function dispensable(pods: readonly Pod[], goal: RolloutGoal): Pod[] {
  return [...pods].sort(
    (a, b) =>
      Number(isCurrent(a, goal)) - Number(isCurrent(b, goal)) ||
      Number(a.ready) - Number(b.ready) ||
      b.index - a.index,
  );
}

function freeIndexes(pods: readonly Pod[], count: number): number[] {
  const used = new Set(pods.map((pod) => pod.index));
  const free: number[] = [];
  for (let index = 0; free.length < count; index += 1) if (!used.has(index)) free.push(index);
  return free;
}

/** Old pods that may go now: unready ones at once, ready ones while enough others are available. */
function retire(old: readonly Pod[], available: number, goal: RolloutGoal): Pod[] {
  const least = goal.replicas - goal.maxUnavailable;
  let spare = available - least;
  return dispensable(old, goal).filter((pod) => {
    if (!pod.ready) return true;
    spare -= 1;
    return spare >= 0;
  });
}

/** Pods of one template each, as ReplicaSets hold them: the largest first, of equals the older. */
function replicaSets(pods: readonly Pod[], goal: RolloutGoal): Pod[][] {
  const sets: Pod[][] = [];
  for (const pod of pods) {
    const set = sets.find(([first]) => equalJson(first?.template, pod.template));
    if (set === undefined) sets.push([pod]);
    else set.push(pod);
  }
  const isNew = (set: readonly Pod[]): number => Number(set.some((pod) => isCurrent(pod, goal)));
  return sets.sort((a, b) => b.length - a.length || isNew(a) - isNew(b));
}

/**
 * Pods that go when a Deployment is scaled down in the middle of a rolling update: every ReplicaSet shrinks in
 * proportion, the largest one takes what rounding leaves (`scale` of Kubernetes' deployment controller). Nothing goes
 * when the smaller size, its surge included, holds them all.
 */
export function scaledAway(pods: readonly Pod[], former: RolloutGoal, goal: RolloutGoal): Pod[] {
  const sets = replicaSets(pods, goal);
  const allowed = goal.replicas === 0 ? 0 : goal.replicas + goal.maxSurge;
  let excess = Math.max(0, pods.length - allowed);
  if (sets.length < 2 || goal.replicas >= former.replicas) return [];
  const shrunk = allowed / (former.replicas + former.maxSurge);
  const goes = sets.map((set) => {
    const fair = set.length - Math.round(set.length * shrunk);
    const taken = Math.min(Math.max(0, fair), excess);
    excess -= taken;
    return taken;
  });
  return sets.flatMap((set, index) =>
    dispensable(set, goal).slice(0, (goes[index] ?? 0) + (index === 0 ? excess : 0)),
  );
}

/**
 * The next step of a rolling update or a scaling. Pods beyond the goal (and its surge during a rollout) go at
 * once; old ones make way as far as maxUnavailable allows; new ones start as far as maxSurge allows.
 */
export function nextStep(pods: readonly Pod[], goal: RolloutGoal): RolloutStep {
  const old = pods.filter((pod) => !isCurrent(pod, goal));
  if (old.length === 0) {
    const excess = Math.max(0, pods.length - goal.replicas);
    return {
      remove: dispensable(pods, goal).slice(0, excess),
      start: freeIndexes(pods, Math.max(0, goal.replicas - pods.length)),
    };
  }
  const limit = goal.replicas === 0 ? 0 : goal.replicas + goal.maxSurge;
  const remove = dispensable(pods, goal).slice(0, Math.max(0, pods.length - limit));
  const kept = pods.filter((pod) => !remove.includes(pod));
  const keptOld = kept.filter((pod) => !isCurrent(pod, goal));
  const available = kept.filter((pod) => pod.ready).length;
  const retired = retire(keptOld, available, goal);
  const left = kept.filter((pod) => !retired.includes(pod));
  const current = left.filter((pod) => isCurrent(pod, goal)).length;
  const room = Math.min(limit - left.length, goal.replicas - current);
  return { remove: [...remove, ...retired], start: freeIndexes(left, Math.max(0, room)) };
}

/** Status as the member's controller for the kind writes it. */
export function rolloutStatus(workload: KubeObject, pods: readonly Pod[]): JsonObject {
  const goal = goalOf(workload);
  const ready = pods.filter((pod) => pod.ready).length;
  const updated = pods.filter((pod) => isCurrent(pod, goal)).length;
  const status: JsonObject = {
    observedGeneration: workload.metadata.generation ?? 1,
    replicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
  };
  if (workload.kind === 'ReplicaSet') return status;
  status['updatedReplicas'] = updated;
  if (workload.kind === 'StatefulSet') return { ...status, currentReplicas: pods.length };
  const total = Math.max(goal.replicas, pods.length);
  return { ...status, unavailableReplicas: total - ready };
}
