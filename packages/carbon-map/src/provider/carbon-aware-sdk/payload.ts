import { z } from 'zod';

/*
 * Payloads of the Carbon Aware SDK's web API (https://carbon-aware-sdk.greensoftware.foundation), as far as they are
 * used. Values are `unknown` here: the gate for numbers says more clearly what is wrong with one than a schema does.
 */

export interface Emission {
  location: string;
  time: string;
  rating?: unknown;
  /** .NET TimeSpan, `hh:mm:ss` or `d.hh:mm:ss`. */
  duration: string;
}

export interface SdkForecast {
  generatedAt: string;
  location: string;
  /** `duration` in minutes. */
  forecastData: { location: string; timestamp: string; duration: number; value?: unknown }[];
}

export const emissionsPayload: z.ZodType<Emission[]> = z.array(
  z.object({ location: z.string(), time: z.string(), rating: z.unknown(), duration: z.string() }),
);

export const forecastsPayload: z.ZodType<SdkForecast[]> = z.array(
  z.object({
    generatedAt: z.string(),
    location: z.string(),
    forecastData: z.array(
      z.object({
        location: z.string(),
        timestamp: z.string(),
        duration: z.number().positive().max(60),
        value: z.unknown(),
      }),
    ),
  }),
);
