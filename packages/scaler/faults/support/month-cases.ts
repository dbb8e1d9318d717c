import { type Clock, createLocationResolver, type Instant } from '@windvane/carbon-map';
import { createDecider, type Decider, type KnownTrigger } from '../../src/policy/decider.ts';
import type { ScalerSnapshot } from '../../src/policy/snapshot.ts';
import { readTrace } from '../../test/support/traces.ts';
import type { Model } from './month-model.ts';

/** One run: a trigger under KEDA's rules on a real grid. */
export interface MonthCase {
  readonly name: string;
  readonly zone: string;
  readonly from: string;
  /** Two hours with a start and an end in them begin here, if there are any. */
  readonly turn: string;
  readonly metadata: Readonly<Record<string, string>>;
  /** What has to be allowed at an instant. */
  readonly expected: (model: Model, at: Instant) => boolean;
}

const example = { metricType: 'carbonIntensity', location: 'us-east-1', forecastWindow: '1h' };

export const MONTH_CASES: readonly MonthCase[] = [
  {
    name: 'the example as written, in Virginia',
    zone: 'US-MIDA-PJM',
    from: '2022-05-01T00:00:00Z',
    turn: '2022-05-01T23:00:00Z',
    metadata: { ...example, targetValue: '150' },
    expected: (model, at) => model.belowTarget(at, 150),
  },
  {
    name: 'with percentile "30", in Virginia',
    zone: 'US-MIDA-PJM',
    from: '2022-05-01T00:00:00Z',
    turn: '2022-05-01T00:00:00Z',
    metadata: { ...example, percentile: '30' },
    expected: (model, at) => model.amongCleanest(at, 0.3),
  },
  {
    name: 'the example as written, in California',
    zone: 'US-CAL-CISO',
    from: '2022-05-01T00:00:00Z',
    turn: '2022-05-01T23:00:00Z',
    metadata: { ...example, location: 'us-west-1', targetValue: '150' },
    expected: (model, at) => model.belowTarget(at, 150),
  },
];

/** Decides on what somebody knew who followed one zone of the traces. */
export function deciderOn(
  zone: string,
  clock: Clock,
  changed: (trigger: KnownTrigger) => void = () => {},
): Decider {
  const trace = readTrace(zone);
  return createDecider({
    clock,
    resolver: createLocationResolver(),
    snapshot: (): ScalerSnapshot => ({
      version: 1,
      zones: new Map([[zone, trace.outlook(clock.now())]]),
      shares: new Map(),
      contactAt: null,
    }),
    ownZone: () => null,
    facts: () => null,
    changed,
  });
}
