export { type Sandbox, type SandboxOptions, startSandbox } from './api/sandbox.ts';
export {
  type Clock,
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
