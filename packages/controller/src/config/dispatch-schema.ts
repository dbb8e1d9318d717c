import { z } from 'zod';
import { JOB_KIND, type RunOnceKind } from '../dispatch/kinds.ts';
import { workloadKinds } from '../planes/karmada/resources.ts';
import { parseQuantity } from '../planes/shared/quantity.ts';
import { text, textOrNumber } from './fields.ts';

/** `dispatch` in the configuration file: what runs once besides Jobs. */
export interface DispatchFile {
  kinds: {
    group: string;
    version: string;
    kind: string;
    plural: string;
    parallelism?: string | undefined;
    podTemplate?: string | undefined;
    requests: Record<string, string>;
    finished?: { path: string; words: string[] } | undefined;
  }[];
}

const path = text.regex(
  /^[A-Za-z][\w-]*(\.[A-Za-z][\w-]*)*$/,
  'write a path of field names, for example spec.parallelism',
);
const quantity = textOrNumber.refine(
  (written) => parseQuantity(written) !== null,
  'write a quantity, for example 500m or 2Gi',
);

export const dispatchSchema: z.ZodType<DispatchFile> = z.strictObject({
  kinds: z
    .array(
      z.strictObject({
        group: text,
        version: text,
        kind: text,
        plural: text,
        parallelism: path.optional(),
        podTemplate: path.optional(),
        requests: z
          .strictObject({ cpu: quantity.optional(), memory: quantity.optional() })
          .prefault({})
          .transform((given) =>
            Object.fromEntries(
              Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
            ),
          ),
        finished: z.strictObject({ path, words: z.array(text).min(1, 'name at least one word') }).optional(),
      }),
    )
    .superRefine((kinds, context) => {
      const taken = new Set([JOB_KIND.type, ...workloadKinds].map(({ kind }) => kind.toLowerCase()));
      for (const [index, { kind }] of kinds.entries()) {
        const name = kind.toLowerCase();
        if (taken.has(name)) {
          const message = `${kind} is a kind that is there already: statuses are named after it, so every kind stands once`;
          context.addIssue({ code: 'custom', path: [index, 'kind'], message });
        }
        taken.add(name);
      }
    })
    .default([]),
});

const split = (written: string | undefined): readonly string[] | null => written?.split('.') ?? null;

export function runOnceKinds({ kinds }: DispatchFile): readonly RunOnceKind[] {
  return kinds.map(({ group, version, kind, plural, parallelism, podTemplate, requests, finished }) => ({
    type: { group, version, kind, plural, namespaced: true },
    parallelism: split(parallelism),
    podTemplate: split(podTemplate),
    requests,
    finished: finished === undefined ? null : { path: finished.path.split('.'), words: finished.words },
  }));
}
