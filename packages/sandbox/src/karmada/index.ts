export { karmadaDefinitions } from './crds/index.ts';
export type {
  KarmadaStandInOptions,
  KarmadaStandIns,
  MemberOptions,
  Members,
  PodStartup,
  ReplicaTotals,
  WorkloadRef,
} from './options.ts';
export { startKarmadaStandIns } from './stand-ins.ts';
