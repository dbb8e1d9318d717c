import { z } from 'zod';

/*
 * Answers of the Prometheus HTTP API v1 (https://prometheus.io/docs/prometheus/latest/querying/api/), as far as they
 * are used. A sample is [unix seconds, number as text].
 */

type Sample = [number, unknown];

export interface Series {
  metric: Record<string, string>;
  samples: Sample[];
}

/** Times up to the last instant that a `Date` can hold. */
const sample: z.ZodType<Sample> = z.tuple([z.number().min(0).max(8.64e12), z.unknown()]);
const labels = z.record(z.string(), z.string());

/** The three types of result that hold samples, made one. */
export const queryPayload: z.ZodType<Series[]> = z
  .object({
    status: z.literal('success'),
    data: z.discriminatedUnion('resultType', [
      z.object({
        resultType: z.literal('matrix'),
        result: z.array(z.object({ metric: labels, values: z.array(sample) })),
      }),
      z.object({
        resultType: z.literal('vector'),
        result: z.array(z.object({ metric: labels, value: sample })),
      }),
      z.object({ resultType: z.literal('scalar'), result: sample }),
    ]),
  })
  .transform(({ data }): Series[] => {
    if (data.resultType === 'scalar') return [{ metric: {}, samples: [data.result] }];
    if (data.resultType === 'vector') {
      return data.result.map(({ metric, value }) => ({ metric, samples: [value] }));
    }
    return data.result.map(({ metric, values }) => ({ metric, samples: values }));
  });
