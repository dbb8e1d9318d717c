import { z } from 'zod';

/*
 * Payloads of the Energy-Charts API (https://api.energy-charts.info), as far as they are used: parallel arrays with
 * null where a slot has no value. Values are `unknown` here: the gate for numbers says more clearly what is wrong.
 */

export interface Co2eqPayload {
  unix_seconds: number[];
  co2eq: unknown[];
  co2eq_forecast?: unknown[] | null | undefined;
  substitute?: boolean | null | undefined;
}

export interface PricePayload {
  unix_seconds: number[];
  price: unknown[];
  unit: string;
}

/** Up to the last instant that a `Date` can hold. */
const seconds = z.array(z.int().min(0).max(8.64e12));

export const co2eqPayload: z.ZodType<Co2eqPayload> = z
  .object({
    unix_seconds: seconds,
    co2eq: z.array(z.unknown()),
    co2eq_forecast: z.array(z.unknown()).nullish(),
    substitute: z.boolean().nullish(),
  })
  .refine(
    ({ unix_seconds: times, co2eq, co2eq_forecast: ahead }) =>
      co2eq.length === times.length && (ahead ?? times).length === times.length,
    'the arrays are not of one length',
  );

export const pricePayload: z.ZodType<PricePayload> = z
  .object({ unix_seconds: seconds, price: z.array(z.unknown()), unit: z.string() })
  .refine(
    ({ unix_seconds: times, price }) => price.length === times.length,
    'the arrays are not of one length',
  );
