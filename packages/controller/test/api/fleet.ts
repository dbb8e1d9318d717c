import {
  type CarbonMap,
  type Forecast,
  HOUR,
  type Instant,
  LocationError,
  type LocationResolver,
  type Reading,
  type ResolvedLocation,
  type ZoneCode,
  type ZoneState,
} from '@windvane/carbon-map';
import type { FleetView, PlaneReader } from '../../src/api/fleet-view.ts';
import { noOutlook } from '../../src/outlook/outlook.ts';
import type { ClusterView, PlacementView } from '../../src/planes/plane.ts';
import { createScalerDesk } from '../../src/scalers/desk.ts';

/** Noon on a summer day, half an hour into the hour. */
export const NOW: Instant = Date.UTC(2026, 5, 1, 12, 30);
export const HOUR_START: Instant = Date.UTC(2026, 5, 1, 12);

const PAIR = { signal: 'average', basis: 'lifecycle' } as const;

export function reading(code: ZoneCode, gramsPerKwh: number, more: Partial<Reading> = {}): Reading {
  return {
    ...PAIR,
    zone: code,
    gramsPerKwh,
    source: 'replay',
    estimated: false,
    validFrom: HOUR_START,
    validTo: HOUR_START + HOUR,
    fetchedAt: NOW,
    ...more,
  };
}

/** A forecast from the present hour on. */
function forecast(code: ZoneCode, grams: readonly number[]): Forecast {
  return {
    ...PAIR,
    zone: code,
    source: 'replay',
    issuedAt: HOUR_START,
    resolution: HOUR,
    points: grams.map((gramsPerKwh, index) => ({
      at: HOUR_START + index * HOUR,
      gramsPerKwh,
      expectedError: null,
    })),
  };
}

export function zone(code: ZoneCode, grams: number | null, expected: readonly number[] = []): ZoneState {
  return {
    zone: code,
    name: `Name of ${code}`,
    reading: grams === null ? null : reading(code, grams),
    data: grams === null ? null : 'live',
    forecast: expected.length === 0 ? null : forecast(code, expected),
  };
}

export function mapOf(...zones: readonly ZoneState[]): CarbonMap {
  return {
    version: 7,
    at: NOW,
    pair: PAIR,
    pairSince: null,
    zones: Object.fromEntries(zones.map((state) => [state.zone, state])),
  };
}

const ZONES: readonly ZoneCode[] = ['DE', 'FR', 'PL', 'US-A', 'US-B'];
const GROUPS: Readonly<Record<string, readonly ZoneCode[]>> = {
  eu: ['DE', 'FR', 'ES'],
  'aws/eu-central-1': ['DE'],
};

function resolveOne(location: string): ResolvedLocation {
  const key = location.toLowerCase();
  const group = GROUPS[key];
  if (group !== undefined) return { location, zones: group, source: `group ${location}` };
  const code = ZONES.find((known) => known.toLowerCase() === key);
  if (code !== undefined) return { location, zones: [code], source: 'zone' };
  if (key === 'eastus') {
    throw new LocationError('ambiguous', location, ['azure/eastus', 'other/eastus'], 'eastus is ambiguous');
  }
  throw new LocationError('unknown', location, ['DE'], `${location} is not known; did you mean DE?`);
}

/** Knows DE, FR, PL and US-A, the group EU and one cloud region. */
const plainResolver: LocationResolver = {
  resolve: resolveOne,
  expand: (patterns) =>
    patterns.flatMap((pattern) =>
      pattern.endsWith('*')
        ? ZONES.filter((code) => code.startsWith(pattern.slice(0, -1)))
        : resolveOne(pattern).zones,
    ),
  inside: ({ zone: code }, patterns) => plainResolver.expand(patterns).includes(code),
  zoneName: (code) => `Name of ${code}`,
};

export function cluster(name: string, more: Partial<ClusterView> = {}): ClusterView {
  return {
    name,
    hub: 'karmada',
    plane: 'karmada',
    location: 'aws/eu-central-1',
    zone: 'DE',
    ready: true,
    headroom: null,
    excluded: null,
    ...more,
  };
}

export function placement(name: string, more: Partial<PlacementView> = {}): PlacementView {
  return {
    hub: 'karmada',
    namespace: 'batch',
    name,
    kind: 'Deployment',
    mode: 'act',
    state: 'Steady',
    reason: null,
    data: 'live',
    replicas: 4,
    split: [
      { cluster: 'blue', zone: 'DE', replicas: 3, share: 0.75, gramsPerKwh: 300, reason: 'cleanest' },
      { cluster: 'red', zone: null, replicas: 1, share: 0.25, gramsPerKwh: null, reason: 'floor' },
    ],
    decision: {
      id: 'd1',
      at: '2026-06-01T12:00:00Z',
      target: { blue: 1 },
      gain: 0.4,
      moveCost: '10m',
      confidence: 0.5,
      runnerUp: null,
      text: 'Blue is the cleanest.',
    },
    step: null,
    moves: [],
    found: { present: false, value: null },
    saved: null,
    hold: null,
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'Steady',
        message: 'ok',
        lastTransitionTime: '2026-06-01T12:00:00Z',
      },
    ],
    observedGeneration: 1,
    ...more,
  };
}

export function plane(more: Partial<PlaneReader> = {}): PlaneReader {
  return {
    kind: 'karmada',
    hub: 'karmada',
    connected: () => true,
    problem: () => null,
    clusters: () => [
      cluster('red', { zone: null, location: null, excluded: 'no location' }),
      cluster('blue'),
    ],
    placements: () => [
      placement('web', { state: 'Blocked', reason: 'RealTime', mode: 'act' }),
      placement('train'),
      placement('train', { namespace: 'apps', mode: 'observe', state: 'Observing' }),
    ],
    ...more,
  };
}

export function fleetOf(more: Partial<FleetView> = {}): FleetView {
  const map = mapOf(
    zone('DE', 300, [300, 200, 100, 100]),
    zone('FR', 40, [40, 41, 40, 41]),
    zone('PL', 700, [700, 800, 900, 900]),
    zone('US-A', null),
  );
  return {
    now: () => NOW,
    mode: 'act',
    frozen: () => false,
    map: () => map,
    outlook: () => noOutlook,
    resolver: plainResolver,
    store: { kind: 'memory', connected: () => true, history: async () => [] },
    planes: () => [plane()],
    scalers: createScalerDesk({ now: () => NOW }),
    ...more,
  };
}
