import { objectMetaSchema } from '../object-meta.ts';
import { native, type StructuralSchema } from '../schema.ts';
import {
  mutatingAdmissionPolicy,
  mutatingAdmissionPolicyBinding,
  mutatingWebhookConfiguration,
} from './admission.ts';
import {
  configMap,
  event,
  lease,
  namespace,
  newEvent,
  node,
  secret,
  service,
  serviceAccount,
} from './core.ts';
import { pod } from './pod.ts';
import {
  clusterRole,
  customResourceDefinition,
  horizontalPodAutoscaler,
  ingress,
  podDisruptionBudget,
  role,
  roleBinding,
} from './policies.ts';
import { always, text } from './types.ts';
import { cronJob, daemonSet, deployment, job, replicaSet, statefulSet } from './workloads.ts';

/**
 * Schemas of the built-in kinds by `apiVersion/kind`, with list types, merge keys and defaults as in
 * Kubernetes 1.36.
 */
export const builtinSchemas: Readonly<Record<string, StructuralSchema>> = withMetadata({
  'v1/ConfigMap': configMap,
  'v1/Event': event,
  'v1/Namespace': namespace,
  'v1/Node': node,
  'v1/Pod': pod,
  'v1/Secret': secret,
  'v1/Service': service,
  'v1/ServiceAccount': serviceAccount,
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicy': mutatingAdmissionPolicy,
  'admissionregistration.k8s.io/v1/MutatingAdmissionPolicyBinding': mutatingAdmissionPolicyBinding,
  'admissionregistration.k8s.io/v1/MutatingWebhookConfiguration': mutatingWebhookConfiguration,
  'apiextensions.k8s.io/v1/CustomResourceDefinition': customResourceDefinition,
  'apps/v1/DaemonSet': daemonSet,
  'apps/v1/Deployment': deployment,
  'apps/v1/ReplicaSet': replicaSet,
  'apps/v1/StatefulSet': statefulSet,
  'autoscaling/v2/HorizontalPodAutoscaler': horizontalPodAutoscaler,
  'batch/v1/CronJob': cronJob,
  'batch/v1/Job': job,
  'coordination.k8s.io/v1/Lease': lease,
  'events.k8s.io/v1/Event': newEvent,
  'networking.k8s.io/v1/Ingress': ingress,
  'policy/v1/PodDisruptionBudget': podDisruptionBudget,
  'rbac.authorization.k8s.io/v1/ClusterRole': clusterRole,
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': roleBinding,
  'rbac.authorization.k8s.io/v1/Role': role,
  'rbac.authorization.k8s.io/v1/RoleBinding': roleBinding,
});

function withMetadata(schemas: Record<string, StructuralSchema>): Record<string, StructuralSchema> {
  const common = { apiVersion: text, kind: text, metadata: always(objectMetaSchema) };
  return Object.fromEntries(
    Object.entries(schemas).map(([kind, schema]) => [
      kind,
      { ...schema, properties: { ...common, ...schema.properties }, [native]: { ...schema[native] } },
    ]),
  );
}
