import type { ZoneCode } from '../model/reading.ts';
import { HOUR, type Instant, MINUTE } from '../model/time.ts';
import { type LocalTime, WEEKDAYS, type Weekday, wallClock } from './local-time.ts';
import { checkedCurrency, hoursOf, type PriceSource } from './price.ts';

/** A price that holds at certain hours of certain days, by the wall clock of the tariff. */
export interface TariffPeriod {
  readonly price: number;
  /** `07:00`; the start belongs to the period. */
  readonly from: string;
  /** `22:00` or `24:00`, not included. Before `from`, the period goes on past midnight and belongs to the day of its start. */
  readonly to: string;
  /** Every day unless said. */
  readonly days?: readonly Weekday[];
  /** 1..12; every month unless said. Of a night past midnight, the month of each moment counts. */
  readonly months?: readonly number[];
}

export interface Tariff {
  /** IANA name such as `Europe/Berlin`. */
  readonly timeZone: string;
  /** The first that fits counts. */
  readonly periods: readonly TariffPeriod[];
  /** Price at all other times; without it, there is none. */
  readonly otherwise?: number;
}

export interface TimeOfUsePricesOptions {
  readonly currency: string;
  /** Prices per kWh. */
  readonly tariffs: Readonly<Record<ZoneCode, Tariff>>;
}

/** How finely an hour is looked at: tariffs change on the quarter at most, and some time zones lie half an hour aside. */
const STEP = 15 * MINUTE;

/**
 * Time-of-use tariffs per zone, by the local time of the tariff: an hour that clocks leave out or repeat is priced by
 * what the wall shows. Throws `RangeError`, naming the zone, for a period, time zone or price that cannot be.
 */
export function createTimeOfUsePrices(options: TimeOfUsePricesOptions): PriceSource<'kWh'> {
  const name = 'time-of-use';
  const currency = checkedCurrency(options.currency);
  const priceOf = new Map(
    Object.entries(options.tariffs).map(([zone, tariff]) => [zone, inZone(zone, () => priced(tariff))]),
  );

  return {
    name,
    unit: 'kWh',
    currency,
    covers: (zone) => priceOf.has(zone),
    async hourly(zone, from, to) {
      const hours = hoursOf(from, to);
      const price = priceOf.get(zone);
      const prices = hours.map((hour) => (price === undefined ? null : hourMean(hour, price)));
      return { currency, source: name, from: hours[0] ?? from, prices };
    },
  };
}

type PriceOfMoment = (at: Instant) => number | null;

function hourMean(hour: Instant, priceOf: PriceOfMoment): number | null {
  const first = priceOf(hour);
  let mean = first;
  for (let i = 1; i < HOUR / STEP; i += 1) {
    const price = priceOf(hour + i * STEP);
    if (price === null || mean === null) return null;
    mean += (price - mean) / (i + 1);
  }
  return mean;
}

function priced({ timeZone, periods, otherwise }: Tariff): PriceOfMoment {
  const clock = wallClock(timeZone);
  const fits = periods.map((period) => ({ price: finite(period.price), holds: holds(period) }));
  const rest = otherwise === undefined ? null : finite(otherwise);
  return (at) => {
    const time = clock(at);
    return fits.find((period) => period.holds(time))?.price ?? rest;
  };
}

function holds({ from, to, days, months }: TariffPeriod): (time: LocalTime) => boolean {
  const start = minuteOf(from);
  const end = minuteOf(to);
  if (start === end)
    throw new RangeError(`a period from ${from} to ${to} is empty: write 00:00 to 24:00 for a day`);
  const unknown = days?.find((day) => !WEEKDAYS.includes(day));
  if (unknown !== undefined) throw new RangeError(`"${unknown}" is no day: write ${WEEKDAYS.join(', ')}`);
  const wrong = months?.find((month) => !Number.isInteger(month) || month < 1 || month > 12);
  if (wrong !== undefined) throw new RangeError(`${wrong} is no month: write 1 to 12`);
  const on = (day: Weekday): boolean => days === undefined || days.includes(day);
  return ({ weekday, month, minute }) => {
    if (months !== undefined && !months.includes(month)) return false;
    if (start < end) return on(weekday) && minute >= start && minute < end;
    return (on(weekday) && minute >= start) || (on(dayBefore(weekday)) && minute < end);
  };
}

function dayBefore(day: Weekday): Weekday {
  return WEEKDAYS[(WEEKDAYS.indexOf(day) + 6) % 7] ?? day;
}

function minuteOf(text: string): number {
  const [, hours = '', minutes = ''] = /^(\d{2}):(00|15|30|45)$/.exec(text) ?? [];
  const minute = Number(hours) * 60 + Number(minutes);
  if (hours === '' || minute > 24 * 60) {
    throw new RangeError(`"${text}" is no time of day: write 07:00, on the quarter of an hour`);
  }
  return minute;
}

function finite(price: number): number {
  if (!Number.isFinite(price)) throw new RangeError('a price is no finite number');
  return price;
}

/** Says which zone's tariff is at fault. */
function inZone<T>(zone: ZoneCode, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw new RangeError(`tariff of ${zone}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
