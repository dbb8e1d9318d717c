import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { karmadaDefinitions } from '../../../src/index.ts';
import { type Definition, differencesFrom, upstreamDefinitions } from '../../runtime/support/definitions.ts';

const ours = karmadaDefinitions.map((text): Definition => parse(text));
const upstream = upstreamDefinitions('karmada');
const compared = ours.filter((definition) => definition.spec.group !== 'cluster.karmada.io');

describe('our definitions of Karmada kinds', () => {
  it('are the kinds that Windvane and the stand-ins use', () => {
    expect(ours.map((definition) => definition.metadata.name)).toEqual([
      'propagationpolicies.policy.karmada.io',
      'clusterpropagationpolicies.policy.karmada.io',
      'overridepolicies.policy.karmada.io',
      'clusteroverridepolicies.policy.karmada.io',
      'resourcebindings.work.karmada.io',
      'clusterresourcebindings.work.karmada.io',
      'works.work.karmada.io',
      'clusters.cluster.karmada.io',
    ]);
  });

  // Without the folder of upstream definitions there is nothing to compare with.
  it.skipIf(upstream === undefined).each(compared)('describe $metadata.name as Karmada does', (own) => {
    expect(differencesFrom(upstream ?? [], own)).toEqual([]);
  });
});
