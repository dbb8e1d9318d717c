import { describe, expect, it } from 'vitest';
import { decisionGroups } from '../../../src/ocm/scheduler/groups.ts';
import { around, choose, cluster, scoreObject } from '../support/clusters.ts';
import { addOn, builtIn } from '../support/objects.ts';

const fleet = ['c', 'a', 'b'].map((name) => cluster(name));
const scored = (values: Record<string, number>) =>
  Object.entries(values).map(([name, value]) => scoreObject(name, 'windvane', { carbon: value }));
const carbon = addOn('windvane', 'carbon', 1);

describe('a schedule', () => {
  it('takes the highest sums, and of equals the first by name', () => {
    const prioritizerPolicy = { mode: 'Exact', configurations: [carbon] };
    const scores = scored({ a: 10, b: 60, c: 10 });
    expect(choose({ prioritizerPolicy }, fleet, around({ scores }))).toEqual(['b', 'a', 'c']);
    expect(choose({ prioritizerPolicy, numberOfClusters: 2 }, fleet, around({ scores }))).toEqual(['b', 'a']);
  });

  it('takes all when fewer are there than asked for, and none when 0 are asked for', () => {
    expect(choose({ numberOfClusters: 9 }, fleet)).toEqual(['a', 'b', 'c']);
    expect(choose({ numberOfClusters: 0 }, fleet)).toEqual([]);
  });

  it('a negative weight turns the order round', () => {
    const prioritizerPolicy = { mode: 'Exact', configurations: [addOn('windvane', 'carbon', -2)] };
    expect(choose({ prioritizerPolicy }, fleet, around({ scores: scored({ a: 5, b: 7 }) }))).toEqual([
      'c',
      'a',
      'b',
    ]);
  });

  it('what no score speaks of beats what has a negative one', () => {
    const prioritizerPolicy = { mode: 'Exact', configurations: [carbon] };
    const scores = scored({ a: -1, b: -100 });
    expect(choose({ prioritizerPolicy, numberOfClusters: 1 }, fleet, around({ scores }))).toEqual(['c']);
  });

  it('refuses wrong tolerations only when there is a cluster to look at', () => {
    const wrong = { tolerations: [{ operator: 'Equal' }] };
    expect(choose(wrong, [])).toEqual([]);
    expect(() => choose(wrong, fleet)).toThrow('If the key is empty');
  });

  it('sums what the prioritizers say, each with its weight', () => {
    const prioritizerPolicy = {
      mode: 'Exact',
      configurations: [addOn('windvane', 'carbon', 5), builtIn('Steady', 1)],
    };
    const by = (a: number): readonly string[] =>
      choose(
        { prioritizerPolicy, numberOfClusters: 1 },
        fleet,
        around({ decided: ['b'], scores: scored({ a, b: 40 }) }),
      );
    // 5 x 60 is 5 x 40 + 100: a tie, and the name decides.
    expect([by(59), by(60)]).toEqual([['b'], ['a']]);
  });
});

describe('decision groups', () => {
  const tiers = ['gold', 'gold', 'silver', 'gold', 'bronze'];
  const clusters = tiers.map((tier, index) => cluster(`c${5 - index}`, { labels: { tier } }));
  const group = (tier: string) => ({
    groupName: tier,
    groupClusterSelector: { labelSelector: { matchLabels: { tier } } },
  });
  const divided = (groupStrategy: object | undefined, selected = clusters): readonly string[] =>
    decisionGroups(groupStrategy === undefined ? undefined : { groupStrategy }, selected).groups.map(
      ({ name, clusters: names }) => `${name}:${names.join(',')}`,
    );

  it('without a strategy there is one, in alphabetical order', () => {
    expect(divided(undefined)).toEqual([':c1,c2,c3,c4,c5']);
    expect(divided({ clustersPerDecisionGroup: '100%' })).toEqual([':c1,c2,c3,c4,c5']);
  });

  it('without clusters there is one that is empty', () => {
    expect(divided({ clustersPerDecisionGroup: '30%', decisionGroups: [group('gold')] }, [])).toEqual([':']);
  });

  it('a number or a share, rounded up, limits their length', () => {
    expect(divided({ clustersPerDecisionGroup: 2 })).toEqual([':c1,c2', ':c3,c4', ':c5']);
    expect(divided({ clustersPerDecisionGroup: '50%' })).toEqual([':c1,c2,c3', ':c4,c5']);
    expect(divided({ clustersPerDecisionGroup: 9 })).toEqual([':c1,c2,c3,c4,c5']);
  });

  it('named ones come first and take what they match, once', () => {
    expect(divided({ decisionGroups: [group('silver'), group('gold'), group('silver')] })).toEqual([
      'silver:c3',
      'gold:c2,c4,c5',
      ':c1',
    ]);
    expect(divided({ clustersPerDecisionGroup: 2, decisionGroups: [group('gold')] })).toEqual([
      'gold:c2,c4',
      'gold:c5',
      ':c1,c3',
    ]);
  });

  it('a wrong selector ends the division where it stands', () => {
    const wrong = {
      groupName: 'wrong',
      groupClusterSelector: { labelSelector: { matchExpressions: [{ key: 'tier', operator: 'Like' }] } },
    };
    const result = decisionGroups(
      { groupStrategy: { decisionGroups: [group('gold'), wrong, group('silver')] } },
      clusters,
    );
    expect(result.groups.map(({ name }) => name)).toEqual(['gold']);
    expect(result.misconfigured?.message).toContain('Like');
  });

  it('a length that is neither number nor share is refused', () => {
    expect(
      decisionGroups({ groupStrategy: { clustersPerDecisionGroup: 'half' } }, clusters).misconfigured
        ?.message,
    ).toBe('half invalid type: string is not a percentage');
  });
});
