import { describe, expect, it } from 'vitest';
import { MisconfiguredError } from '../../../src/ocm/scheduler/misconfigured.ts';
import { compileSelector, predicateFilter } from '../../../src/ocm/scheduler/selector.ts';
import type { ClusterSelector } from '../../../src/ocm/types.ts';
import { cluster } from '../support/clusters.ts';

const claims = (...pairs: readonly (readonly [string, string])[]) => ({
  clusterClaims: pairs.map(([name, value]) => ({ name, value })),
});
const noCel = () => () => false;

const fleet = [
  cluster('gold-de', { labels: { tier: 'gold' }, status: claims(['region', 'de']) }),
  cluster('gold-fr', { labels: { tier: 'gold' }, status: claims(['region', 'fr']) }),
  cluster('bare'),
];

function matching(selector: ClusterSelector): readonly string[] {
  const matches = compileSelector(
    selector,
    'Predicate',
    () =>
      ({ metadata }) =>
        metadata.name !== 'gold-fr',
  );
  return fleet.filter(matches).map(({ metadata }) => metadata.name);
}

const term = (key: string, operator: string, ...values: readonly string[]) => ({
  key,
  operator,
  ...(values.length === 0 ? {} : { values }),
});

describe('a cluster selector', () => {
  it.each([
    ['nothing', {}, ['gold-de', 'gold-fr', 'bare']],
    ['labels', { labelSelector: { matchLabels: { tier: 'gold' } } }, ['gold-de', 'gold-fr']],
    ['claims', { claimSelector: { matchExpressions: [term('region', 'In', 'de')] } }, ['gold-de']],
    [
      'a claim that is absent, which NotIn lets pass',
      { claimSelector: { matchExpressions: [term('region', 'NotIn', 'de')] } },
      ['gold-fr', 'bare'],
    ],
    [
      'labels and claims together',
      {
        labelSelector: { matchExpressions: [term('tier', 'Exists')] },
        claimSelector: { matchExpressions: [term('region', 'In', 'fr')] },
      },
      ['gold-fr'],
    ],
    ['expressions', { celSelector: { celExpressions: ['...'] } }, ['gold-de', 'bare']],
    ['an empty list of expressions', { celSelector: { celExpressions: [] } }, ['gold-de', 'gold-fr', 'bare']],
  ] as const)('matches by %s', (_name, selector, names) => {
    expect(matching(selector)).toEqual(names);
  });

  it.each([
    ['an operator that does not exist', term('tier', 'Like', 'gold')],
    ['In without values', term('tier', 'In')],
    ['Exists with values', term('tier', 'Exists', 'gold')],
  ])('refuses %s', (_name, wrong) => {
    expect(() => matching({ labelSelector: { matchExpressions: [wrong] } })).toThrow(MisconfiguredError);
    expect(() => matching({ claimSelector: { matchExpressions: [wrong] } })).toThrow(MisconfiguredError);
  });
});

describe('the predicates of a Placement', () => {
  const names = (predicates: Parameters<typeof predicateFilter>[0], clusters = fleet): readonly string[] =>
    predicateFilter(predicates, clusters, noCel).map(({ metadata }) => metadata.name);
  const by = (selector: ClusterSelector) => ({ requiredClusterSelector: selector });

  it('let all pass when there is none', () => {
    expect(names([])).toEqual(['gold-de', 'gold-fr', 'bare']);
  });

  it('are alternatives', () => {
    expect(
      names([
        by({ claimSelector: { matchExpressions: [term('region', 'In', 'fr')] } }),
        by({ labelSelector: { matchExpressions: [term('tier', 'DoesNotExist')] } }),
      ]),
    ).toEqual(['gold-fr', 'bare']);
  });

  it('one without a selector matches everything', () => {
    expect(names([{}])).toEqual(['gold-de', 'gold-fr', 'bare']);
  });

  it('that are wrong are noticed only when there is a cluster to look at', () => {
    const wrong = [by({ labelSelector: { matchExpressions: [term('tier', 'Like')] } })];
    expect(names(wrong, [])).toEqual([]);
    expect(() => names(wrong)).toThrow('"Like" is not a valid label selector operator');
  });
});
