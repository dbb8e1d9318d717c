import { definition } from '../../runtime/crds/definition.ts';
import { anything, list, object, oneOf, text, withDefault } from '../../runtime/crds/schema.ts';
import { mapList, nonEmpty } from './schema.ts';

/**
 * addon.open-cluster-management.io/v1alpha1 ClusterManagementAddOn: read for the Placements that it names;
 * configurations and rollout are carried along.
 */
export const addOnDefinition: string = definition({
  group: 'addon.open-cluster-management.io',
  version: 'v1alpha1',
  kind: 'ClusterManagementAddOn',
  plural: 'clustermanagementaddons',
  shortNames: ['cma', 'cmas'],
  scope: 'Cluster',
  required: ['spec'],
  spec: object({
    addOnConfiguration: anything,
    addOnMeta: object({ displayName: text, description: text }),
    supportedConfigs: mapList(
      object({ group: withDefault(text, ''), resource: nonEmpty, defaultConfig: anything }, ['resource']),
      'group',
      'resource',
    ),
    installStrategy: withDefault(
      object({
        type: withDefault(oneOf('Manual', 'Placements'), 'Manual'),
        placements: mapList(
          object(
            { namespace: nonEmpty, name: nonEmpty, configs: list(anything), rolloutStrategy: anything },
            ['name', 'namespace'],
          ),
          'namespace',
          'name',
        ),
      }),
      { type: 'Manual' },
    ),
  }),
  status: anything,
  columns: [
    { name: 'DISPLAY NAME', jsonPath: '.spec.addOnMeta.displayName', type: 'string' },
    { name: 'CRD NAME', jsonPath: '.spec.addOnConfiguration.crdName', type: 'string' },
  ],
});
