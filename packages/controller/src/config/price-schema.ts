import type { Millis, TariffPeriod } from '@windvane/carbon-map';
import { z } from 'zod';
import { duration, httpUrl, positive, text, timeout } from './fields.ts';

interface StaticEntry {
  type: 'static';
  prices: Record<string, number>;
}

interface CsvEntry {
  type: 'csv';
  file: string;
  /** How long a row counts when no later one follows. */
  validFor?: Millis;
}

/** Prices of electricity per kWh, by zone. */
export type ElectricityPriceEntry =
  | StaticEntry
  | CsvEntry
  | {
      type: 'time-of-use';
      tariffs: Record<string, { timeZone: string; periods: TariffPeriod[]; otherwise?: number }>;
    }
  | { type: 'energy-charts'; baseUrl?: string; biddingZones?: Record<string, string>; timeout?: Millis };

/** Prices of one replica for an hour, by cluster. */
export type ClusterPriceEntry = StaticEntry | CsvEntry;

/** What things cost. A price that no source has is missing, never 0. */
export interface PricesFile {
  /** ISO 4217; of every price here. */
  currency: string;
  /** What a kg of CO2e is worth in that currency. */
  carbonPricePerKg?: number;
  /** The first source that covers a zone counts. */
  electricity: ElectricityPriceEntry[];
  clusters: ClusterPriceEntry[];
}

const price = z.number();
const fixed = z.strictObject({
  type: z.literal('static'),
  prices: z.record(z.string(), price, 'write a price by name'),
});
const csv = z.strictObject({ type: z.literal('csv'), file: text, validFor: duration.exactOptional() });
const clockTime = text.regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'write a time such as 07:00');
const weekday = z.enum(
  ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
  'write mon, tue, wed, thu, fri, sat or sun',
);
const period = z.strictObject({
  price,
  from: clockTime,
  to: clockTime,
  days: z.array(weekday).exactOptional(),
  months: z.array(positive.max(12, 'months are 1 to 12')).exactOptional(),
});
const tariff = z.strictObject({
  timeZone: text,
  periods: z.array(period),
  otherwise: price.exactOptional(),
});

export const pricesSchema: z.ZodType<PricesFile> = z.strictObject({
  currency: text.regex(/^[A-Z]{3}$/, 'write an ISO 4217 code such as EUR'),
  carbonPricePerKg: price.nonnegative('must not be negative').exactOptional(),
  electricity: z
    .array(
      z.discriminatedUnion(
        'type',
        [
          fixed,
          z.strictObject({ type: z.literal('time-of-use'), tariffs: z.record(z.string(), tariff) }),
          z.strictObject({
            type: z.literal('energy-charts'),
            baseUrl: httpUrl.exactOptional(),
            biddingZones: z.record(z.string(), text).exactOptional(),
            timeout: timeout.exactOptional(),
          }),
          csv,
        ],
        'type must be static, time-of-use, energy-charts or csv',
      ),
    )
    .default([]),
  clusters: z.array(z.discriminatedUnion('type', [fixed, csv], 'type must be static or csv')).default([]),
});
