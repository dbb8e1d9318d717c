import { HOUR, type Instant, type ZoneCode } from '@windvane/carbon-map';
import type { ScalerSnapshot, ZoneOutlook } from '../../src/policy/snapshot.ts';

/** The hour in which the tests happen. */
export const NOW: Instant = Date.parse('2022-05-10T12:00:00Z');

interface Hours {
  readonly zone?: ZoneCode;
  /** Past hours up to `at`, the last one just before it. */
  readonly past?: readonly (number | null)[];
  /** The present hour; null has no reading. */
  readonly present?: number | null;
  /** Hours after the present one. */
  readonly ahead?: readonly number[];
  readonly at?: Instant;
  readonly data?: 'live' | 'baseline' | 'stale';
  readonly source?: string;
}

/** An outlook of whole hours around `at`. */
export function outlook(hours: Hours): ZoneOutlook {
  const {
    zone = 'DE',
    past = [],
    present = null,
    ahead = [],
    at = NOW,
    data = 'live',
    source = 'test',
  } = hours;
  const pair = { signal: 'average', basis: 'lifecycle' } as const;
  return {
    origin: 'hub',
    history: past.length === 0 ? null : { start: at - past.length * HOUR, values: past },
    state: {
      zone,
      name: zone,
      data,
      reading:
        present === null
          ? null
          : {
              ...pair,
              zone,
              source,
              gramsPerKwh: present,
              estimated: false,
              validFrom: at,
              validTo: at + HOUR,
              fetchedAt: at,
            },
      forecast:
        ahead.length === 0
          ? null
          : {
              ...pair,
              zone,
              source,
              issuedAt: at,
              resolution: HOUR,
              points: ahead.map((gramsPerKwh, hour) => ({
                at: at + (hour + 1) * HOUR,
                gramsPerKwh,
                expectedError: null,
              })),
            },
    },
  };
}

/** A snapshot that knows these zones and nothing else. */
export function snapshotOf(...outlooks: readonly ZoneOutlook[]): ScalerSnapshot {
  return {
    version: 1,
    zones: new Map(outlooks.map((each) => [each.state.zone, each])),
    shares: new Map(),
    contactAt: null,
  };
}
