import { quoted } from '@windvane/carbon-map';
import type { MisconfiguredReason } from '../status/carbon-placement.ts';
import { type Lever, type OptInKey, type OptInValues, optInKeys, PREFIX } from './keys.ts';
import { nearMiss } from './near-miss.ts';

/** A mistake in an opt-in, with its remedy, for people. */
export interface OptInProblem {
  readonly reason: MisconfiguredReason;
  readonly message: string;
}

/** Most mistakes that one message tells. */
const TOLD = 5;

/** Several sentences as one; of many the first. */
export function toldTogether(messages: readonly string[]): string {
  const all = [...new Set(messages)];
  const more = all.length > TOLD ? ` (and ${all.length - TOLD} more)` : '';
  return `${all.slice(0, TOLD).join('; also ')}${more}`;
}

/** All mistakes as one, under the reason of the first; null when there is none. */
export function misconfigurationOf(problems: readonly OptInProblem[]): OptInProblem | null {
  const [first] = problems;
  if (first === undefined) return null;
  return { reason: first.reason, message: toldTogether(problems.map(({ message }) => message)) };
}

/** Where annotations were written; it decides what they may do. */
export type SourceRole = 'policy' | 'workload' | 'namespace' | 'hub';

/** The annotations of one object, read. */
export interface OptInSource {
  readonly role: SourceRole;
  /** For people: `Deployment apps/web`. */
  readonly label: string;
  readonly values: OptInValues;
  readonly problems: readonly OptInProblem[];
}

function isKey(key: string): key is OptInKey {
  return Object.hasOwn(optInKeys, key);
}

function unknownKey(key: string, label: string): OptInProblem {
  const near = nearMiss(key, Object.keys(optInKeys));
  const remedy = near === null ? 'remove it' : `did you mean ${PREFIX}${near}?`;
  return { reason: 'UnknownKey', message: `${PREFIX}${key} on ${label} is not a key of Windvane; ${remedy}` };
}

const leverNames: Readonly<Record<Lever, string>> = {
  'karmada-weights': 'a workload that is divided by Karmada weights',
  'keda-caps': 'a workload that KEDA scales in its members',
  ocm: 'an Open Cluster Management Placement',
  'job-dispatch': 'a Job that Windvane dispatches',
};

/**
 * Reads annotations that stand without prefix in `written`.
 * @param lever a key without effect on it is a mistake; null where the annotations serve several levers (Namespaces).
 */
export function parseOptIn(
  role: SourceRole,
  label: string,
  written: Readonly<Record<string, string>>,
  lever: Lever | null,
): OptInSource {
  const values: OptInValues = {};
  const problems: OptInProblem[] = [];

  function read<K extends OptInKey>(key: K, rule: (typeof optInKeys)[K], text: string): void {
    if (lever !== null && !rule.levers.includes(lever)) {
      const message = `${PREFIX}${key} on ${label} has no effect on ${leverNames[lever]}; remove it`;
      problems.push({ reason: 'NoEffect', message });
      return;
    }
    const result = rule.schema.safeParse(text);
    if (result.success) {
      values[key] = result.data;
      return;
    }
    const remedy = result.error.issues[0]?.message ?? 'write another value';
    problems.push({
      reason: 'BadValue',
      message: `${PREFIX}${key}: ${quoted(text)} on ${label} is not understood; ${remedy}`,
    });
  }

  for (const [key, text] of Object.entries(written).sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (isKey(key)) read(key, optInKeys[key], text);
    else problems.push(unknownKey(key, label));
  }
  if (values.placement === 'follow-the-wind' && (role === 'namespace' || role === 'hub')) {
    const who = role === 'hub' ? 'the hub' : 'a Namespace';
    problems.push({
      reason: 'BadValue',
      message: `${PREFIX}placement: follow-the-wind on ${label}: ${who} never opts in; annotate the workload or its policy`,
    });
  }
  return { role, label, values, problems };
}
