import type { Millis } from '@windvane/carbon-map';
import { letGo, planOfJobs, removeFinished } from '../../../dispatch/handback.ts';
import type { RunOnceKind } from '../../../dispatch/kinds.ts';
import type { KubeApi } from '../../../kube/api.ts';
import { isKubeError } from '../../../kube/errors.ts';
import { removeLease, seizeLease } from '../../../kube/lease.ts';
import { keyOf, type ResourceType } from '../../../kube/resource.ts';
import { CONTROLLER_LEASE, freeze, OCM_CONTROLLER_LEASE, unfreeze } from '../../shared/freeze.ts';
import type { HandBackPace } from '../../shared/hand-back-pace.ts';
import { CARBON_PLACEMENT, CUSTOM_RESOURCE_DEFINITION } from '../../shared/resources.ts';
import { removeOverrides } from './give-back.ts';
import { planOf, restore } from './restore.ts';
import { isMarked, type Survey, survey } from './survey.ts';

const DEFINITION_NAME = `${CARBON_PLACEMENT.plural}.${CARBON_PLACEMENT.group}`;

/** A server may be the hub of both planes. */
const LEASES = [CONTROLLER_LEASE, OCM_CONTROLLER_LEASE];

const HOLDER = 'windvane-uninstall';
/** No controller may begin before this is over, should the uninstallation be broken off. */
const HOLD_LEASE: Millis = 3_600_000;
const REASON = 'windvane uninstall';

export interface UninstallOptions {
  /** The CRD and the statuses stay, each on hold, so that a controller which lives on only observes. */
  readonly keepCrd: boolean;
  /** What is dispatched besides Jobs (nothing). */
  readonly runOnceKinds?: readonly RunOnceKind[];
}

/** What another plane has on the same API server, in words, and how it is taken away; false when not in time. */
export interface Others {
  readonly plan: readonly string[];
  run(api: KubeApi, pace: HandBackPace): Promise<boolean>;
}

/** One stage; false ends the uninstallation there, to be run again. */
interface Stage {
  /** What it does now, in words; empty when there is nothing to do. */
  plan(all: Survey): readonly string[];
  run(api: KubeApi, pace: HandBackPace): Promise<boolean>;
}

/** Nobody else acts from here on. */
const takeOver: Stage = {
  plan: () => ['freeze everything', 'take the Lease from the controller'],
  async run(api, pace) {
    await freeze(api, REASON);
    for (const lease of LEASES) await seizeLease(api, lease, HOLDER, pace.now(), HOLD_LEASE);
    pace.tell('Frozen, and the Lease is taken');
    return true;
  },
};

const giveBackEverything = (hold: boolean, kinds: readonly RunOnceKind[]): Stage => ({
  plan: (all) => [
    ...all.holdings.filter((holding) => hold || isMarked(holding)).flatMap(planOf),
    ...all.strays.map((override) => `delete OverridePolicy ${keyOf(override)}`),
    ...planOfJobs({ ...all.jobs, running: [], finished: [] }),
  ],
  async run(api, pace) {
    const done = await restore(api, { kind: 'all', namespace: null }, pace, hold, kinds);
    if (done.some(({ outcome }) => outcome === 'timeout')) return false;
    // Once more, for what a controller wrote before it noticed.
    const { strays, holdings } = await survey(api);
    await removeOverrides(api, [...strays, ...holdings.flatMap(({ overrides }) => overrides)]);
    return true;
  },
});

/** Jobs that run keep their policies, which go with them and carry nothing of Windvane from here on. */
const letJobsGo = (kinds: readonly RunOnceKind[]): Stage => ({
  plan: ({ jobs }) => planOfJobs({ ...jobs, waiting: [] }),
  async run(api, pace) {
    const { jobs } = await survey(api, kinds);
    for (const policy of jobs.running) await letGo(api, policy);
    for (const policy of jobs.finished) await removeFinished(api, policy);
    const told = [
      ...(jobs.running.length === 0 ? [] : [`${jobs.running.length} of running Jobs stay, unmarked`]),
      ...(jobs.finished.length === 0 ? [] : [`${jobs.finished.length} of finished ones are deleted`]),
    ];
    if (told.length > 0) pace.tell(`Policies of dispatched Jobs: ${told.join(', ')}`);
    return true;
  },
});

