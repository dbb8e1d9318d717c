import type { Instant, ZoneCode } from '@windvane/carbon-map';
import { MINUTE, type Millis } from '@windvane/carbon-map';
import type { WorkloadShare, ZoneOutlook } from '../../policy/snapshot.ts';
import { type HubView, type HubZone, isLive, outlookOf, readView, readZone, sharesOf } from './payload.ts';

/** Everything that the hub ever said and that still counts. Plain data: it goes to disk as it is. */
export interface HubMemory {
  readonly format: 1;
  readonly contactAt: Instant;
  readonly etag: string | null;
  /** The newest view, as it came. */
  readonly view: unknown;
  /** For zones of which the hub knows no more than a yearly average by now: what it said before, as it came. */
  readonly kept: Readonly<Record<ZoneCode, unknown>>;
}

/** A {@link HubMemory} that was read. */
export interface HubKnowledge {
  readonly view: HubView;
  readonly shares: ReadonlyMap<string, WorkloadShare>;
  /** The outlooks of the newest view, and those kept from earlier ones. */
  outlooks(now: Instant, contactAt: Instant): readonly ReadonlyMap<ZoneCode, ZoneOutlook>[];
}

/** After this long without an answer the hub's numbers are shown as those from disk. */
const CONTACT_LASTS: Millis = 10 * MINUTE;
/** Zones kept besides those of the newest view. */
const MOST_KEPT = 100;

/** Reads what a memory holds. Throws BadView when its view is none. */
export function recall(memory: HubMemory): HubKnowledge {
  const view = readView(memory.view);
  const kept: HubZone[] = [];
  for (const value of Object.values(memory.kept)) {
    const zone = readZone(value);
    if (zone !== null) kept.push(zone);
  }
  const named = (zones: readonly HubZone[], origin: 'hub' | 'disk'): ReadonlyMap<ZoneCode, ZoneOutlook> =>
    new Map(zones.map((zone) => [zone.id, outlookOf(zone, origin)]));
  const keptOutlooks = named(kept, 'disk');
  const present = { hub: named(view.zones, 'hub'), disk: named(view.zones, 'disk') };
  return {
    view,
    shares: sharesOf(view),
    outlooks(now, contactAt) {
      const origin = Math.abs(now - contactAt) <= CONTACT_LASTS ? 'hub' : 'disk';
      return [present[origin], keptOutlooks];
    },
  };
}

/**
 * A memory with a newer view. A zone that fell back to a yearly average, or is no longer told of, keeps what was said of
 * it last: forecasts reach for days, and `onMissingData: keep` asks for the last state.
 */
export function remember(
  before: HubMemory | null,
  view: unknown,
  etag: string | null,
  contactAt: Instant,
): HubMemory {
  const zones = readView(view).zones;
  const rawNow = rawZones(view);
  const kept = new Map<ZoneCode, unknown>();
  for (const [id, zone] of Object.entries(before?.kept ?? {})) kept.set(id, zone);
  for (const [id, zone] of rawZones(before?.view)) {
    const read = readZone(zone);
    if (read !== null && isLive(read)) kept.set(id, zone);
  }
  for (const zone of zones) if (isLive(zone) && rawNow.has(zone.id)) kept.delete(zone.id);
  for (const oldest of kept.keys()) {
    if (kept.size <= MOST_KEPT) break;
    kept.delete(oldest);
  }
  return { format: 1, contactAt, etag, view, kept: Object.fromEntries(kept) };
}

function rawZones(view: unknown): ReadonlyMap<ZoneCode, unknown> {
  const zones: unknown = typeof view === 'object' && view !== null && 'zones' in view ? view.zones : [];
  const found = new Map<ZoneCode, unknown>();
  for (const zone of Array.isArray(zones) ? (zones as unknown[]) : []) {
    if (typeof zone === 'object' && zone !== null && 'id' in zone && typeof zone.id === 'string') {
      found.set(zone.id, zone);
    }
  }
  return found;
}
