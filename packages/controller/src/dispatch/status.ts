import { createHash } from 'node:crypto';
import type { JobDecision } from '../engine/jobs.ts';
import { dataOf } from '../planes/shared/intensity.ts';
import { buildStatus, type StatusFacts } from '../status/build.ts';
import type { CarbonPlacementStatus, DecisionSummary, SplitEntry } from '../status/carbon-placement.ts';
import type { DispatchContext } from './judge.ts';
import type { JobPlan } from './plan.ts';

/** `from 2026-03-01T14:00Z`, or `at once`. */
function whenText(start: number, now: number): string {
  return start <= now ? 'at once' : `from ${new Date(start).toISOString().slice(0, 16)}Z`;
}

const rounded = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;

/** 0..1: a reading is sure; a forecast as far as its own expected error says, and half where it says nothing. */
function confidenceOf({ judged }: JobPlan, { cluster, outcome, plannedStart }: JobDecision): number {
  const option = judged.waiting?.clusters.find(({ name }) => name === cluster);
  if (option === undefined || option.gramsPerKwh === null) return 0;
  if (outcome === 'start') return 1;
  const point = option.forecast.findLast(({ at }) => at <= (plannedStart ?? 0));
  if (point === undefined) return 0;
  if (point.expectedError === null || point.gramsPerKwh <= 0) return 0.5;
  return rounded(Math.max(0, 1 - point.expectedError / point.gramsPerKwh), 2);
}

/** Instants are named, so that the same plan reads the same a while later. */
function runnerUpOf({ runnerUp, clusters }: JobDecision, now: number): string | null {
  const second = clusters.find(({ cluster }) => cluster === runnerUp?.cluster);
  if (second === undefined || second.start === null || second.gramsPerKwh === null) return null;
  return `${second.cluster}: ${Math.round(second.gramsPerKwh)} g/kWh expected ${whenText(second.start, now)}`;
}

function decisionOf(plan: JobPlan, now: number): DecisionSummary | null {
  const { decision, text, judged, record } = plan;
  if (decision === null) return null;
  const { cluster, gramsPerKwh, gramsPerKwhNow } = decision;
  const gain = gramsPerKwh === null || gramsPerKwhNow === null ? 0 : 1 - gramsPerKwh / gramsPerKwhNow;
  return {
    id: createHash('sha256')
      .update(JSON.stringify([judged.facts.job.uid, cluster, record.plannedStart, gramsPerKwh]))
      .digest('hex')
      .slice(0, 12),
    at: new Date(now).toISOString(),
    target: cluster === null ? {} : { [cluster]: 1 },
    gain: Number.isFinite(gain) ? rounded(gain, 3) : 0,
    // Nothing runs yet that a move could lose.
    moveCost: '0m',
    confidence: confidenceOf(plan, decision),
    runnerUp: runnerUpOf(decision, now),
    text,
  };
}

function reasonFor(cluster: string, plan: JobPlan, now: number): string {
  const { judged, decision, record } = plan;
  if (record.cluster === cluster) return plan.text;
  const place = judged.candidates.find(({ name }) => name === cluster)?.place;
  const evidence = decision?.clusters.find((each) => each.cluster === cluster);
  if (place === undefined) return 'It is gone.';
  if (place.excluded !== null) return place.excluded;
  if (evidence === undefined) return judged.facts.remembered.splitReasons[cluster] ?? '';
  if (evidence.start === null || evidence.gramsPerKwh === null) return evidence.reason;
  return `${Math.round(evidence.gramsPerKwh)} g/kWh expected ${whenText(evidence.start, now)}.`;
}

function splitOf(plan: JobPlan, context: DispatchContext): SplitEntry[] {
  const { judged, record } = plan;
  const names = new Set(judged.candidates.map(({ name }) => name));
  if (record.cluster !== null) names.add(record.cluster);
  // What became of its clusters afterwards is no news of a Job that is gone there, or over.
  const shown = plan.phase === 'Waiting' ? [...names] : [...names].filter((name) => name === record.cluster);
  return shown.sort().map((cluster) => {
    const member = judged.candidates.find(({ name }) => name === cluster);
    const zone = member?.place.zone ?? null;
    const reading = zone === null ? null : (context.map?.zones[zone]?.reading ?? null);
    const here = record.dispatchedAt !== null && record.cluster === cluster && plan.phase === 'Dispatched';
    return {
      cluster,
      zone,
      replicas: here ? judged.facts.job.parallelism : 0,
      share: here ? 1 : 0,
      gramsPerKwh:
        reading === null || plan.phase === 'Done'
          ? null
          : rounded(reading.gramsPerKwh * (member?.place.pue ?? 1), 1),
      reason: reasonFor(cluster, plan, context.now),
    };
  });
}

/** What is said of one Job. Of one that is over nothing changes any more. */
export function jobStatus(plan: JobPlan, context: DispatchContext): CarbonPlacementStatus {
  const { judged, record, phase } = plan;
  const { facts, candidates, mode, hold } = judged;
  const { map, now } = context;
  const cleanest = splitOf({ ...plan, phase: 'Waiting' }, context)
    .filter(({ gramsPerKwh }) => gramsPerKwh !== null)
    .sort((a, b) => (a.gramsPerKwh ?? 0) - (b.gramsPerKwh ?? 0))[0];
  const data = map === null ? 'stale' : dataOf(candidates, { ...context, map });
  const status: StatusFacts = {
    mode,
    frozen: plan.frozen !== null,
    misconfigured: judged.misconfigured,
    blocked: plan.blocked,
    pending: null,
    moving: null,
    phase,
    text: plan.text,
    data,
    replicas: facts.job.parallelism,
    split: splitOf(plan, context),
    cleanest:
      cleanest === undefined || phase === 'Done'
        ? null
        : { cluster: cleanest.cluster, zone: cleanest.zone ?? '' },
    decision: decisionOf(plan, now),
    step: null,
    moves: [],
    moveStarts: [],
    found: null,
    hold,
    accounting: null,
    generation: facts.job.workload.object.metadata.generation ?? 0,
    dispatch: record,
  };
  return buildStatus(status, facts.remembered, now);
}
