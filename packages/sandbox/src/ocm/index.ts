export { ocmDefinitions } from './crds/index.ts';
export type {
  ManagedClusterOptions,
  ManagedClusters,
  OcmStandInOptions,
  OcmStandIns,
  WorkPlaces,
  WorkPlan,
  WorkRef,
} from './options.ts';
export { startOcmStandIns } from './stand-ins.ts';
