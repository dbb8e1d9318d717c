import type { Instant, ZoneCode } from '@windvane/carbon-map';
import { seriesOf } from '../policy/series.ts';
import type { ZoneOutlook } from '../policy/snapshot.ts';

/**
 * The outlook to go by: the first, best source first, that knows the present by more than a yearly average; else the one
 * whose knowledge reaches furthest, for `onMissingData: keep`; else whatever there is.
 */
function chooseOutlook(sources: readonly (ZoneOutlook | undefined)[], now: Instant): ZoneOutlook | null {
  const there = sources.filter((outlook) => outlook !== undefined);
  const real = there.filter(({ state }) => state.data !== 'baseline');
  let furthest: { outlook: ZoneOutlook; until: Instant } | null = null;
  for (const outlook of real) {
    const series = seriesOf(outlook);
    if (series === null) continue;
    const { from, until } = series.timeline;
    if (now >= from && now < until) return outlook;
    if (furthest === null || until > furthest.until) furthest = { outlook, until };
  }
  return furthest?.outlook ?? there[0] ?? null;
}

/** {@link chooseOutlook} for every zone that any source knows. */
export function chooseOutlooks(
  sources: readonly ReadonlyMap<ZoneCode, ZoneOutlook>[],
  now: Instant,
): ReadonlyMap<ZoneCode, ZoneOutlook> {
  const zones = new Set(sources.flatMap((source) => [...source.keys()]));
  const chosen = new Map<ZoneCode, ZoneOutlook>();
  for (const zone of zones) {
    const outlook = chooseOutlook(
      sources.map((source) => source.get(zone)),
      now,
    );
    if (outlook !== null) chosen.set(zone, outlook);
  }
  return chosen;
}
