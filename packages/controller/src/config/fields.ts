import type { Millis } from '@windvane/carbon-map';
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
      message: `"${written}" is not a duration; write for example 90m, 1h30m or 2d`,
    });
    return z.NEVER;
  });

export const text: z.ZodString = z.string('write a text').min(1, 'must not be empty');

export const positive: z.ZodNumber = z
  .number('write a number')
  .int('write a whole number')
  .positive('must be at least 1');

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
