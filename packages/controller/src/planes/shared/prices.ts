import type { Instant, ZoneCode } from '@windvane/carbon-map';
import type { ClusterOption } from '../../engine/problem.ts';
import type { ClusterPlace } from '../../optin/cluster.ts';
import { isAllowed } from '../../optin/locations.ts';
import type { UnitOptions } from '../../optin/options.ts';
import type { KnownPrices, PriceTable } from '../../outlook/outlook.ts';
import type { MisconfiguredReason } from '../../status/carbon-placement.ts';
import type { Finding } from '../../status/conditions.ts';
import type { MapContext } from './intensity.ts';

/** A cluster with its place. */
interface Placed {
  readonly name: string;
  readonly place: Pick<ClusterPlace, 'zone'>;
}

/** What a cluster costs, hour by hour from now: its own price, or that of the electricity of its zone. */
export function pricesOf(
  cluster: Placed,
  { outlook }: Pick<MapContext, 'outlook'>,
  now: Instant,
): Pick<ClusterOption, 'pricePerReplicaHour' | 'pricePerKwh'> {
  if (outlook.prices === null) return { pricePerReplicaHour: null };
  const { own, electricity } = found(cluster, outlook.prices, now);
  return { pricePerReplicaHour: listOf(own), pricePerKwh: listOf(electricity) };
}

/** A cluster whose own price is merely missing is not taken to cost no more than its electricity. */
function found(
  { name, place: { zone } }: Placed,
  prices: PriceTable,
  now: Instant,
): { readonly own: KnownPrices; readonly electricity: KnownPrices } {
  const own = prices.replicaHour(name, now);
  const asks = own.state === 'uncovered' && zone !== null;
  return { own, electricity: asks ? prices.electricity(zone, now) : { state: 'uncovered' } };
}

function listOf(known: KnownPrices): readonly number[] | null {
  return known.state === 'asked' && known.prices.length > 0 ? known.prices : null;
}

/**
 * The price that a unit's objective needs and nobody has; null when there is none. Needed is the price of every cluster
 * that it may be moved to: not of those that are `avoid`, outside its locations, or without data. One that was not asked
 * for yet is waited for.
 */
export function missingPrice(
  clusters: Iterable<Placed & { readonly place: ClusterPlace }>,
  options: Pick<UnitOptions, 'objective' | 'locations'>,
  context: MapContext,
  now: Instant,
): Finding<MisconfiguredReason> | null {
  const { objective } = options;
  if (objective === 'carbon') return null;
  const needs = `windvane.dev/objective: ${objective} needs`;
  const { prices } = context.outlook;
  if (prices === null) return finding(`${needs} prices, and the hub's configuration has none; use carbon`);
  if (objective === 'blended' && prices.carbonPricePerKg === null) {
    return finding(`${needs} a price of carbon: write prices.carbonPricePerKg in the hub's configuration`);
  }
  for (const cluster of clusters) {
    const { name, place } = cluster;
    if (place.avoid || place.excluded !== null || !hasReading(place, context)) continue;
    if (!isAllowed(place, options.locations, context.locations)) continue;
    const why = whyMissing(name, place.zone ?? '', found(cluster, prices, now));
    if (why !== null)
      return finding(
        `${needs} a price of every cluster, and ${why}: add it to prices in the hub's configuration`,
      );
  }
  return null;
}

function whyMissing(
  name: string,
  zone: ZoneCode,
  { own, electricity }: { readonly own: KnownPrices; readonly electricity: KnownPrices },
): string | null {
  const [known, of] = own.state === 'uncovered' ? [electricity, `electricity in ${zone}`] : [own, name];
  if (known.state === 'uncovered') return `there is neither one of ${name} nor one of electricity in ${zone}`;
  if (known.state === 'unasked' || known.prices.length > 0) return null;
  return `${known.source} has none of ${of} for this hour`;
}

function hasReading({ zone }: ClusterPlace, { map }: MapContext): boolean {
  return zone !== null && (map.zones[zone]?.reading ?? null) !== null;
}

function finding(message: string): Finding<MisconfiguredReason> {
  return { reason: 'PriceMissing', message };
}
