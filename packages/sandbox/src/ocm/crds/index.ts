import { addOnDefinition } from './addon.ts';
import { clusterDefinitions } from './clusters.ts';
import { placementDefinitions } from './placement.ts';
import { workDefinitions } from './work.ts';

/**
 * CustomResourceDefinitions, as YAML, of the OCM kinds that Windvane and the stand-ins use: the names, required
 * fields, enumerations, limits, defaults and list types of OCM v1.3, described anew.
 */
export const ocmDefinitions: readonly string[] = [
  ...clusterDefinitions,
  ...placementDefinitions,
  ...workDefinitions,
  addOnDefinition,
];
