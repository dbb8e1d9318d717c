import type { Clock, Instant } from '@windvane/carbon-map';
import type { JobDecision } from '../engine/jobs.ts';
import type { KubeApi } from '../kube/api.ts';
import { isKubeError } from '../kube/errors.ts';
import type { EventNote, EventRecorder } from '../kube/events.ts';
import type { ReconcileResult } from '../kube/queue.ts';
import type { KubeObject, ResourceType } from '../kube/resource.ts';
import type { Headroom } from '../planes/karmada/member.ts';
import { PROPAGATION_POLICY } from '../planes/karmada/resources.ts';
import type { PlacementView } from '../planes/plane.ts';
import type { PlacementWriter } from '../planes/shared/placement-writer.ts';
import type { JobFacts } from './facts.ts';
import type { RunRequests } from './job-view.ts';
import { isOfThisHour, type JointPlan, planJointly, UNCOUNTED } from './joint-plan.ts';
import { type DispatchContext, judgeJob } from './judge.ts';
import { type JobPlan, planJob } from './plan.ts';
import { dispatchPolicy, ownerOfDispatch } from './policy.ts';
import { inOrderOfNeed, type WaitingJob } from './schedule.ts';
import { jobStatus } from './status.ts';

/** The opted-in Jobs of a hub that Windvane is to place, by their keys in the queue. */
export interface JobSource {
  keys(): Iterable<string>;
  facts(key: string): JobFacts | undefined;
}

export interface DispatcherOptions {
  readonly api: Pick<KubeApi, 'create' | 'get'>;
  readonly hub: string;
  readonly clock: Clock;
  /** Null without the CarbonPlacement CRD: then nothing at all is written. */
  readonly writer: () => PlacementWriter | null;
  readonly events: EventRecorder;
  /** Takes the answer of an own write. */
  readonly assume: (type: ResourceType, object: KubeObject) => void;
  readonly jobs: JobSource;
  readonly context: () => DispatchContext;
}

/** The part of a plane that starts Jobs. */
export interface Dispatcher {
  /** Brings one Job a step further: plan, status, and at most one policy. Null when there is no such Job. */
  reconcile(key: string): Promise<{ views: readonly PlacementView[]; result: ReconcileResult } | null>;
  /** Something that the joint plan depends on has changed. */
  changed(): void;
  /** Keys of all Jobs, the one that must go first, first. */
  keys(): string[];
  /** Resources that Jobs just dispatched are about to take, and that their clusters do not count yet. */
  reserved(cluster: string): Headroom | undefined;
}

interface Look {
  readonly plan: JobPlan;
  readonly context: DispatchContext;
}

