import type { ResourceType } from '../../kube/resource.ts';
import {
  CARBON_PLACEMENT,
  CONFIG_MAP,
  HTTP_ROUTE,
  INGRESS,
  NAMESPACE,
  SERVICE,
} from '../shared/resources.ts';
import {
  CLUSTER,
  CLUSTER_OVERRIDE_POLICY,
  CLUSTER_PROPAGATION_POLICY,
  HORIZONTAL_POD_AUTOSCALER,
  OVERRIDE_POLICY,
  PROPAGATION_POLICY,
  RESOURCE_BINDING,
  SCALED_OBJECT,
  WORK,
  workloadKinds,
} from './resources.ts';

/** A server without these is no Karmada. */
export const karmadaKinds: readonly ResourceType[] = [
  PROPAGATION_POLICY,
  CLUSTER_PROPAGATION_POLICY,
  OVERRIDE_POLICY,
  CLUSTER_OVERRIDE_POLICY,
  RESOURCE_BINDING,
  WORK,
  CLUSTER,
];
/** Looked at where they are served; a kind that comes later is found within the time of a probe. */
export const otherKinds: readonly ResourceType[] = [
  ...workloadKinds,
  NAMESPACE,
  SERVICE,
  INGRESS,
  HTTP_ROUTE,
  HORIZONTAL_POD_AUTOSCALER,
  SCALED_OBJECT,
  CARBON_PLACEMENT,
  CONFIG_MAP,
];
