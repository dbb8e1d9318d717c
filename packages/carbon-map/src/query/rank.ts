import type { CarbonMap, ZoneState } from '../model/carbon-map.ts';
import type { ZoneCode } from '../model/reading.ts';
import type { Millis } from '../model/time.ts';
import { meanOverWindow } from './window.ts';

/**
 * Rank of every zone with a reading, 1 the cleanest; equal intensities share a rank and the next is skipped (1, 1, 3).
 * Zones without data have no rank.
 */
export function rankZones(map: CarbonMap): ReadonlyMap<ZoneCode, number> {
  const sorted = byIntensity(Object.values(map.zones), (state) => state.reading?.gramsPerKwh ?? null);
  const ranks = new Map<ZoneCode, number>();
  let rank = 0;
  let last = Number.NaN;
  for (const [index, { state, gramsPerKwh }] of sorted.entries()) {
    if (gramsPerKwh !== last) rank = index + 1;
    last = gramsPerKwh;
    ranks.set(state.zone, rank);
  }
  return ranks;
}

/** One zone with the mean that it was ranked by. */
export interface RankedZone {
  readonly state: ZoneState;
  /** Mean over the window, or the present intensity without one, in gCO2eq per kWh. */
  readonly gramsPerKwh: number;
}

/**
 * The zones among `zones` (all of the map when absent), cleanest first by the mean over the next `window` (now when 0);
 * those without data, or without a forecast that covers the window, are left out. Ties stand in order of the code.
 */
export function cleanestZones(
  map: CarbonMap,
  options: { readonly zones?: readonly ZoneCode[]; readonly window?: Millis; readonly first?: number } = {},
): readonly RankedZone[] {
  const wanted = options.zones === undefined ? null : new Set(options.zones);
  const states = Object.values(map.zones).filter((state) => wanted?.has(state.zone) ?? true);
  const ranked = byIntensity(states, (state) => meanOverWindow(state, map.at, options.window ?? 0));
  return ranked.slice(0, options.first ?? ranked.length);
}

function byIntensity(
  states: readonly ZoneState[],
  gramsOf: (state: ZoneState) => number | null,
): readonly RankedZone[] {
  return states
    .map((state) => ({ state, gramsPerKwh: gramsOf(state) }))
    .filter((entry): entry is RankedZone => entry.gramsPerKwh !== null)
    .sort((a, b) => a.gramsPerKwh - b.gramsPerKwh || (a.state.zone < b.state.zone ? -1 : 1));
}
