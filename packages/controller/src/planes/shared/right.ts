import { SYSTEM_NAMESPACE } from './freeze.ts';

/** Something that a plane's service account must be allowed to do. One rule of the shipped roles each. */
export interface Right {
  readonly groups: readonly string[];
  /** Plurals, or `plural/subresource`. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Needed in this namespace only; everywhere when absent. */
  readonly namespace?: string;
  /** What fails without it, for people. */
  readonly purpose: string;
}

/** What an informer does. */
export const READ = ['list', 'watch'] as const;

/** What every plane does on its hub: the last rules of the shipped roles, in their order. */
export const commonRights: readonly Right[] = [
  {
    groups: ['windvane.dev'],
    resources: ['carbonplacements'],
    verbs: ['get', ...READ, 'create', 'delete'],
    purpose: 'to keep statuses',
  },
  {
    groups: ['windvane.dev'],
    resources: ['carbonplacements/status'],
    verbs: ['update'],
    purpose: 'to keep statuses',
  },
  { groups: [''], resources: ['events'], verbs: ['create', 'patch'], purpose: 'to tell what it does' },
  {
    groups: [''],
    resources: ['configmaps'],
    verbs: READ,
    namespace: SYSTEM_NAMESPACE,
    purpose: 'to see a freeze',
  },
  {
    groups: ['coordination.k8s.io'],
    resources: ['leases'],
    verbs: ['get', 'create', 'update'],
    namespace: SYSTEM_NAMESPACE,
    purpose: 'to elect the replica that writes',
  },
];
