import { DAY, HOUR, type Millis, quoted } from '@windvane/carbon-map';
import { nearMiss, parseDuration } from '@windvane/controller/config';
import { z } from 'zod';
import type { MetadataProblem, OnMissingData, ParsedMetadata, TriggerRule } from './metadata.ts';

/** Longest `maxDelay`: half of the history that tells since when something is held. */
const LONGEST_DELAY: Millis = 7 * DAY;
const LONGEST_WINDOW: Millis = DAY;
const LONGEST_NAME = 100;
const MOST_REPLICAS = 2 ** 31 - 1;

/** Digits, and perhaps a fraction: what people write, and nothing that JavaScript would read besides. */
const NUMBER = /^\d{1,12}(?:\.\d{1,6})?$/;

interface NumberRule {
  /** What it must be, and within which bounds. */
  readonly must: string;
  readonly fits: (value: number) => boolean;
  /** A `%` after it is taken. */
  readonly percent?: boolean;
}

function numberOf({ must, fits, percent = false }: NumberRule): z.ZodType<number, string> {
  return z.string().transform((written, context) => {
    const text = percent ? written.trim().replace(/\s*%$/, '') : written.trim();
    const value = Number(text);
    if (NUMBER.test(text) && fits(value)) return value;
    const message = `must be ${must}, got ${quoted(written)}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}

function durationOf(must: string, fits: (length: Millis) => boolean): z.ZodType<Millis, string> {
  return z.string().transform((written, context) => {
    const length = parseDuration(written);
    if (length !== null && fits(length)) return length;
    context.addIssue({ code: 'custom', message: `must be ${must}, got ${quoted(written)}` });
    return z.NEVER;
  });
}

function oneOf<const T extends string>(...names: readonly T[]): z.ZodType<T, string> {
  return z.string().transform((written, context): T => {
    const found = names.find((name) => name === written.trim());
    if (found !== undefined) return found;
    const list = names.length === 1 ? names[0] : `one of ${names.join(', ')}`;
    context.addIssue({ code: 'custom', message: `must be ${list}, got ${quoted(written)}` });
    return z.NEVER;
  });
}

const location: z.ZodType<string, string> = z.string().transform((written, context) => {
  const text = written.trim();
  if (text !== '' && text.length <= LONGEST_NAME) return text;
  const place = 'a cloud region, zone or country';
  const message =
    text === ''
      ? `is empty: write ${place}, or leave it out for the place of the cluster`
      : `must be ${place}, got ${quoted(written)}`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** Keys of ours, as section "Trigger metadata" of docs/scaler.md lists them. */
const fields = {
  location,
  metricType: oneOf('carbonIntensity'),
  targetValue: numberOf({
    must: 'a number of grams per kWh above 0, for example "150"',
    fits: (grams) => grams > 0,
  }),
  percentile: numberOf({
    must: 'a percentage above 0 and up to 100',
    fits: (share) => share > 0 && share <= 100,
    percent: true,
  }),
  forecastWindow: durationOf('a duration up to 24h, for example 1h', (length) => length <= LONGEST_WINDOW),
  maxDelay: durationOf(
    'a duration from 1m to 7d, for example 12h',
    (length) => length >= 60_000 && length <= LONGEST_DELAY,
  ),
  minRun: durationOf(
    'a duration from 1m to 24h, for example 1h',
    (length) => length >= 60_000 && length <= DAY,
  ),
  hysteresis: numberOf({ must: 'a percentage from 0 to 50', fits: (share) => share <= 50, percent: true }),
  maxReplicas: numberOf({
    must: 'a whole number of replicas',
    fits: (count) => Number.isInteger(count) && count <= MOST_REPLICAS,
  }),
  onMissingData: oneOf<OnMissingData>('keep', 'run', 'pause'),
} satisfies Record<string, z.ZodType<unknown, string>>;

type Fields = { [K in keyof typeof fields]?: z.output<(typeof fields)[K]> };

/** KEDA's own connection keys, and the mark of our admission. */
const FOREIGN: ReadonlySet<string> = new Set([
  'scalerAddress',
  'enableTLS',
  'unsafeSsl',
  'caCert',
  'tlsClientCert',
  'tlsClientKey',
  'tlsCertFile',
  'windvaneInjected',
]);

/** A mistake in one of these leaves no rule that its author meant; in the others the default is the safer reading. */
const DECISIVE: ReadonlySet<string> = new Set([
  'location',
  'metricType',
  'targetValue',
  'percentile',
  'maxDelay',
]);

/** Checks a trigger's metadata, as KEDA sends it. Never throws: every mistake becomes a sentence for its author. */
export function parseMetadata(written: Readonly<Record<string, string>>): ParsedMetadata {
  const problems: MetadataProblem[] = [];
  const values: Record<string, unknown> = {};
  const present = new Set<string>();
  for (const [name, text] of Object.entries(written)) {
    // KEDA resolves keys that end so from the target's environment, and sends the value under the same key.
    const key = name.replace(/FromEnv$/, '');
    if (FOREIGN.has(key)) continue;
    present.add(key);
    if (!isField(key)) {
      problems.push({ key: name, message: unknownKey(name) });
      continue;
    }
    const parsed = fields[key].safeParse(text);
    if (parsed.success) values[key] = parsed.data;
    else problems.push({ key, message: `${name} ${parsed.error.issues[0]?.message ?? 'cannot be read'}` });
  }
  const read = values as Fields;
  const rule = ruleOf(read, present, problems);
  const onMissingData = read.onMissingData ?? 'keep';
  const maxReplicas = read.maxReplicas ?? null;
  const misread = problems.some(({ key }) => DECISIVE.has(key));
  if (rule === null || misread) return { options: null, onMissingData, maxReplicas, problems };
  const options = {
    location: read.location ?? null,
    rule,
    forecastWindow: read.forecastWindow ?? 0,
    maxDelay: read.maxDelay ?? null,
    minRun: read.minRun ?? HOUR,
    hysteresis: (read.hysteresis ?? 5) / 100,
    maxReplicas,
    onMissingData,
  };
  return { options, onMissingData, maxReplicas, problems };
}

/** Whether some values are only known to KEDA, which reads them from the target's environment before it asks. */
export function readsEnvironment(metadata: Readonly<Record<string, string>>): boolean {
  return Object.keys(metadata).some((key) => key.endsWith('FromEnv'));
}

function ruleOf(
  { targetValue, percentile }: Fields,
  present: ReadonlySet<string>,
  problems: MetadataProblem[],
): TriggerRule | null {
  const both = present.has('targetValue') && present.has('percentile');
  if (both) {
    problems.push({
      key: 'percentile',
      message: 'percentile stands beside targetValue: keep one of the two',
    });
  } else if (targetValue !== undefined) return { kind: 'target', gramsPerKwh: targetValue };
  else if (percentile !== undefined) return { kind: 'percentile', percent: percentile };
  else if (!present.has('targetValue') && !present.has('percentile')) {
    problems.push({
      key: 'targetValue',
      message: 'targetValue is missing: write grams per kWh, for example "150", or percentile: "30"',
    });
  }
  return null;
}

function isField(key: string): key is keyof typeof fields {
  return Object.hasOwn(fields, key);
}

function unknownKey(key: string): string {
  const near = key.length > LONGEST_NAME ? null : nearMiss(key, Object.keys(fields));
  const shown = quoted(key);
  return near === null
    ? `${shown} is not a key of this trigger: remove it, or write one of ${Object.keys(fields).join(', ')}`
    : `${shown} is not a key of this trigger: did you mean ${near}?`;
}
