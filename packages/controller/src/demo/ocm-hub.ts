import {
  type OcmStandIns,
  ocmDefinitions,
  type Sandbox,
  startOcmStandIns,
  startSandbox,
} from '@windvane/sandbox';
import { carbonPlacementDefinition, create } from './create.ts';
import { clusterMembers, podStartup } from './fleet.ts';
import type { LockstepClock } from './lockstep.ts';
import { ocmManifests } from './manifests.ts';

/** The demo's hub of Open Cluster Management: an API in this process, with stand-ins for its controllers and agents. */
export interface DemoOcmHub {
  readonly sandbox: Sandbox;
  readonly standIns: OcmStandIns;
  /** Applies the Placements as their owner would. */
  applyPlacements(): Promise<void>;
  stop(): Promise<void>;
}

export async function startOcmHub(clock: LockstepClock): Promise<DemoOcmHub> {
  const sandbox = await startSandbox({
    crds: [...ocmDefinitions, carbonPlacementDefinition()],
    now: () => clock.now(),
  });
  const standIns = await startOcmStandIns({
    kubeconfig: sandbox.kubeconfig(),
    clock: { now: () => clock.now(), after: (delay, task) => void clock.after(delay, task) },
    clusters: clusterMembers(),
    workPlan: ({ cluster }) => ({ readyAfter: podStartup(cluster) }),
  });
  return {
    sandbox,
    standIns,
    async applyPlacements() {
      for (const manifest of ocmManifests()) await create(sandbox.url, manifest);
    },
    async stop() {
      await standIns.stop();
      await sandbox.stop();
    },
  };
}
