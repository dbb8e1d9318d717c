import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ocmDefinitions } from '../../../src/index.ts';
import { type Definition, differencesFrom, upstreamDefinitions } from '../../runtime/support/definitions.ts';

const ours = ocmDefinitions.map((text): Definition => parse(text));
const upstream = upstreamDefinitions('ocm');

describe('our definitions of OCM kinds', () => {
  it('are the kinds that Windvane and the stand-ins use', () => {
    expect(ours.map((definition) => definition.metadata.name)).toEqual([
      'managedclusters.cluster.open-cluster-management.io',
      'managedclustersets.cluster.open-cluster-management.io',
      'managedclustersetbindings.cluster.open-cluster-management.io',
      'addonplacementscores.cluster.open-cluster-management.io',
      'placements.cluster.open-cluster-management.io',
      'placementdecisions.cluster.open-cluster-management.io',
      'manifestworks.work.open-cluster-management.io',
      'manifestworkreplicasets.work.open-cluster-management.io',
      'clustermanagementaddons.addon.open-cluster-management.io',
    ]);
  });

  // Without the folder of upstream definitions there is nothing to compare with.
  it.skipIf(upstream === undefined).each(ours)('describe $metadata.name as OCM does', (own) => {
    expect(differencesFrom(upstream ?? [], own)).toEqual([]);
  });
});
