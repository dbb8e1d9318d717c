import { z } from 'zod';

/*
 * Payloads of the WattTime API v3 (https://docs.watttime.org), as far as they are used. Values are `unknown` here:
 * the gate for numbers says more clearly what is wrong with one than a schema does.
 */

export interface SignalPayload {
  data: { point_time: string; value?: unknown }[];
  meta: {
    region: string;
    signal_type: string;
    units: string;
    generated_at?: string | null | undefined;
    data_point_period_seconds?: number | null | undefined;
  };
}

export const loginPayload: z.ZodType<{ token: string }> = z.object({ token: z.string().min(1) });

export const regionPayload: z.ZodType<{ region: string; signal_type?: string | undefined }> = z.object({
  region: z.string().min(1),
  signal_type: z.string().optional(),
});

export const signalPayload: z.ZodType<SignalPayload> = z.object({
  data: z.array(z.object({ point_time: z.string(), value: z.unknown() })),
  meta: z.object({
    region: z.string(),
    signal_type: z.string(),
    units: z.string(),
    generated_at: z.string().nullish(),
    data_point_period_seconds: z.number().positive().max(3_600).nullish(),
  }),
});
