import type { Millis } from '@windvane/carbon-map';
import { z } from 'zod';
import { parseDuration } from '../config/duration.ts';

/** A reader of annotation text; its issue messages say what to write instead. */
export type ValueSchema<T> = z.ZodType<T, string>;

interface NumberRange {
  readonly min: number;
  readonly max: number;
}

/** `25`, `25%` or `25 %`, read as a part of 1. The range is in percent. */
export function percent({ min, max }: NumberRange): ValueSchema<number> {
  return z.string().transform((text, context) => {
    const match = /^(\d+(?:\.\d+)?)\s*%?$/.exec(text.trim());
    const value = Number(match?.[1] ?? Number.NaN);
    if (value >= min && value <= max) return value / 100;
    context.addIssue({
      code: 'custom',
      message: `write a percentage from ${min} to ${max}, for example "25"`,
    });
    return z.NEVER;
  });
}

export function whole({ min, max }: NumberRange): ValueSchema<number> {
  return z.string().transform((text, context) => {
    const value = /^\d+$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    context.addIssue({ code: 'custom', message: `write a whole number from ${min} to ${max}` });
    return z.NEVER;
  });
}

export function decimal({ min, max }: NumberRange): ValueSchema<number> {
  return z.string().transform((text, context) => {
    const value = /^\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    context.addIssue({ code: 'custom', message: `write a number from ${min} to ${max}` });
    return z.NEVER;
  });
}

export function duration(max: Millis): ValueSchema<Millis> {
  return z.string().transform((text, context) => {
    const value = parseDuration(text);
    if (value !== null && value <= max) return value;
    const days = Math.round(max / 86_400_000);
    context.addIssue({
      code: 'custom',
      message: `write a duration up to ${days}d, for example "90m" or "1h30m"`,
    });
    return z.NEVER;
  });
}

export function oneOf<const T extends string>(...words: readonly T[]): ValueSchema<T> {
  return z.string().transform((text, context) => {
    const found = words.find((word) => word === text.trim());
    if (found !== undefined) return found;
    context.addIssue({ code: 'custom', message: `write ${words.map((word) => `"${word}"`).join(' or ')}` });
    return z.NEVER;
  });
}

/** Words between commas. Whether they name anything is the location resolver's question. */
export const list: ValueSchema<readonly string[]> = z.string().transform((text, context) => {
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  if (words.length > 0) return words;
  context.addIssue({
    code: 'custom',
    message: 'write at least one location, for example "EU" or "us-east-1, DE"',
  });
  return z.NEVER;
});
