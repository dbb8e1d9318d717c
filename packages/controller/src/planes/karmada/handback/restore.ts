import { createLocationResolver } from '@windvane/carbon-map';
import type { JobFacts } from '../../../dispatch/facts.ts';
import { startNow } from '../../../dispatch/handback.ts';
import type { RunOnceKind } from '../../../dispatch/kinds.ts';
import type { KubeApi } from '../../../kube/api.ts';
import { keyOf } from '../../../kube/resource.ts';
import type { HandBackPace } from '../../shared/hand-back-pace.ts';
import { writeHold } from '../../shared/hold.ts';
import { optInOf } from '../unit.ts';
import { type HandBack, handBack } from './give-back.ts';
import { type Holding, isMarked, type Survey, survey } from './survey.ts';

/** What is to be handed back: everything (in a namespace), or the unit of one workload or policy. */
export type RestoreTarget =
  | { readonly kind: 'all'; readonly namespace: string | null }
  | { readonly kind: 'one'; readonly of: string; readonly namespace: string; readonly name: string };

interface Restored {
  /** For people: `PropagationPolicy apps/web`. */
  readonly policy: string;
  /** For people: `Deployment apps/web`. */
  readonly workloads: readonly string[];
  /** `started`: a Job that waited was started, in the best cluster known. */
  readonly outcome: HandBack | 'started';
}

const sameKind = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();

function fits({ policy, unit, bindings }: Holding, target: RestoreTarget): boolean {
  const { namespace } = policy.object.metadata;
  if (target.kind === 'all') {
    if (target.namespace === null || namespace === target.namespace) return true;
    return (unit?.members ?? []).some(({ workload }) => workload.namespace === target.namespace);
  }
  if (sameKind(policy.kind, target.of)) {
    return (
      policy.object.metadata.name === target.name && (namespace ?? target.namespace) === target.namespace
    );
  }
  const workloads = [
    ...(unit?.members ?? []).map(({ workload }) => ({ ...workload, kind: workload.type.kind })),
    ...bindings.map(({ resource }) => resource),
  ];
  return workloads.some(
    (each) =>
      sameKind(each.kind, target.of) && each.namespace === target.namespace && each.name === target.name,
  );
}

/** The units that a target names, as they stand on this API server. */
export function chosen(all: Survey, target: RestoreTarget): readonly Holding[] {
  return all.holdings.filter((holding) => fits(holding, target));
}

/** The Jobs that a target names, of those that wait for Windvane. */
export function chosenJobs({ jobs }: Survey, target: RestoreTarget): readonly JobFacts[] {
  return jobs.waiting.filter(({ job: { workload } }) => {
    if (target.kind === 'all') return target.namespace === null || workload.namespace === target.namespace;
    const { type, namespace, name } = workload;
    return sameKind(type.kind, target.of) && namespace === target.namespace && name === target.name;
  });
}

/** What handing one unit back would write, in words. */
export function planOf({ policy, unit, found, overrides }: Holding): string[] {
  const holds = (unit?.members ?? []).map(({ workload }) => `hold ${workload.label}: observe only`);
  const pins = overrides.map((override) => `delete OverridePolicy ${keyOf(override)}`);
  const value =
    found === null
      ? 'leave the weights as they are (what was found is not known)'
      : found.present
        ? `write back the weights as found: ${JSON.stringify(found.value)}`
        : 'remove the weights, as none were found';
  return [...holds, ...pins, `${value}, on ${policy.label}`, `take Windvane's marks off ${policy.label}`];
}

async function hold(api: KubeApi, { unit }: Holding, at: string): Promise<void> {
  if (unit === null) return;
  const annotationsHash = optInOf(unit, {}).hash;
  for (const { workload } of unit.members) {
    await writeHold(api, workload, { reason: 'Restored', annotationsHash, at });
  }
}

/**
 * Hands the chosen units back, one after the other: first the hold in the statuses, so that a controller which is alive
 * only observes from there on, then pins, weights and marks. Jobs that wait are started: nobody will do it later. Can be run again after anything. Throws {@link KubeError}.
 * @param holding whether the workloads are put to observe; without the CarbonPlacement CRD there is nothing to hold.
 */
export async function restore(
  api: KubeApi,
  target: RestoreTarget,
  pace: HandBackPace,
  holding = true,
  kinds: readonly RunOnceKind[] = [],
): Promise<readonly Restored[]> {
  const all = await survey(api, kinds);
  const holdings = chosen(all, target);
  if (holding && all.placements !== null) {
    for (const each of holdings) await hold(api, each, new Date(pace.now()).toISOString());
  }
  const done: Restored[] = [];
  for (const each of holdings) {
    const outcome = isMarked(each) ? await handBack(api, each, all.fleet, pace) : 'left';
    const workloads = (each.unit?.members ?? []).map(({ workload }) => workload.label);
    pace.tell(`${each.policy.label}: ${wordsFor(outcome)}`);
    done.push({ policy: each.policy.label, workloads, outcome });
  }
  for (const facts of chosenJobs(all, target)) {
    const started = await startNow(api, facts, all.fleet, createLocationResolver(), pace.tell);
    const { label } = facts.job.workload;
    // Nobody waits for a cluster that may never come, when told to wait for nothing.
    const outcome = started ? 'started' : pace.force ? 'left' : 'timeout';
    done.push({ policy: label, workloads: [label], outcome });
  }
  return done;
}

function wordsFor(outcome: HandBack): string {
  if (outcome === 'restored') return 'its weights are as they were found';
  if (outcome === 'left') return 'its weights are not (or no longer) those of Windvane and were left alone';
  return 'not done in time; its weights stay where they are: run this again, or with --force to wait for nothing';
}
