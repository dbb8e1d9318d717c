import { MINUTE } from '@windvane/carbon-map';
import { type Environment, loadRunOnceKinds } from '../config/config.ts';
import { parseDuration } from '../config/duration.ts';
import { UserError } from '../config/user-error.ts';
import { planOfJobs } from '../dispatch/handback.ts';
import {
  chosen,
  chosenJobs,
  planOf,
  type RestoreTarget,
  restore,
} from '../planes/karmada/handback/restore.ts';
import { survey } from '../planes/karmada/handback/survey.ts';
import {
  chosenPlacements,
  planOf as planOfPlacement,
  restorePlacements,
} from '../planes/ocm/handback/restore.ts';
import type { HandBackPace } from '../planes/shared/hand-back-pace.ts';
import { type HubKubeOptions, withHubKube } from './hub-kube.ts';
import type { ExitCode, Output } from './output.ts';

export interface RestoreOptions extends HubKubeOptions {
  readonly all: boolean;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly namespace?: string;
  readonly timeout?: string;
  readonly config?: string;
  readonly json: boolean;
}

const TIMEOUT = 10 * MINUTE;

/** How a person at a terminal is kept waiting. Throws UserError for a timeout that is no duration. */
export function paceOf(
  options: { readonly timeout?: string; readonly force: boolean },
  output: Output,
): HandBackPace {
  const timeout = options.timeout === undefined ? TIMEOUT : parseDuration(options.timeout);
  if (timeout === null) throw new UserError(`--timeout: "${options.timeout}" is no duration; write 10m`);
  return {
    now: () => Date.now(),
    pause: (length) => new Promise((resolve) => setTimeout(resolve, length)),
    timeout,
    force: options.force,
    tell: (line) => output.line(line),
  };
}

function targetOf(written: string | undefined, options: RestoreOptions): RestoreTarget {
  if (options.all) {
    if (written !== undefined) throw new UserError(`write ${written} or --all, not both`);
    return { kind: 'all', namespace: options.namespace ?? null };
  }
  const [of, name, ...more] = (written ?? '').split('/');
  if (of === undefined || of === '' || name === undefined || name === '' || more.length > 0) {
    throw new UserError(
      written === undefined
        ? 'say what to restore: KIND/NAME (for example Deployment/web), or --all'
        : `"${written}" names no workload: write KIND/NAME, for example Deployment/web`,
    );
  }
  return { kind: 'one', of, name, namespace: options.namespace ?? 'default' };
}

/** `windvane restore`: everything back as it was found, and the workloads to observe. */
export async function runRestore(
  written: string | undefined,
  options: RestoreOptions,
  output: Output,
  environment: Environment,
): Promise<ExitCode> {
  const target = targetOf(written, options);
  const pace = paceOf(options, output);
  const kinds = loadRunOnceKinds(options.config, environment);
  return withHubKube<ExitCode>(options, environment, async (api) => {
    const all = await survey(api, kinds);
    const planned = [
      ...chosen(all, target).map((each) => ({ policy: each.policy.label, would: planOf(each) })),
      ...chosenJobs(all, target).map((each) => ({
        policy: each.job.workload.label,
        would: planOfJobs({ waiting: [each], running: [], finished: [] }),
      })),
      ...(await chosenPlacements(api, target)).map((each) => ({
        policy: each.label,
        would: planOfPlacement(each),
      })),
    ];
    if (planned.length === 0) {
      if (target.kind === 'one') {
        throw new UserError(
          `Windvane steers nothing that is called ${written} in ${target.namespace}; check kind, name, namespace (-n) and kubeconfig`,
        );
      }
      output.line('Windvane steers nothing here.');
    }
    if (options.dryRun) {
      for (const { would } of planned) for (const line of would) output.line(`would ${line}`);
      if (options.json) output.json({ dryRun: true, restored: planned });
      return 0;
    }
    const restored = [
      ...(await restore(api, target, pace, true, kinds)),
      ...(await restorePlacements(api, target, pace)),
    ];
    if (options.json) output.json({ dryRun: false, restored });
    return restored.some(({ outcome }) => outcome === 'timeout') ? 1 : 0;
  });
}
