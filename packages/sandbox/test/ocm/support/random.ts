import * as fc from 'fast-check';
import type { ManagedClusterOptions } from '../../../src/index.ts';
import type { PlacementSpec, Taint } from '../../../src/ocm/types.ts';
import { trusted } from '../../../src/runtime/client/trust.ts';
import { addOn, builtIn } from './objects.ts';

/** Names that clusters, scores and selectors are made of: few, so that they meet. */
const TIERS = ['gold', 'silver', 'bronze'] as const;
const REGIONS = ['north', 'south'] as const;
const TAINT_KEYS = ['gpu', 'maintenance'] as const;
const SCORE_OBJECTS = ['windvane', 'windvane-placements', 'absent'] as const;
const SCORE_NAMES = ['carbon', 'apps.train', 'apps.etl', 'unknown'] as const;
/** Sets of the random fleet: by exclusive label, by selector, one that holds nobody and one that is not bound. */
export const SETS = ['exclusive', 'selected', 'empty', 'unbound'] as const;

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });

/** Drops what is undefined, as JSON does. */
function dense<T extends object>(value: T): T {
  return trusted<T>(JSON.parse(JSON.stringify(value)));
}

const taint: fc.Arbitrary<Taint> = fc.record({
  key: fc.constantFrom(...TAINT_KEYS),
  value: fc.constantFrom('yes', 'no'),
  effect: fc.constantFrom('NoSelect', 'PreferNoSelect', 'NoSelectIfNew'),
  timeAdded: fc.constant('2026-03-01T00:00:00Z'),
});

/** A managed cluster of the random fleet. */
export function randomCluster(name: string): fc.Arbitrary<ManagedClusterOptions> {
  return fc
    .record({
      tier: maybe(fc.constantFrom(...TIERS)),
      region: maybe(fc.constantFrom(...REGIONS)),
      exclusive: fc.boolean(),
      claim: maybe(fc.constantFrom(...REGIONS)),
      version: fc.constantFrom('1.29.0', '1.30.4', '1.31.1'),
      taints: fc.array(taint, { maxLength: 2 }),
      cpu: fc.constantFrom('4', '16', '16', '250m'),
      memory: fc.constantFrom('8Gi', '64Gi', '1000M'),
      available: fc.integer({ min: 0, max: 9 }).map((roll) => roll > 0),
    })
    .map(({ tier, region, exclusive, claim, version, ...rest }) =>
      dense({
        name,
        labels: {
          version,
          ...(tier === undefined ? {} : { tier }),
          ...(region === undefined ? {} : { region }),
          ...(exclusive ? { 'cluster.open-cluster-management.io/clusterset': 'exclusive' } : {}),
        },
        claims: claim === undefined ? {} : { 'region.example.com': claim },
        ...rest,
      }),
    );
}

/** Scores of one cluster: by object, the values by name and how long they hold (`past`, `future`, for good). */
export interface RandomScores {
  readonly object: (typeof SCORE_OBJECTS)[number];
  readonly values: Readonly<Record<string, number>>;
  readonly valid: 'past' | 'future' | 'always';
}

export const randomScores: fc.Arbitrary<RandomScores> = fc.record({
  object: fc.constantFrom('windvane', 'windvane-placements'),
  values: fc.dictionary(
    fc.constantFrom('carbon', 'apps.train', 'apps.etl'),
    // Few values, so that there are ties.
    fc.constantFrom(-100, -50, 0, 20, 40, 60, 80, 90, 100),
  ),
  valid: fc.constantFrom('past', 'future', 'always', 'always'),
});

const labelTerm = fc.oneof(
  fc.record({
    key: fc.constantFrom('tier', 'region'),
    operator: fc.constantFrom('In', 'NotIn'),
    values: fc.subarray<string>([...TIERS, ...REGIONS], { minLength: 1, maxLength: 3 }),
  }),
  fc.record({
    key: fc.constantFrom('tier', 'region'),
    operator: fc.constantFrom('Exists', 'DoesNotExist'),
  }),
);

const claimTerm = fc.record({
  key: fc.constant('region.example.com'),
  operator: fc.constantFrom('In', 'NotIn'),
  values: fc.subarray<string>([...REGIONS], { minLength: 1 }),
});

