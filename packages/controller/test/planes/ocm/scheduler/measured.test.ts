// Figures measured on OCM v1.3.1 (its placement and work controllers on a kube-apiserver v1.36.2). The stand-in for its
// scheduler is held to the same ones in packages/sandbox/test/ocm/measured.
import { createLocationResolver } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { managedCluster } from '../../../../src/planes/ocm/fleet.ts';
import { createHubView } from '../../../../src/planes/ocm/hub.ts';
import { type PlacementSpec, placementSpec } from '../../../../src/planes/ocm/read/placement.ts';
import { ADD_ON_PLACEMENT_SCORE } from '../../../../src/planes/ocm/resources.ts';
import { expectedClusters } from '../../../../src/planes/ocm/scheduler/expect.ts';
import { steeringPolicy } from '../../../../src/planes/ocm/steering.ts';
import { placement } from '../support/objects.ts';

const NOW = Date.parse('2026-03-01T00:00:00Z');
const STEERING = 'windvane-placements';

interface Hub {
  /** Per cluster: scores of the one object there. A cluster without has no object. */
  readonly scores?: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly validUntil?: string;
  readonly decided?: readonly string[];
  /** Decisions of other Placements. */
  readonly usage?: Readonly<Record<string, number>>;
  /** Taints by cluster. */
  readonly taints?: Readonly<Record<string, string>>;
  /** Clusters that are not available. */
  readonly away?: readonly string[];
}

const addOn = (scoreName: string, weight: number, resourceName = 'own') => ({
  scoreCoordinate: { type: 'AddOn', addOn: { resourceName, scoreName } },
  weight,
});
const builtIn = (name: string, weight: number) => ({
  scoreCoordinate: { type: 'BuiltIn', builtIn: name },
  weight,
});
const exact = (...configurations: readonly unknown[]) => ({ mode: 'Exact', configurations });

/** What is expected of OCM among the clusters c1, c2 and c3. */
function expected(spec: Readonly<Record<string, unknown>>, hub: Hub = {}, resource = 'own'): string {
  const settings = { locations: createLocationResolver(), configured: {}, locationClaim: null };
  const clusters = ['c1', 'c2', 'c3'].map((name) =>
    managedCluster(
      {
        metadata: { name },
        spec: {
          hubAcceptsClient: true,
          taints: hub.taints?.[name] === undefined ? [] : [{ key: 'out', effect: hub.taints[name] }],
        },
        status: {
          conditions: [
            {
              type: 'ManagedClusterConditionAvailable',
              status: hub.away?.includes(name) === true ? 'False' : 'True',
            },
          ],
        },
      },
      settings,
    ),
  );
  const objects = new Map(
    Object.entries(hub.scores ?? {}).map(([cluster, scores]) => [
      `${cluster}/${resource}`,
      {
        metadata: { name: resource, namespace: cluster },
        status: {
          scores: Object.entries(scores).map(([name, value]) => ({ name, value })),
          ...(hub.validUntil === undefined ? {} : { validUntil: hub.validUntil }),
        },
      },
    ]),
  );
  const world = {
    objects: () => [],
    get: (type: unknown, key: string) => (type === ADD_ON_PLACEMENT_SCORE ? objects.get(key) : undefined),
  };
  const view = createHubView(world, settings, () => true);
  const read: PlacementSpec | null = placementSpec(placement('apps', 'train', spec));
  if (read === null) throw new Error('that is no Placement');
  const chosen = expectedClusters({
    spec: read,
    selected: clusters,
    decided: new Set(hub.decided),
    usage: new Map(Object.entries(hub.usage ?? {})),
    scores: view.addOnScores(NOW),
    now: NOW,
  });
  return chosen === null ? 'misconfigured' : chosen.join(' ');
}

const one = (prioritizerPolicy: unknown) => ({ numberOfClusters: 1, prioritizerPolicy });

