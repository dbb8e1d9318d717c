import { HOUR, type Millis, quoted } from '@windvane/carbon-map';
import { z } from 'zod';
import { parseDuration } from './duration.ts';

/** A length of time in configuration, for example `90m`. */
export const duration: z.ZodType<Millis, string> = z
  .string('write a duration, for example 90m')
  .transform((written, context) => {
    const length = parseDuration(written);
    if (length !== null) return length;
    context.addIssue({
      code: 'custom',
      message: `${quoted(written)} is not a duration; write for example 90m, 1h30m or 2d`,
    });
    return z.NEVER;
  });

/** The longest time for one request. */
export const timeout: z.ZodType<Millis, string> = duration
  .refine((length) => length > 0, 'must be longer than 0: write for example 10s')
  .refine((length) => length <= HOUR, 'must be at most 1h');

export const text: z.ZodString = z.string().min(1);

export const positive: z.ZodNumber = z.number().int().min(1);

/** A value that YAML may take for a number. */
export const textOrNumber: z.ZodType<string, string | number> = z
  .union([z.string(), z.number()], 'write a text or a number')
  .transform(String);

/** A section that may be left out, or stand there with nothing below, as when all of it is commented out. */
export function section<T>(schema: z.ZodType<T>): z.ZodType<T> {
  return z.preprocess((written) => written ?? {}, schema).prefault({});
}

/** An HTTP address. One with a user or password in it is refused: the file is no place for secrets. */
export const httpUrl: z.ZodType<string> = text.superRefine((written, context) => {
  const url = URL.parse(written);
  const issue = (message: string): void => context.addIssue({ code: 'custom', message });
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') {
    issue('is not a base URL: write https://host/path, without a query');
  } else if (url.username !== '' || url.password !== '') {
    issue('holds a user or password: leave it out here, and name a file or environment variable for it');
  }
});
