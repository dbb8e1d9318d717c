import { HOUR, type Instant, type Millis, startOfHour, type ZoneCode } from '@windvane/carbon-map';
import type { PriceTable } from '../outlook/outlook.ts';
import { badInput } from './errors.ts';

/**
 * What zones are ranked by, over a window from now: gCO2eq per kWh for `carbon`, the price of a kWh for `cost`, that price
 * plus the price of its carbon for `blended`. Null for a zone for which a part of that is not known. Throws GraphQLError
 * when no prices are configured at all.
 */
export function costOfZone(
  objective: string,
  prices: PriceTable | null,
  at: Instant,
  window: Millis,
): (zone: ZoneCode, gramsPerKwh: number | null) => number | null {
  if (objective === 'carbon') return (_, gramsPerKwh) => gramsPerKwh;
  if (prices === null) {
    throw badInput(`objective ${objective} needs prices, and none are configured: ask for carbon`);
  }
  if (objective === 'cost') return (zone) => meanPrice(prices, zone, at, window);
  const { carbonPricePerKg } = prices;
  if (carbonPricePerKg === null) {
    throw badInput(
      'objective blended needs a price of carbon, and prices.carbonPricePerKg is not configured',
    );
  }
  return (zone, gramsPerKwh) => {
    const price = meanPrice(prices, zone, at, window);
    return price === null || gramsPerKwh === null ? null : price + (carbonPricePerKg * gramsPerKwh) / 1_000;
  };
}

/** Each hour counts by the part of it that lies in the window, which is cut where prices end. */
function meanPrice(table: PriceTable, zone: ZoneCode, at: Instant, window: Millis): number | null {
  const known = table.electricity(zone, at);
  if (known.state !== 'asked') return null;
  const [present] = known.prices;
  if (present === undefined || window === 0) return present ?? null;
  let sum = 0;
  let covered = 0;
  for (const [index, price] of known.prices.entries()) {
    const start = startOfHour(at) + index * HOUR;
    const inside = Math.min(start + HOUR, at + window) - Math.max(start, at);
    if (inside <= 0) break;
    sum += price * inside;
    covered += inside;
  }
  return sum / covered;
}
