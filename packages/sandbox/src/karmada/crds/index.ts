import { clusterDefinition } from './cluster.ts';
import { policyDefinitions } from './policies.ts';
import { workDefinitions } from './work.ts';

/**
 * CustomResourceDefinitions, as YAML, of the Karmada kinds that Windvane and the stand-ins use: the names,
 * required fields, enumerations, limits, defaults and list types of Karmada v1.18, described anew.
 */
export const karmadaDefinitions: readonly string[] = [
  ...policyDefinitions,
  ...workDefinitions,
  clusterDefinition,
];