/** Between two looks at a definition that is going. */
const DEFINITION_LOOK: Millis = 1_000;

/**
 * The definition takes all statuses with it. A server serves both for some seconds more, and a controller that finds
 * statuses and no freeze would act: nothing ends the freeze before they are gone.
 */
const removeStatuses: Stage = {
  plan: (all) =>
    all.placements === null
      ? []
      : [`delete ${all.placements.length} CarbonPlacements with their CustomResourceDefinition`],
  async run(api, pace) {
    if (!(await remove(api, CUSTOM_RESOURCE_DEFINITION, DEFINITION_NAME))) return true;
    const until = pace.now() + pace.timeout;
    while (!(await definitionGone(api))) {
      if (pace.now() >= until) {
        pace.tell(
          `CustomResourceDefinition ${DEFINITION_NAME} is not yet gone: look at its finalizers, and run this again`,
        );
        return false;
      }
      await pace.pause(DEFINITION_LOOK);
    }
    pace.tell('The CarbonPlacements and their CustomResourceDefinition are deleted');
    return true;
  },
};

async function definitionGone(api: KubeApi): Promise<boolean> {
  try {
    await api.get(CUSTOM_RESOURCE_DEFINITION, { name: DEFINITION_NAME });
    return false;
  } catch (error) {
    if (!isKubeError(error, 'not-found')) throw error;
    return !(await api.serves(CARBON_PLACEMENT));
  }
}

const endHold: Stage = {
  plan: () => ['delete the Lease and the freeze'],
  async run(api, pace) {
    for (const lease of LEASES) await removeLease(api, lease);
    await unfreeze(api);
    pace.tell('The Lease and the freeze are deleted');
    return true;
  },
};

async function remove(api: KubeApi, type: ResourceType, name: string): Promise<boolean> {
  try {
    await api.delete(type, { name });
    return true;
  } catch (error) {
    if (isKubeError(error, 'not-found')) return false;
    throw error;
  }
}

function stagesOf({ keepCrd, runOnceKinds = [] }: UninstallOptions, others: Others | null): readonly Stage[] {
  const otherPlane: Stage[] =
    others === null ? [] : [{ plan: () => others.plan, run: (api, pace) => others.run(api, pace) }];
  const giveBack = [giveBackEverything(keepCrd, runOnceKinds), letJobsGo(runOnceKinds), ...otherPlane];
  return [takeOver, ...giveBack, ...(keepCrd ? [] : [removeStatuses]), endHold];
}

/** What an uninstallation would write now, in words. Writes nothing. Throws {@link KubeError}. */
export async function planUninstall(
  api: KubeApi,
  options: UninstallOptions,
  others: Others | null = null,
): Promise<readonly string[]> {
  const all = await survey(api, options.runOnceKinds);
  return stagesOf(options, others).flatMap((stage) => stage.plan(all));
}

/**
 * Takes Windvane off this API server: freeze and Lease first, then every policy is handed back, then the statuses go,
 * and the freeze last, so that no controller acts in between. Each stage finds what is left of it, so that it can be
 * broken off anywhere and run again. Throws {@link KubeError}.
 * @returns false when a policy could not be handed back, or the definition did not go, in time: everything stays frozen,
 * and nothing is lost.
 */
export async function uninstall(
  api: KubeApi,
  options: UninstallOptions,
  pace: HandBackPace,
  others: Others | null = null,
): Promise<boolean> {
  for (const stage of stagesOf(options, others)) if (!(await stage.run(api, pace))) return false;
  return true;
}
