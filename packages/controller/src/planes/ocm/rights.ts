import { commonRights, READ, type Right } from '../shared/right.ts';

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
    verbs: [...READ, 'patch'],
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
  ...commonRights,
];
