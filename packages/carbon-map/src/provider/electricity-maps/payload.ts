import { z } from 'zod';

/*
 * Payloads of the Electricity Maps API v3 (https://app.electricitymaps.com/docs/api), as far as they are used.
 * Intensities are `unknown` here: the gate for numbers says more clearly what is wrong with one than a schema does.
 */

interface Point {
  carbonIntensity?: unknown;
  datetime: string;
}

/** One observed hour. */
export interface IntensityPayload extends Point {
  zone?: string | undefined;
  isEstimated?: boolean | null | undefined;
  emissionFactorType?: string | null | undefined;
}

interface HistoryPayload {
  zone: string;
  history: IntensityPayload[];
}

interface ForecastPayload {
  zone: string;
  updatedAt?: string | null | undefined;
  forecast: Point[];
}

const point = z.object({ carbonIntensity: z.unknown(), datetime: z.string() });

const intensity = point.extend({
  zone: z.string().optional(),
  isEstimated: z.boolean().nullish(),
  emissionFactorType: z.string().nullish(),
});

export const latestPayload: z.ZodType<IntensityPayload & { zone: string }> = intensity.extend({
  zone: z.string(),
});

export const historyPayload: z.ZodType<HistoryPayload> = z.object({
  zone: z.string(),
  history: z.array(intensity),
});

export const forecastPayload: z.ZodType<ForecastPayload> = z.object({
  zone: z.string(),
  updatedAt: z.string().nullish(),
  forecast: z.array(point),
});
