import { HOUR, type Instant, type Millis, type ZoneCode } from '@windvane/carbon-map';
import { z } from 'zod';
import { badInput, withLocationErrors } from './errors.ts';
import type { FleetView } from './fleet-view.ts';
import { costOfZone } from './zone-cost.ts';
import { allZones, type ZoneView, zonesAt, zonesNow, zoneTrend } from './zone-view.ts';

const MAX_FORECAST_HOURS = 96;
const MAX_LOCATIONS = 100;

/** A name list of a query; an empty one would silently mean something else. */
const names = z
  .array(z.string().trim().min(1, 'holds an empty name').max(200, 'holds a name longer than 200 characters'))
  .min(1, 'is empty: leave it out to ask for everything')
  .max(MAX_LOCATIONS, `holds more than ${MAX_LOCATIONS} names`);
const first = z.number().int().min(1, 'must be at least 1').max(1_000, 'must be at most 1000');
const hours = z
  .number()
  .int()
  .min(1, 'must be at least 1')
  .max(MAX_FORECAST_HOURS, `must be at most ${MAX_FORECAST_HOURS}`);

/** Resolvers of what is known about the grids. */
export const mapQueries = {
  async carbonMap(
    _: unknown,
    args: { locations?: string[] | null; at?: Instant | null },
    { fleet }: { fleet: FleetView },
  ): Promise<readonly ZoneView[]> {
    const codes = zonesOf(fleet, args.locations ?? null, 'locations');
    return typeof args.at === 'number' ? zonesAt(fleet, codes, args.at) : zonesNow(fleet, codes);
  },

  location(_: unknown, args: { name: string }, { fleet }: { fleet: FleetView }): unknown {
    const { location, zones, source } = withLocationErrors(() => fleet.resolver.resolve(args.name));
    const views = zonesNow(fleet, zones);
    return {
      name: location,
      zone: views.length === 1 ? views[0] : null,
      zones: views,
      source,
      candidates: zones,
    };
  },

  cleanest(
    _: unknown,
    args: { in?: string[] | null; window?: Millis | null; first?: number | null; objective?: string | null },
    { fleet }: { fleet: FleetView },
  ): readonly ZoneView[] {
    const window = args.window ?? HOUR;
    if (window > MAX_FORECAST_HOURS * HOUR) throw badInput(`window must be at most ${MAX_FORECAST_HOURS}h`);
    const costOf = costOfZone(args.objective ?? 'carbon', fleet.outlook().prices, fleet.now(), window);
    const views = zonesNow(fleet, zonesOf(fleet, args.in ?? null, 'in'))
      .map((view) => ({ view, mean: costOf(view.id, meanOver(view, fleet.now(), window)) }))
      .filter((entry): entry is { view: ZoneView; mean: number } => entry.mean !== null)
      .toSorted((a, b) => a.mean - b.mean || (a.view.id < b.view.id ? -1 : 1))
      .map(({ view }) => view);
    return typeof args.first === 'number' ? views.slice(0, checked(first, args.first, 'first')) : views;
  },
};

/** Resolvers of the fields of a zone. */
export const zoneFields = {
  intensity(view: ZoneView, _: unknown, { fleet }: { fleet: FleetView }): unknown {
    const { reading } = view;
    if (reading === null) return null;
    return {
      ...reading,
      ageSeconds: Math.max(0, Math.round((fleet.now() - reading.validFrom) / 1_000)),
      data: view.data ?? 'stale',
    };
  },

  forecast(view: ZoneView, args: { hours?: number | null }, { fleet }: { fleet: FleetView }): unknown {
    const until = fleet.now() + checked(hours, args.hours ?? 24, 'hours') * HOUR;
    const { forecast } = view;
    if (forecast === null) return [];
    return forecast.points.filter(
      (point) => point.at + forecast.resolution > fleet.now() && point.at < until,
    );
  },

  trend(view: ZoneView, _: unknown, { fleet }: { fleet: FleetView }): Promise<string | null> {
    return zoneTrend(fleet, view);
  },
};

/**
 * Zones of the given locations, each once, in the order asked for. What stands for several zones (a group, a large
 * country, a glob) gives those of the map; a zone asked for by itself is answered even when nothing is known of it.
 */
function zonesOf(fleet: FleetView, locations: readonly string[] | null, field: string): readonly ZoneCode[] {
  const known = allZones(fleet.map());
  if (locations === null) return known;
  const found = new Set<ZoneCode>();
  for (const location of checked(names, [...locations], field)) {
    const zones = withLocationErrors(() => fleet.resolver.expand([location]));
    for (const zone of zones) if (zones.length === 1 || known.includes(zone)) found.add(zone);
  }
  return [...found];
}

/** Mean over the forecast points that overlap the window, the present reading standing for what they leave open. */
function meanOver(view: ZoneView, now: Instant, window: Millis): number | null {
  const present = view.reading?.gramsPerKwh ?? null;
  const { forecast } = view;
  if (forecast === null || window === 0) return present;
  let weighted = 0;
  let covered = 0;
  for (const point of forecast.points) {
    const overlap = Math.min(point.at + forecast.resolution, now + window) - Math.max(point.at, now);
    if (overlap <= 0) continue;
    weighted += point.gramsPerKwh * overlap;
    covered += overlap;
  }
  if (covered >= window) return weighted / covered;
  if (present === null) return covered === 0 ? null : weighted / covered;
  return (weighted + present * (window - covered)) / window;
}

function checked<T>(schema: z.ZodType<T>, value: unknown, field: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw badInput(`${field} ${parsed.error.issues[0]?.message ?? 'is not valid'}`);
}
