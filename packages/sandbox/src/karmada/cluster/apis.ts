import type { MemberOptions } from '../options.ts';

type ApiEnablement = {
  readonly groupVersion: string;
  readonly resources: readonly { readonly name: string; readonly kind: string }[];
};

/** What a member serves unless it is told otherwise: the kinds that people propagate, and KEDA's. */
const DEFAULT_APIS: readonly { readonly groupVersion: string; readonly kinds: readonly string[] }[] = [
  {
    groupVersion: 'v1',
    kinds: ['ConfigMap', 'Namespace', 'PersistentVolumeClaim', 'Pod', 'Secret', 'Service', 'ServiceAccount'],
  },
  { groupVersion: 'apps/v1', kinds: ['DaemonSet', 'Deployment', 'ReplicaSet', 'StatefulSet'] },
  { groupVersion: 'autoscaling/v2', kinds: ['HorizontalPodAutoscaler'] },
  { groupVersion: 'batch/v1', kinds: ['CronJob', 'Job'] },
  { groupVersion: 'keda.sh/v1alpha1', kinds: ['ScaledJob', 'ScaledObject', 'TriggerAuthentication'] },
  { groupVersion: 'networking.k8s.io/v1', kinds: ['Ingress', 'NetworkPolicy'] },
  { groupVersion: 'policy/v1', kinds: ['PodDisruptionBudget'] },
  {
    groupVersion: 'rbac.authorization.k8s.io/v1',
    kinds: ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  },
];

/** `status.apiEnablements` of a member. */
export function apiEnablements(member: MemberOptions): ApiEnablement[] {
  return (member.apis ?? DEFAULT_APIS).map(({ groupVersion, kinds }) => ({
    groupVersion,
    resources: kinds.map((kind) => ({ kind, name: `${kind.toLowerCase()}s` })),
  }));
}
