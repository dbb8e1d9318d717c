import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type Lever, optInKeys } from '../../src/optin/keys.ts';
import { ASSUMED_WATTS, defaultOptions } from '../../src/optin/options.ts';

const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
const page = read('docs/annotations.md');
const section = (title: string): string => page.split(/^## /m).find((each) => each.startsWith(title)) ?? '';
const rows = section('On workloads')
  .split('\n')
  .filter((line) => line.startsWith('| `') && !line.startsWith('| `windvane.dev/'))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

const camel = (key: string): string => key.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
const defaults: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(Object.keys(optInKeys).map((key) => [key, Reflect.get(defaultOptions, camel(key))])),
  'watts-per-replica': ASSUMED_WATTS,
};
/** As the last column writes them. */
const leversOf = (levers: readonly Lever[]): string => {
  const words: Record<Lever, string> = {
    'karmada-weights': 'weights',
    'keda-caps': 'caps',
    ocm: 'OCM',
    'job-dispatch': 'Jobs',
  };
  return levers.length === 4 ? 'all' : levers.map((lever) => words[lever]).join(', ');
};
/** `weights, OCM (caps: accepted)` is written where a key is accepted and does nothing. */
const written = (cell: string): string => {
  const [, before = cell, accepted = ''] = /^(.*?) \((caps): accepted\)$/.exec(cell) ?? [];
  return accepted === '' ? before : before.replace(/^weights/, 'weights, caps');
};

describe('the page of annotations', () => {
  it('has every key, and no other', () => {
    expect(rows.map(([key]) => key)).toEqual(Object.keys(optInKeys).map((key) => `\`${key}\``));
  });

  it.each(Object.entries(optInKeys))('says what %s has an effect on, and its default', (key, rule) => {
    const [, , unset = '', effect = ''] = rows.find(([each]) => each === `\`${key}\``) ?? [];
    expect(written(effect)).toBe(leversOf(rule.levers));
    // In words where there is no value that says the same.
    const value = /^`([^`]+)`/.exec(unset)?.[1];
    const inWords = ['placement', 'latency-class', 'locations'].includes(key);
    expect(value === undefined ? defaults[key] : rule.schema.parse(value)).toEqual(defaults[key]);
    expect(value === undefined).toBe(inWords);
  });

  it('has every reason, and no other', () => {
    const [, names = ''] =
      /enum PlacementReason \{([^}]*)\}/.exec(read('packages/controller/schema.graphql')) ?? [];
    const known = names
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '');
    const told = section('Why a workload')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
      .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`(\w+)`/g)].map(([, reason]) => reason));
    expect(known.length).toBeGreaterThan(20);
    expect(told.toSorted()).toEqual(known.toSorted());
  });
});
