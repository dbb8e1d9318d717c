import * as fc from 'fast-check';
import { createFleet, type FleetSource, type SimulatedFleet } from '../../src/simulate/fleet.ts';

/** First hour of the synthetic traces: 2022-01-01T00:00Z. */
export const START = Date.UTC(2022, 0, 1) / 3_600_000;

/** A fleet of clusters `a`, `b`, ... over hourly values that begin at {@link START}. */
export function fleetOf(
  values: readonly (readonly number[])[],
  rest: Partial<FleetSource> = {},
): SimulatedFleet {
  const names = values.map((_, index) => String.fromCodePoint(97 + index));
  return createFleet({
    clusters: names.map((name) => ({ name, zone: name.toUpperCase() })),
    traces: new Map(
      names.map((name, index) => [
        name.toUpperCase(),
        { first: START, values: Float64Array.from(values[index] ?? []) },
      ]),
    ),
    forecasts: null,
    from: null,
    to: null,
    lag: 0,
    maxSharePercent: 100,
    moveHours: 0.5,
    ...rest,
  });
}

/** Two or three clusters over a few hours, with or without a cap. */
export const fleetArbitrary: fc.Arbitrary<SimulatedFleet> = fc
  .record({ clusters: fc.integer({ min: 2, max: 3 }), hours: fc.integer({ min: 1, max: 5 }) })
  .chain(({ clusters, hours }) =>
    fc.record({
      values: fc.array(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: hours, maxLength: hours }), {
        minLength: clusters,
        maxLength: clusters,
      }),
      maxSharePercent: fc.constantFrom(50, 100),
      moveHours: fc.constantFrom(0, 0.1, 0.5, 1, 3),
      lag: fc.integer({ min: 0, max: 2 }),
    }),
  )
  .map(({ values, ...rest }) => fleetOf(values, rest));

/** Days of a wave with its own phase and level per cluster, and noise that repeats for the same seed. */
export function waves(clusters: number, days: number, seed = 1): number[][] {
  let state = seed;
  const noise = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: clusters }, (_, cluster) =>
    Array.from({ length: days * 24 }, (__, hour) =>
      Math.round(
        200 + 20 * cluster + 90 * Math.sin((2 * Math.PI * (hour + 7 * cluster)) / 24) + 60 * noise(),
      ),
    ),
  );
}
