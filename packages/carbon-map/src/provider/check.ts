import type { z } from 'zod';
import { MAX_GRAMS_PER_KWH } from '../model/reading.ts';
import { type Instant, parseInstant } from '../model/time.ts';
import { ProviderError } from './provider.ts';

/**
 * The one gate that every number passes. Throws a `bad-payload` {@link ProviderError} for anything but a finite number
 * in (0, 2,500] g/kWh. Zero is let through only when the source documents it as a real value:
 * a missing value that looks perfectly clean is the worst of all errors here.
 */
export function checkedGramsPerKwh(
  provider: string,
  value: unknown,
  what: string,
  options: { zeroIsReal?: boolean } = {},
): number {
  const problem = describeProblem(value, options.zeroIsReal ?? false);
  if (problem === null && typeof value === 'number') return value;
  throw new ProviderError('bad-payload', provider, `${what} is ${problem}; the value is not used`);
}

/** A document held against its schema. Throws a `bad-payload` {@link ProviderError} that says where it differs. */
export function checkedPayload<T>(provider: string, schema: z.ZodType<T>, body: unknown, what: string): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  // One of them: a long series can be wrong in every row.
  const [issue] = parsed.error.issues;
  const where = issue === undefined || issue.path.length === 0 ? '' : ` at ${issue.path.join('.')}`;
  const why = issue?.message ?? 'no reason given';
  throw new ProviderError('bad-payload', provider, `${what} is not as documented${where}: ${why}`);
}

/** A time as a source wrote it. Throws a `bad-payload` {@link ProviderError} when it is none. */
export function checkedInstant(provider: string, text: string, what: string): Instant {
  const at = parseInstant(text);
  if (at === null) throw new ProviderError('bad-payload', provider, `${what} has no readable time`);
  return at;
}

function describeProblem(value: unknown, zeroIsReal: boolean): string | null {
  if (typeof value !== 'number') return value === null ? 'null' : `no number (${typeof value})`;
  if (!Number.isFinite(value)) return 'not finite';
  if (value < 0) return `negative (${value})`;
  if (value === 0 && !zeroIsReal) return 'zero, which this source never means';
  if (value > MAX_GRAMS_PER_KWH)
    return `${value} g/kWh, above the ${MAX_GRAMS_PER_KWH} that any grid reaches`;
  return null;
}
