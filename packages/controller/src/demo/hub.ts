import {
  type KarmadaStandIns,
  karmadaDefinitions,
  type Sandbox,
  startKarmadaStandIns,
  startSandbox,
} from '@windvane/sandbox';
import { carbonPlacementDefinition, create } from './create.ts';
import { clusterMembers, podStartup } from './fleet.ts';
import type { LockstepClock } from './lockstep.ts';
import { karmadaManifests } from './manifests.ts';

/** The demo's Karmada: an API in this process, with stand-ins for Karmada's controllers and for its members. */
export interface DemoHub {
  readonly sandbox: Sandbox;
  readonly standIns: KarmadaStandIns;
  /** Applies the workloads as their owner would. */
  applyWorkloads(): Promise<void>;
  stop(): Promise<void>;
}

export async function startHub(clock: LockstepClock): Promise<DemoHub> {
  const sandbox = await startSandbox({
    crds: [...karmadaDefinitions, carbonPlacementDefinition()],
    now: () => clock.now(),
  });
  const standIns = await startKarmadaStandIns({
    kubeconfig: sandbox.kubeconfig(),
    clock: { now: () => clock.now(), after: (delay, task) => void clock.after(delay, task) },
    members: clusterMembers(),
    podStartup,
  });
  return {
    sandbox,
    standIns,
    async applyWorkloads() {
      for (const manifest of karmadaManifests()) await create(sandbox.url, manifest);
    },
    async stop() {
      await standIns.stop();
      await sandbox.stop();
    },
  };
}
