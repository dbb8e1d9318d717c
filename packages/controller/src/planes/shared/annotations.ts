import type { Instant } from '@windvane/carbon-map';
import { z } from 'zod';
import type { KubeObject } from '../../kube/resource.ts';
import { PREFIX } from '../../optin/keys.ts';
import type { FoundValue } from '../../status/carbon-placement.ts';
import { memoized } from './memo.ts';

/** On the policy: the weights as they were found, and what was done to take them over. */
export const FOUND: string = `${PREFIX}found`;
/** On the policy: the step under way. */
export const STEP: string = `${PREFIX}step`;
/** On the policy: clusters whose replicas did not become available, and until when each is left alone. */
export const SHUNNED: string = `${PREFIX}shunned`;

export interface FoundRecord extends FoundValue {
  /** Hash of the opt-in under which Windvane last wrote. */
  readonly optIn: string;
  /** One forced apply was made (or begun) under that opt-in; there will be no second. */
  readonly forced: boolean;
}

/** Clusters that are left alone, each until this instant (RFC 3339). */
export type Shunned = Readonly<Record<string, string>>;

export interface StepDivision {
  readonly from: Readonly<Record<string, number>>;
  readonly to: Readonly<Record<string, number>>;
}

const foundSchema: z.ZodType<FoundRecord> = z
  .object({
    present: z.boolean(),
    value: z.unknown().optional(),
    optIn: z.string(),
    forced: z.boolean(),
  })
  .transform((found) => ({ ...found, value: found.value ?? null }));

const shunnedSchema: z.ZodType<Shunned> = z.record(z.string(), z.string());

/**
 * Reads what Windvane keeps as JSON in an annotation; null when there is none, and when somebody damaged it. An object
 * is read once for as long as it is kept.
 */
export function recordReader<T>(key: string, schema: z.ZodType<T>): (object: KubeObject) => T | null {
  const parse = memoized((object: KubeObject): T | null => {
    try {
      return schema.safeParse(JSON.parse(object.metadata.annotations?.[key] ?? 'null')).data ?? null;
    } catch {
      return null;
    }
  });
  return (object) => (object.metadata.annotations?.[key] === undefined ? null : parse(object));
}

/** The value as it was found, and what was done to take it over. */
export const foundRecord: (policy: KubeObject) => FoundRecord | null = recordReader(FOUND, foundSchema);

const readShunned = recordReader(SHUNNED, shunnedSchema);

/** Clusters that are still left alone. */
export function shunnedClusters(policy: KubeObject, now: Instant): Shunned {
  const all = readShunned(policy) ?? {};
  return Object.fromEntries(Object.entries(all).filter(([, until]) => Date.parse(until) > now));
}
