import type { ForecastPoint } from '@windvane/carbon-map';
import * as fc from 'fast-check';
import type { ClusterOption, PlacementProblem, UnitLimits } from '../../src/engine/problem.ts';

export const HOUR = 3_600_000;
export const AT = Date.UTC(2026, 0, 5, 12);

/** A cluster that may be fed, with a flat forecast. */
export function cluster(
  name: string,
  gramsPerKwh: number | null,
  rest: Partial<ClusterOption> = {},
): ClusterOption {
  return {
    name,
    zone: name.toUpperCase(),
    ready: true,
    allowed: true,
    avoid: false,
    gramsPerKwh,
    forecast: gramsPerKwh === null ? [] : path(Array.from({ length: 24 }, () => gramsPerKwh)),
    pricePerReplicaHour: null,
    headroomReplicas: null,
    maxShare: 1,
    ...rest,
  };
}

/** Hourly forecast points from `AT` on. */
export function path(values: readonly number[]): ForecastPoint[] {
  return values.map((gramsPerKwh, hour) => ({ at: AT + hour * HOUR, gramsPerKwh, expectedError: null }));
}

/** Limits that let everything happen at once. */
export const FREE: UnitLimits = {
  minReplicas: 0,
  maxStep: 1,
  minGain: 0,
  moveCost: 0,
  cooldown: 0,
  maxMovesPerDay: Number.POSITIVE_INFINITY,
};

/** One workload `shop/web` of as many replicas as `current` says. */
export function problem(
  clusters: readonly ClusterOption[],
  current: Record<string, number>,
  rest: Partial<PlacementProblem> = {},
): PlacementProblem {
  const replicas = Object.values(current).reduce((a, b) => a + b, 0);
  return {
    unit: 'shop/web-policy',
    at: AT,
    objective: 'carbon',
    mapVersion: 1,
    pair: { signal: 'average', basis: 'lifecycle' },
    data: 'live',
    forecastResolution: HOUR,
    clusters,
    workloads: [{ key: 'shop/web', replicas, uid: '', current }],
    limits: FREE,
    history: { lastMoveAt: null, movesLastDay: 0, movingTo: null },
    carbonPricePerKg: 0,
    wattsPerReplica: 100,
    ...rest,
  };
}

const names = ['a', 'b', 'c', 'd', 'e'];

function clusterArbitrary(name: string): fc.Arbitrary<ClusterOption> {
  return fc
    .record({
      grams: fc.option(fc.integer({ min: 1, max: 900 }), { freq: 8 }),
      values: fc.array(fc.integer({ min: 1, max: 900 }), { minLength: 0, maxLength: 24 }),
      ready: fc.boolean().map((first) => first || name < 'c'),
      allowed: fc.integer({ min: 0, max: 5 }).map((n) => n > 0),
      avoid: fc.integer({ min: 0, max: 7 }).map((n) => n === 0),
      headroomReplicas: fc.option(fc.integer({ min: 0, max: 20 })),
      maxShare: fc.constantFrom(1, 1, 0.75, 0.5, 0.34),
    })
    .map(({ grams, values, ...rest }) =>
      cluster(name, grams, { ...rest, forecast: grams === null ? [] : path([grams, ...values]) }),
    );
}

/** Any problem of two to five clusters and one to three workloads. */
export const problemArbitrary: fc.Arbitrary<PlacementProblem> = fc
  .integer({ min: 2, max: 5 })
  .chain((count) => {
    const used = names.slice(0, count);
    return fc
      .record({
        clusters: fc.tuple(...used.map(clusterArbitrary)),
        divisions: fc.array(fc.tuple(...used.map(() => fc.integer({ min: 0, max: 8 }))), {
          minLength: 1,
          maxLength: 3,
        }),
        uids: fc.array(fc.string(), { minLength: 3, maxLength: 3 }),
        limits: fc.record({
          minReplicas: fc.integer({ min: 0, max: 2 }),
          maxStep: fc.constantFrom(0.01, 0.1, 0.25, 0.5, 1),
          minGain: fc.constantFrom(0, 0.05, 0.3),
          moveCost: fc.constantFrom(0, HOUR / 6, HOUR / 2, 3 * HOUR),
          cooldown: fc.constantFrom(0, HOUR),
          maxMovesPerDay: fc.constantFrom(1, 3, 100),
        }),
        movesLastDay: fc.integer({ min: 0, max: 3 }),
        lastMoveAt: fc.option(fc.constantFrom(AT - HOUR / 2, AT - 2 * HOUR)),
        movingTo: fc.option(fc.tuple(...used.map(() => fc.integer({ min: 0, max: 3 })))),
      })
      .map(({ clusters, divisions, uids, limits, movesLastDay, lastMoveAt, movingTo }) => {
        const total = movingTo?.reduce((a, b) => a + b, 0) ?? 0;
        return problem(
          clusters,
          {},
          {
            limits,
            workloads: divisions.map((division, index) => ({
              key: `shop/w${index}`,
              uid: uids[index] ?? '',
              replicas: division.reduce((a, b) => a + b, 0),
              current: Object.fromEntries(used.map((name, i) => [name, division[i] ?? 0])),
            })),
            history: {
              lastMoveAt,
              movesLastDay,
              movingTo:
                movingTo === null || total === 0
                  ? null
                  : Object.fromEntries(used.map((name, i) => [name, (movingTo[i] ?? 0) / total])),
            },
          },
        );
      });
  });
