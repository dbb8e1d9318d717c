import { type Clock, type Instant, MINUTE, type Millis } from '@windvane/carbon-map';
import type { JobDecision } from '@windvane/controller/engine';
import {
  isKubeError,
  type KubeApi,
  type KubeObject,
  keyOf,
  type ReconcileResult,
} from '@windvane/controller/kube';
import type { ZoneOutlook } from '../policy/snapshot.ts';
import { createExpect } from './expectation.ts';
import { type GatedJob, JOB, PLANNED, RELEASED, STATUS, viewJob } from './job.ts';
import { planJob } from './plan.ts';

/** What a gated Job is told; an Event carries it. */
export interface GateNote {
  readonly type: 'Normal' | 'Warning';
  readonly reason: 'Waiting' | 'Released' | 'UseDispatch' | 'LeftToKueue' | 'BadAnnotation';
  readonly message: string;
}

export interface GateOptions {
  readonly api: Pick<KubeApi, 'jsonPatch'>;
  readonly clock: Clock;
  /** What is known of the cluster's own zone; null for nothing. */
  readonly outlook: () => ZoneOutlook | null;
  /** Freeze stops early starts; a Job at its latest start goes all the same. */
  readonly frozen: () => boolean;
  readonly tell: (job: KubeObject, note: GateNote) => Promise<void>;
  /** Told when nothing can be expected of the zone beside what is published. */
  readonly failed: (error: unknown) => void;
  /** Told of every Job that was let go. */
  readonly released?: (job: GatedJob, at: Instant) => void;
}

/** Plans are looked at again at least this often: forecasts change. */
const LOOK_EVERY: Millis = 5 * MINUTE;
/** Notes remembered; beyond that the oldest may be given again. */
const MOST_TOLD = 10_000;

/**
 * The Job gate: `reconcile` looks at one Job and, when its time has come, lets it go. It keeps no state that counts:
 * the latest start follows from the Job's creation, the plan stands in its annotations. It only ever sets `suspend` to
 * false, against the version of the Job that it decided on.
 */
export function createGate(options: GateOptions): (job: KubeObject) => Promise<ReconcileResult> {
  const { api, clock, tell } = options;
  const expect = createExpect(options.failed);
  /** Notes given, by uid: an Event is not written at every look. */
  const told = new Map<string, string>();

  async function tellOnce(job: KubeObject, note: GateNote): Promise<void> {
    const key = `${job.metadata.uid ?? ''}/${note.reason}`;
    if (told.get(key) === note.message) return;
    const [oldest] = told.keys();
    if (oldest !== undefined && told.size >= MOST_TOLD) told.delete(oldest);
    told.set(key, note.message);
    await tell(job, note);
  }

  async function release(job: KubeObject, gated: GatedJob, text: string, now: Instant): Promise<void> {
    const planned =
      gated.plannedStart === null ? {} : { [PLANNED]: new Date(gated.plannedStart).toISOString() };
    const annotations = { ...planned, [STATUS]: text, [RELEASED]: new Date(now).toISOString() };
    await api.jsonPatch(JOB, nameOf(job), [
      ...guards(job),
      { op: 'test', path: '/spec/suspend', value: true },
      { op: 'replace', path: '/spec/suspend', value: false },
      ...annotate(job, annotations),
    ]);
    options.released?.(gated, now);
    await tell(job, { type: 'Normal', reason: 'Released', message: text });
  }

  async function explain(
    job: KubeObject,
    gated: GatedJob,
    text: string,
    start: Instant | null,
  ): Promise<void> {
    const planned = start === null ? '' : new Date(start).toISOString();
    const before = gated.plannedStart === null ? '' : new Date(gated.plannedStart).toISOString();
    // The text says how long it waits, and would change with every look: the plan is what counts.
    if (planned === before && gated.status !== '') return;
    await api.jsonPatch(JOB, nameOf(job), [
      ...guards(job),
      ...annotate(job, { [PLANNED]: planned, [STATUS]: text }),
    ]);
    await tellOnce(job, { type: 'Normal', reason: 'Waiting', message: text });
  }

  return async (job) => {
    const view = viewJob(job);
    if (view.kind === 'none') return {};
    if (view.kind === 'left') {
      await tellOnce(job, {
        type: view.reason === 'LeftToKueue' ? 'Normal' : 'Warning',
        reason: view.reason,
        message: view.text,
      });
      return {};
    }
    for (const message of view.mistakes)
      await tellOnce(job, { type: 'Warning', reason: 'BadAnnotation', message });
    const outlook = options.outlook();
    const waits = clock.now() < view.latestStart;
    const expectation = outlook === null || !waits ? null : await expect(outlook, clock.now());
    const now = clock.now();
    const decision = planJob(keyOf(job), view, outlook, expectation, now);
    const due = now >= view.latestStart;
    try {
      const { starts, start, text: why } = decisionOf(decision, view, now);
      if (due || (starts && !options.frozen())) {
        await release(job, view, due ? dueText(decision.gramsPerKwh) : why, now);
        return {};
      }
      const text = starts ? 'Would start now, but Windvane is frozen: waits for its latest start.' : why;
      await explain(job, view, text, start);
      const next = start !== null && start > now ? Math.min(start, view.latestStart) : view.latestStart;
      return { requeueAfter: Math.min(LOOK_EVERY, next - now) };
    } catch (error) {
      if (isKubeError(error, 'not-found')) return {};
      throw error;
    }
  };
}

/** A plan outlives the data that it was made from: without any the Job goes when it said. */
function decisionOf(
  { outcome, plannedStart, text }: JobDecision,
  view: GatedJob,
  now: Instant,
): { readonly starts: boolean; readonly start: Instant | null; readonly text: string } {
  if (outcome === 'start') return { starts: true, start: null, text };
  if (plannedStart !== null || view.plannedStart === null)
    return { starts: false, start: plannedStart, text };
  const starts = now >= view.plannedStart;
  return {
    starts,
    start: view.plannedStart,
    text: 'Starts now as planned: nothing newer is known of the grid.',
  };
}

function dueText(gramsPerKwh: number | null): string {
  const met = gramsPerKwh === null ? 'without data on the grid' : `${Math.round(gramsPerKwh)} g/kWh expected`;
  return `Starts now, ${met}: its latest start is here.`;
}

function nameOf({ metadata }: KubeObject): { name: string; namespace?: string } {
  const { name, namespace } = metadata;
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}

interface Operation {
  readonly op: 'test' | 'add' | 'replace';
  readonly path: string;
  readonly value?: unknown;
}

/** Somebody who changed the Job meanwhile may have meant something by it. */
function guards({ metadata }: KubeObject): Operation[] {
  return [
    { op: 'test', path: '/metadata/uid', value: metadata.uid },
    { op: 'test', path: '/metadata/resourceVersion', value: metadata.resourceVersion },
  ];
}

function annotate({ metadata }: KubeObject, annotations: Readonly<Record<string, string>>): Operation[] {
  if (metadata.annotations === undefined)
    return [{ op: 'add', path: '/metadata/annotations', value: annotations }];
  return Object.entries(annotations).map(([key, value]) => ({
    op: 'add',
    path: `/metadata/annotations/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    value,
  }));
}