describe('what is expected of OCM, as measured', () => {
  it.each([
    ['a missing object', { c1: { s: -1 }, c2: { s: -2 } }, undefined, 'c3'],
    ['a missing name', { c1: { s: -1 }, c2: { other: 5 }, c3: { s: -1 } }, undefined, 'c2'],
    ['an expired score', { c1: { s: 50 }, c2: { s: 99 } }, '2026-02-28T23:59:59Z', 'c1'],
    ['a valid one', { c1: { s: 50 }, c2: { s: 99 } }, '2026-03-01T00:00:00Z', 'c2'],
  ])('%s counts 0, and 0 beats negative scores', (_, scores, validUntil, chosen) => {
    const hub = { scores, ...(validUntil === undefined ? {} : { validUntil }) };
    expect(expected(one(exact(addOn('s', 1))), hub)).toBe(chosen);
  });

  it('with all scores expired the order is alphabetical', () => {
    const hub = { scores: { c2: { s: 9 }, c3: { s: 5 } }, validUntil: '2026-02-01T00:00:00Z' };
    expect(expected({ ...one(exact(addOn('s', 1))), numberOfClusters: 2 }, hub)).toBe('c1 c2');
  });

  it('default Additive adds Steady 1 and Balance 1 and keeps -100 over +100', () => {
    const hub = { scores: { c1: { s: -100 }, c2: { s: 100 }, c3: { s: -100 } }, decided: ['c1'] };
    const additive = one({ configurations: [addOn('s', 1)] });
    // -100, Steady 100 and Balance 100 against 100 and Balance -100: another Placement uses the newcomer.
    expect(expected(additive, { ...hub, usage: { c2: 1 } })).toBe('c1');
    expect(expected(additive, hub)).toBe('c2');
  });

  it.each([
    [70, 'c1'],
    [71, 'c2'],
  ])('Exact with AddOn 5 and Steady 1 holds 50 against %i: the lead must be more than 20', (lead, chosen) => {
    const policy = exact(addOn('s', 5), builtIn('Steady', 1));
    expect(expected(one(policy), { scores: { c1: { s: 50 }, c2: { s: lead } }, decided: ['c1'] })).toBe(
      chosen,
    );
  });

  it('the same AddOn listed twice is summed', () => {
    const hub = { scores: { c1: { s: 50 }, c2: { t: 80 } } };
    expect(expected(one(exact(addOn('s', 1), addOn('t', 1))), hub)).toBe('c2');
    expect(expected(one(exact(addOn('s', 1), addOn('s', 1), addOn('t', 1))), hub)).toBe('c1');
  });

  it('sortBy and scoreRateLimit have no effect', () => {
    const spec = { ...one(exact(addOn('s', 1))), sortBy: 'Score', scoreRateLimit: '1h' };
    expect(expected(spec, { scores: { c3: { s: 9 } } })).toBe('c3');
  });

  it('without numberOfClusters scores change nothing', () => {
    expect(expected({ prioritizerPolicy: exact(addOn('s', 1)) }, { scores: { c3: { s: 100 } } })).toBe(
      'c1 c2 c3',
    );
  });

  it.each([
    ['a wrong mode', { mode: 'Precise' }],
    ['builtIn Spread', { configurations: [builtIn('Spread', 1)] }],
  ])('%s makes the Placement Misconfigured', (_, policy) => {
    expect(expected(one(policy))).toBe('misconfigured');
  });

  it('Available False alone changes nothing, a NoSelect taint does', () => {
    const spec = one(exact(builtIn('Steady', 1)));
    expect(expected(spec, { decided: ['c1'], away: ['c1'] })).toBe('c1');
    expect(expected(spec, { decided: ['c1'], taints: { c1: 'NoSelect' } })).toBe('c2');
  });

  describe('with one score per Placement, weight 10 and Steady 1', () => {
    const steered = (numberOfClusters: number) => ({
      numberOfClusters,
      prioritizerPolicy: steeringPolicy(placement('apps', 'train')),
    });
    const scored = (c1: number, c2: number, decided: readonly string[], count = 1): string =>
      expected(
        steered(count),
        {
          scores: { c1: { 'apps.train': c1, 'apps.etl': 100 }, c2: { 'apps.train': c2, 'apps.etl': 80 } },
          decided,
        },
        STEERING,
      );

    it('two score writes move one Placement', () => {
      expect(scored(100, 80, ['c1'])).toBe('c1');
      expect(scored(100, 100, ['c1'])).toBe('c1');
      expect(scored(80, 100, ['c1'])).toBe('c2');
    });

    it('a newcomer at 90 and one more cluster select both; swapped scores and one less keep the newcomer', () => {
      expect(scored(100, 90, ['c1'])).toBe('c1');
      expect(scored(100, 90, ['c1'], 2)).toBe('c1 c2');
      expect(scored(80, 100, ['c1', 'c2'], 2)).toBe('c1 c2');
      expect(scored(80, 100, ['c1', 'c2'])).toBe('c2');
    });

    it('within ten points whoever is decided for stays', () => {
      for (const [c1, c2] of [
        [80, 89],
        [98, 89],
        [72, 81],
      ] as const) {
        expect(scored(c1, c2, ['c1'])).toBe('c1');
        expect(scored(c1, c2, ['c2'])).toBe('c2');
        expect(scored(c1, c2, ['c1', 'c2'])).toBe(c1 > c2 ? 'c1' : 'c2');
      }
    });
  });
});
