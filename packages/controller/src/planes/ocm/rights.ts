import { SYSTEM_NAMESPACE } from '../shared/freeze.ts';
import type { Right } from '../shared/right.ts';

const READ = ['list', 'watch'];
const CLUSTER = ['cluster.open-cluster-management.io'];

/** What the plane does on a hub of OCM: the rules of `deploy/hub/ocm/roles.yaml`, in their order. */
export const ocmRights: readonly Right[] = [
  {
    groups: CLUSTER,
    resources: ['managedclusters', 'managedclustersets', 'managedclustersetbindings', 'placementdecisions'],
    verbs: READ,
    purpose: 'to know which clusters OCM considers and chose',
  },
  {
    groups: CLUSTER,
    resources: ['placements'],
    verbs: ['get', ...READ, 'patch'],
    purpose: 'to steer Placements',
  },
  {
    groups: CLUSTER,
    resources: ['addonplacementscores'],
    verbs: ['get', ...READ, 'create'],
    purpose: 'to make scores',
  },
  {
    groups: CLUSTER,
    resources: ['addonplacementscores/status'],
    verbs: ['update'],
    purpose: 'to write scores',
  },
  {
    groups: ['work.open-cluster-management.io'],
    resources: ['manifestworks', 'manifestworkreplicasets'],
    verbs: READ,
    purpose: 'to see whether work is available',
  },
  {
    groups: ['addon.open-cluster-management.io'],
    resources: ['clustermanagementaddons'],
    verbs: READ,
    purpose: 'to know what else follows a Placement',
  },
  {
    groups: ['policy.open-cluster-management.io'],
    resources: ['placementbindings'],
    verbs: READ,
    purpose: 'to know what else follows a Placement',
  },
  {
    groups: ['argoproj.io'],
    resources: ['applicationsets'],
    verbs: READ,
    purpose: 'to know what else follows a Placement',
  },
  { groups: [''], resources: ['namespaces'], verbs: READ, purpose: 'to know defaults' },
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
