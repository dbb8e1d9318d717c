import { createLocationResolver, createVirtualClock } from '@windvane/carbon-map';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDecider } from '../../src/policy/decider.ts';
import { NOW, outlook, snapshotOf } from '../support/outlooks.ts';

const KEYS = `location metricType targetValue percentile forecastWindow maxDelay minRun hysteresis maxReplicas
onMissingData scalerAddress windvaneInjected targetValueFromEnv __proto__ constructor toString`.split(/\s+/);
const VALUES =
  `0 -0 1 150 10 1e9 1e999 -5 NaN Infinity 0x1f ９ 5% 1h 90m 0s 999999999999d de us-east-1 US EU * keep run
pause carbonIntensity true null 2147483647 2147483648 10.5`.split(/\s+/);

/** Any metadata: mostly keys and values that mean something, now and then anything at all. */
const metadata = fc.dictionary(
  fc.oneof({ weight: 6, arbitrary: fc.constantFrom('', ...KEYS) }, { weight: 1, arbitrary: fc.string() }),
  fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom('', ' ', '30 %', 'a'.repeat(10_000), ...VALUES) },
    { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  ),
  { maxKeys: 12, noNullPrototype: true },
);

describe('any metadata', () => {
  it('gives one whole number from 0 to the maximum, and sentences of bounded length', () => {
    const resolver = createLocationResolver();
    const snapshots = [
      snapshotOf(),
      snapshotOf(
        outlook({ present: 400, ahead: [100, 400] }),
        outlook({ zone: 'US-MIDA-PJM', present: 100 }),
      ),
      snapshotOf(outlook({ present: 400, data: 'baseline' })),
    ];
    fc.assert(
      fc.property(
        metadata,
        fc.nat({ max: 2 }),
        fc.integer({ min: -1e12, max: 1e12 }),
        (written, which, shift) => {
          const decider = createDecider({
            clock: createVirtualClock(NOW + shift),
            resolver,
            snapshot: () => snapshots[which] ?? snapshotOf(),
            ownZone: () => (which === 1 ? 'DE' : null),
            facts: () => null,
          });
          const ref = { namespace: 'a', name: 'b', metadata: written };
          const { replicas, most, allowed, text, problems } = decider.decide(ref);
          expect(Number.isInteger(replicas)).toBe(true);
          expect(replicas).toBe(allowed ? most : 0);
          const maximum = written['maxReplicas'] ?? '';
          expect(replicas).toBeLessThanOrEqual(/^\d{1,9}$/.test(maximum) ? Number(maximum) : 2 ** 31);
          expect(
            [text, ...problems.map(({ message }) => message)].filter((each) => each.length > 1_000),
          ).toEqual([]);
        },
      ),
      { numRuns: 2_000, examples: [[{ location: 'a'.repeat(10_000), targetValue: '1' }, 0, 0]] },
    );
  });
});