/** When a Job starts, by plan or because it must. */
function turnOf({ due }: WaitingJob, decision: JobDecision | undefined): Instant {
  return Math.min(due, decision?.plannedStart ?? due);
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { api, hub, clock, events, jobs } = options;
  let latest: JointPlan | null = null;
  let recent: { readonly cluster: string; readonly at: Instant; readonly requests: RunRequests }[] = [];
  /** Starts go one after the other, in the order in which they were asked for: what is overdue before what is not. */
  let lane: Promise<unknown> = Promise.resolve();

  function jointPlan(context: DispatchContext): JointPlan {
    if (latest !== null && isOfThisHour(latest, context.now)) return latest;
    const judged = [...jobs.keys()].flatMap((key) => {
      const facts = jobs.facts(key);
      return facts === undefined ? [] : [[key, judgeJob(facts, context)] as const];
    });
    latest = planJointly(new Map(judged), context);
    return latest;
  }

  function look(key: string): Look | null {
    const facts = jobs.facts(key);
    if (facts === undefined) return null;
    const context = options.context();
    const judged = judgeJob(facts, context);
    const { waiting } = judged;
    let joint = jointPlan(context);
    const planned = joint.judged.get(key)?.waiting ?? null;
    const turn = planned === null ? null : turnOf(planned, joint.decisions.get(planned.label));
    // It is new, or its turn came since: what was planned has to be looked at as of now.
    if (waiting !== null && (turn === null || (joint.at < turn && context.now >= turn))) {
      latest = null;
      joint = jointPlan(context);
    }
    const decision = waiting === null ? null : (joint.decisions.get(waiting.label) ?? null);
    return { plan: planJob(judged, decision, context), context };
  }

  async function tell({ plan, context }: Look): Promise<PlacementView> {
    const status = jobStatus(plan, context);
    const { workload } = plan.judged.facts.job;
    await options.writer()?.write(workload, status);
    const { namespace, name, type } = workload;
    return { ...status, hub, namespace, name, kind: type.kind };
  }

  /** Makes the one policy of a Job. One that is there already was made by an earlier attempt. */
  async function create({ judged }: JobPlan, cluster: string): Promise<void> {
    const { job } = judged.facts;
    const wanted = dispatchPolicy(job, cluster);
    let made: KubeObject;
    try {
      made = await api.create(PROPAGATION_POLICY, wanted);
    } catch (error) {
      if (!isKubeError(error, 'already-exists')) throw error;
      made = await api.get(PROPAGATION_POLICY, wanted.metadata);
      if (ownerOfDispatch(made)?.uid !== job.uid) throw error;
    }
    options.assume(PROPAGATION_POLICY, made);
    recent = recent.filter(({ at }) => at > clock.now() - UNCOUNTED);
    recent.push({ cluster, at: clock.now(), requests: job.requests });
  }

  /** Looks again once all that came before has started: somebody may have taken the Job meanwhile. */
  async function start(key: string): Promise<Look | null> {
    const last = look(key);
    if (last === null || last.plan.start === null) return last;
    // The intent comes first. When it cannot be stored nothing is dispatched.
    await tell(last);
    await create(last.plan, last.plan.start);
    return look(key);
  }

  function inLane<T>(task: () => Promise<T>): Promise<T> {
    const turn = lane.then(task);
    lane = turn.catch(() => undefined);
    return turn;
  }

  return {
    changed() {
      latest = null;
    },
    keys() {
      const due = [...jointPlan(options.context()).judged].map(([label, { latestStart, waiting }]) => ({
        label,
        due: waiting?.due ?? latestStart,
      }));
      return inOrderOfNeed(due).map(({ label }) => label);
    },
    reserved(cluster) {
      const since = clock.now() - UNCOUNTED;
      const there = recent.filter((each) => each.cluster === cluster && each.at > since);
      if (there.length === 0) return undefined;
      const sum = (of: (requests: RunRequests) => number): number =>
        there.reduce((all, { requests }) => all + of(requests), 0);
      return {
        cpuMillis: sum((each) => each.cpuMillis),
        memoryBytes: sum((each) => each.memoryBytes),
        pods: sum((each) => each.pods),
      };
    },
    async reconcile(key) {
      const before = look(key);
      if (before === null) return null;
      const starts = before.plan.start !== null && options.writer() !== null;
      const after = starts ? await inLane(() => start(key)) : before;
      if (after === null) return null;
      const view = await tell(after);
      const { workload } = after.plan.judged.facts.job;
      for (const note of notesFor(before.plan, after.plan)) {
        await events.record(workload.type, workload.object, note);
      }
      const { requeueAfter } = after.plan;
      return { views: [view], result: requeueAfter === null ? {} : { requeueAfter } };
    },
  };
}

/** What changed for a Job, as Events: each is told once, when it begins. */
function notesFor(before: JobPlan, after: JobPlan): EventNote[] {
  const { judged, blocked, phase } = after;
  if (before.start !== null && phase === 'Dispatched') {
    return [{ type: 'Normal', reason: 'Dispatched', message: before.text }];
  }
  const obstacle = judged.misconfigured ?? blocked;
  const told = judged.facts.remembered.conditions.find(
    ({ type, status }) => (type === 'Misconfigured' || type === 'Blocked') && status === 'True',
  );
  if (obstacle === null || obstacle.reason === told?.reason) return [];
  return [{ type: 'Warning', reason: obstacle.reason, message: obstacle.message }];
}
