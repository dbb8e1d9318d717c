import { checkedCurrency, hoursOf, type PriceSource, type PriceUnit } from './price.ts';

export interface StaticPricesOptions<Unit extends PriceUnit> {
  readonly unit: Unit;
  readonly currency: string;
  /** One price by zone code (per kWh) or by cluster name (per replica and hour). */
  readonly prices: Readonly<Record<string, number>>;
}

/** Prices that do not change. What is not listed has no price. Throws `RangeError` for a price that is no finite number. */
export function createStaticPrices<Unit extends PriceUnit>(
  options: StaticPricesOptions<Unit>,
): PriceSource<Unit> {
  const name = 'static';
  const currency = checkedCurrency(options.currency);
  const table = new Map(Object.entries(options.prices));
  for (const [key, price] of table) {
    if (!Number.isFinite(price)) throw new RangeError(`the price of ${key} is no finite number`);
  }
  return {
    name,
    unit: options.unit,
    currency,
    covers: (key) => table.has(key),
    async hourly(key, from, to) {
      const hours = hoursOf(from, to);
      const price = table.get(key) ?? null;
      return { currency, source: name, from: hours[0] ?? from, prices: hours.map(() => price) };
    },
  };
}
