import {
  asNumber,
  asObject,
  formatTime,
  type JsonObject,
  type KubeObject,
} from '../../runtime/client/object.ts';
import type { Clock } from '../../runtime/clock.ts';
import { isJob, isScaled } from '../interpreter/replicas.ts';
import { goalOf, nextStep, type Pod, rolloutStatus, scaledAway } from './rollout.ts';

/** The pods of one workload in one member, as its controllers and kubelets would run them. */
export interface Runner {
  /** Brings the pods in line with a new version of the workload. */
  update(workload: KubeObject): void;
  status(): JsonObject;
  readonly replicas: () => number;
  readonly available: () => number;
  /** Ends all pods. */
  stop(): void;
}

export interface RunnerOptions {
  readonly clock: Clock;
  /** Milliseconds until a pod that starts now is ready; null when it never is. */
  readonly startup: (index: number) => number | null;
  /** Milliseconds that a Job's pod runs once ready; null for ever. */
  readonly duration: () => number | null;
  /** Told when pods became ready or ended by themselves. */
  readonly changed: () => void;
}

/** Makes a pod ready after its start-up time, unless it is gone by then. */
function launch(
  pod: Pod,
  alive: ReadonlySet<Pod>,
  options: RunnerOptions,
  onReady: (pod: Pod) => void,
): void {
  const delay = options.startup(pod.index);
  if (delay === null) return;
  if (delay <= 0) {
    pod.ready = true;
    onReady(pod);
    return;
  }
  options.clock.after(delay, () => {
    if (!alive.has(pod)) return;
    pod.ready = true;
    onReady(pod);
    options.changed();
  });
}

function createRollout(options: RunnerOptions, first: KubeObject): Runner {
  const pods = new Set<Pod>();
  let workload = first;

  const settle = (): void => {
    const goal = goalOf(workload);
    for (;;) {
      const step = nextStep([...pods], goal);
      if (step.remove.length === 0 && step.start.length === 0) return;
      for (const pod of step.remove) pods.delete(pod);
      for (const index of step.start) {
        const pod: Pod = { index, template: goal.template, ready: false };
        pods.add(pod);
        launch(pod, pods, options, () => undefined);
      }
    }
  };

  return {
    update(next) {
      const former = goalOf(workload);
      workload = next;
      if (next.kind === 'Deployment') {
        for (const pod of scaledAway([...pods], former, goalOf(next))) pods.delete(pod);
      }
      settle();
    },
    status() {
      // Pods that became ready since may let old ones go.
      settle();
      return rolloutStatus(workload, [...pods]);
    },
    replicas: () => pods.size,
    available: () => [...pods].filter((pod) => pod.ready).length,
    stop: () => pods.clear(),
  };
}

function createJobRun(options: RunnerOptions, first: KubeObject): Runner {
  const pods = new Set<Pod>();
  let job = first;
  let succeeded = 0;
  let startTime: string | undefined;
  let completionTime: string | undefined;

  const wanted = (): { parallelism: number; completions: number } => {
    const spec = asObject(job.spec);
    const parallelism = asNumber(spec['parallelism'], 1);
    return { parallelism, completions: asNumber(spec['completions'], parallelism) };
  };

  const finish = (pod: Pod): void => {
    pods.delete(pod);
    succeeded += 1;
    settle();
    options.changed();
  };

  const onReady = (pod: Pod): void => {
    const duration = options.duration();
    if (duration === null) return;
    options.clock.after(Math.max(0, duration), () => {
      if (pods.has(pod)) finish(pod);
    });
  };

  function settle(): void {
    if (asObject(job.spec)['suspend'] === true) {
      // Its pods are killed; what they had done is lost.
      pods.clear();
      startTime = undefined;
      return;
    }
    startTime ??= formatTime(options.clock.now());
    const { parallelism, completions } = wanted();
    const active = Math.min(parallelism, completions - succeeded);
    for (const pod of [...pods].slice(Math.max(0, active))) pods.delete(pod);
    for (let index = pods.size; index < active; index += 1) {
      const pod: Pod = { index, template: null, ready: false };
      pods.add(pod);
      launch(pod, pods, options, onReady);
    }
    if (succeeded >= completions) completionTime ??= formatTime(options.clock.now());
  }

  const available = (): number => [...pods].filter((pod) => pod.ready).length;
  return {
    update(next) {
      job = next;
      settle();
    },
    status: () => ({
      ...(startTime === undefined ? {} : { startTime }),
      active: pods.size,
      ready: available(),
      succeeded,
      ...(completionTime === undefined ? {} : completed(completionTime)),
    }),
    replicas: () => pods.size,
    available,
    stop: () => pods.clear(),
  };
}

function completed(completionTime: string): JsonObject {
  return {
    completionTime,
    conditions: [
      {
        type: 'Complete',
        status: 'True',
        reason: 'CompletionsReached',
        lastTransitionTime: completionTime,
        lastProbeTime: completionTime,
        message: 'Reached expected number of succeeded pods',
      },
    ],
  };
}

/** The runner of a workload; undefined for objects that run nothing. */
export function createRunner(workload: KubeObject, options: RunnerOptions): Runner | undefined {
  if (isScaled(workload)) return createRollout(options, workload);
  return isJob(workload) ? createJobRun(options, workload) : undefined;
}
