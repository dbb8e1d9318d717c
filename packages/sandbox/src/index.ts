export { type Sandbox, type SandboxOptions, startSandbox } from './api/sandbox.ts';
export {
  type KarmadaStandInOptions,
  type KarmadaStandIns,
  karmadaDefinitions,
  type MemberOptions,
  type Members,
  type PodStartup,
  type ReplicaTotals,
  startKarmadaStandIns,
  type WorkloadRef,
} from './karmada/index.ts';
export {
  type KedaStandIn,
  type KedaStandInOptions,
  kedaDefinitions,
  type PollRecord,
  startKedaStandIn,
  type TriggerSource,
} from './keda/index.ts';
export {
  type ManagedClusterOptions,
  type ManagedClusters,
  type OcmStandInOptions,
  type OcmStandIns,
  ocmDefinitions,
  startOcmStandIns,
  type WorkPlaces,
  type WorkPlan,
  type WorkRef,
} from './ocm/index.ts';
export type { Clock } from './runtime/clock.ts';
