import { z } from 'zod';

/*
 * Payloads of the Carbon Intensity API of Great Britain (https://carbon-intensity.github.io/api-definitions/), as far
 * as they are used. Intensities are `unknown` here: the gate for numbers says more clearly what is wrong with one.
 */

/** One half hour. Regions have no `actual`; the nation's is null until it is known. */
export interface HalfHour {
  from: string;
  to: string;
  intensity: { forecast?: unknown; actual?: unknown };
}

interface Region {
  regionid: number;
  data: HalfHour[];
}

const halfHour = z.object({
  from: z.string(),
  to: z.string(),
  intensity: z.object({ forecast: z.unknown().optional(), actual: z.unknown().optional() }),
});

const region = z.object({ regionid: z.number(), data: z.array(halfHour) });

export const nationalPayload: z.ZodType<{ data: HalfHour[] }> = z.object({ data: z.array(halfHour) });

/** The present half hour comes as a list of one region, spans of time as the region itself. */
export const regionalPayload: z.ZodType<{ data: Region | Region[] }> = z.object({
  data: z.union([region, z.array(region)]),
});