const expression = fc.constantFrom(
  'managedCluster.metadata.labels["tier"] == "gold"',
  '"tier" in managedCluster.metadata.labels && managedCluster.metadata.labels.tier != "bronze"',
  'semver(managedCluster.metadata.labels.version).isGreaterThan(semver("1.30.0"))',
  'quantity(managedCluster.status.allocatable["cpu"]).isGreaterThan(quantity("5"))',
  'managedCluster.status.clusterClaims.exists(c, c.name == "region.example.com" && c.value == "north")',
  'managedCluster.spec.hubAcceptsClient',
  'size(managedCluster.metadata.name)',
);

/** What does not compile: the Placement selects nothing. */
const broken = fc.constantFrom('managedCluster.metadata.name ==', 'nothing.there');

const predicate = fc
  .record({
    labelSelector: maybe(fc.record({ matchExpressions: fc.array(labelTerm, { maxLength: 2 }) })),
    claimSelector: maybe(
      fc.record({ matchExpressions: fc.array(claimTerm, { minLength: 1, maxLength: 1 }) }),
    ),
    celSelector: maybe(
      fc.record({
        celExpressions: fc.array(
          fc.oneof({ arbitrary: expression, weight: 30 }, { arbitrary: broken, weight: 1 }),
          { minLength: 1, maxLength: 2 },
        ),
      }),
    ),
  })
  .map((requiredClusterSelector) => ({ requiredClusterSelector }));

const toleration = fc.oneof(
  fc.record({
    key: fc.constantFrom(...TAINT_KEYS),
    operator: fc.constantFrom('Equal', 'Equal'),
    value: fc.constantFrom('yes', 'no'),
    effect: maybe(fc.constantFrom('NoSelect', 'NoSelectIfNew')),
    tolerationSeconds: maybe(fc.constantFrom(0, 60, 1_000_000)),
  }),
  fc.record({ key: maybe(fc.constantFrom(...TAINT_KEYS)), operator: fc.constant('Exists') }),
);

const weight = fc.integer({ min: -10, max: 10 });
const configuration = fc.oneof(
  {
    arbitrary: fc
      .tuple(fc.constantFrom(...SCORE_OBJECTS), fc.constantFrom(...SCORE_NAMES), weight)
      .map(([object, name, value]) => addOn(object, name, value)),
    weight: 10,
  },
  {
    arbitrary: fc
      .tuple(
        fc.constantFrom('Steady', 'Balance', 'ResourceAllocatableCPU', 'ResourceAllocatableMemory'),
        weight,
      )
      // A negative Steady never comes to rest, on OCM either: it drops what it has just chosen.
      .map(([name, value]) => builtIn(name, name === 'Steady' ? Math.abs(value) : value)),
    weight: 10,
  },
  { arbitrary: weight.map((value) => builtIn('Spread', value)), weight: 1 },
);

const prioritizerPolicy = fc.record({
  mode: fc.oneof(
    { arbitrary: fc.constantFrom('Exact', 'Additive'), weight: 30 },
    { arbitrary: fc.constant('Precise'), weight: 1 },
  ),
  configurations: fc.array(configuration, { maxLength: 4 }),
});

const decisionStrategy = fc.record({
  groupStrategy: fc.record({
    clustersPerDecisionGroup: fc.constantFrom<string | number>('100%', '50%', '34%', 1, 2, 5),
    decisionGroups: fc.subarray([...TIERS]).map((tiers) =>
      tiers.map((tier) => ({
        groupName: `group-${tier}`,
        groupClusterSelector: { labelSelector: { matchLabels: { tier } } },
      })),
    ),
  }),
});

/** A Placement over the random fleet: valid for the API server, now and then Misconfigured for the scheduler. */
export const randomPlacement: fc.Arbitrary<PlacementSpec> = fc
  .record({
    clusterSets: maybe(fc.subarray([...SETS])),
    numberOfClusters: maybe(fc.integer({ min: 0, max: 12 })),
    predicates: fc.oneof(fc.constant([]), fc.array(predicate, { minLength: 1, maxLength: 2 })),
    tolerations: fc.array(toleration, { maxLength: 2 }),
    prioritizerPolicy: maybe(prioritizerPolicy),
    decisionStrategy: maybe(decisionStrategy),
  })
  .map((spec) => trusted<PlacementSpec>(dense(spec)));
