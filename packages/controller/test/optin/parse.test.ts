import { HOUR, MINUTE } from '@windvane/carbon-map';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { optInKeys, userAnnotations } from '../../src/optin/keys.ts';
import { misconfigurationOf, parseOptIn } from '../../src/optin/parse.ts';

const parse = (
  written: Record<string, string>,
  lever: Parameters<typeof parseOptIn>[3] = 'karmada-weights',
) => parseOptIn('workload', 'Deployment apps/web', written, lever);

describe('parseOptIn', () => {
  it('reads every key in its units', () => {
    const written = {
      placement: 'follow-the-wind',
      'latency-class': 'flexible',
      locations: 'EU, us-east-1',
      objective: 'carbon',
      'max-share': '60%',
      'min-replicas': '2',
      'max-step': '12.5 %',
      'max-surge': '0',
      'min-gain': '3',
      'move-cost': '30m',
      cooldown: '1h30m',
      'max-moves-per-day': '6',
      'on-stale-data': 'keep',
      adopt: 'never',
      'watts-per-replica': '42.5',
    };
    const { values, problems } = parse(written);
    expect(problems).toEqual([]);
    expect(values).toEqual({
      placement: 'follow-the-wind',
      'latency-class': 'flexible',
      locations: ['EU', 'us-east-1'],
      objective: 'carbon',
      'max-share': 0.6,
      'min-replicas': 2,
      'max-step': 0.125,
      'max-surge': 0,
      'min-gain': 0.03,
      'move-cost': 30 * MINUTE,
      cooldown: 1.5 * HOUR,
      'max-moves-per-day': 6,
      'on-stale-data': 'keep',
      adopt: 'never',
      'watts-per-replica': 42.5,
    });
  });

  it.each([
    ['placement', 'follow', 'write "follow-the-wind" or "observe" or "off"'],
    ['max-share', '0', 'write a percentage from 1 to 100'],
    ['max-share', '101', 'write a percentage from 1 to 100'],
    ['max-share', 'half', 'write a percentage from 1 to 100'],
    ['min-replicas', '-1', 'write a whole number'],
    ['min-replicas', '1.5', 'write a whole number'],
    ['cooldown', '1 hour', 'write a duration'],
    ['cooldown', '31d', 'write a duration up to 30d'],
    ['locations', ' , ', 'write at least one location'],
    ['watts-per-replica', '0', 'write a number from 0.1'],
    ['adopt', 'yes', 'write "allowed" or "never"'],
  ])('names %s: %s, where it stands, and what to write', (key, value, remedy) => {
    const { values, problems } = parse({ [key]: value });
    expect(values).toEqual({});
    expect(problems).toHaveLength(1);
    expect(problems[0]?.reason).toBe('BadValue');
    expect(problems[0]?.message).toContain(`windvane.dev/${key}: "${value}" on Deployment apps/web`);
    expect(problems[0]?.message).toContain(remedy);
  });

  it('shows a value shortened and escaped, so that the remedy is not lost behind it', () => {
    const message = (cooldown: string) => parse({ cooldown }).problems[0]?.message ?? '';
    expect(message('x'.repeat(40_000))).toMatch(
      /^windvane\.dev\/cooldown: "x{57}\.\.\." on .*write a duration/,
    );
    expect(message('a\nb\u001b[31m')).toContain(String.raw`: "a\nb\u001b[31m" on`);
  });

  it.each([
    ['placment', 'placement'],
    ['latencyclass', 'latency-class'],
    ['max-shares', 'max-share'],
    ['Cooldown', 'cooldown'],
  ])('takes %s for a misspelt %s', (written, meant) => {
    const { problems } = parse({ [written]: 'x' });
    expect(problems).toEqual([
      {
        reason: 'UnknownKey',
        message: `windvane.dev/${written} on Deployment apps/web is not a key of Windvane; did you mean windvane.dev/${meant}?`,
      },
    ]);
  });

  it('has no idea what a word far from every key means', () => {
    expect(parse({ zzzzzzzz: '1' }).problems[0]?.message).toContain('remove it');
  });

  it.each(['constructor', 'toString', '__proto__'])('does not take %s for a key', (key) => {
    expect(
      parse(Object.fromEntries([[key, '1']])).problems.every(({ reason }) => reason === 'UnknownKey'),
    ).toBe(true);
  });

  it.each([
    ['karmada-weights', 'surge-clusters', '1'],
    ['karmada-weights', 'start-by', '6h'],
    ['ocm', 'max-share', '50'],
    ['job-dispatch', 'cooldown', '1h'],
  ] as const)('refuses on %s the key %s, which has no effect there', (lever, key, value) => {
    expect(parse({ [key]: value }, lever).problems).toMatchObject([{ reason: 'NoEffect' }]);
  });

  it('tells all mistakes at once, and of many how many more there are', () => {
    expect(misconfigurationOf(parse({}).problems)).toBeNull();
    const told = misconfigurationOf(parse({ cooldown: 'y', foo: 'z', 'max-share': 'x' }).problems);
    expect(told?.reason).toBe('BadValue');
    expect(told?.message).toMatch(
      /^windvane\.dev\/cooldown: .*; also windvane\.dev\/foo .*; also windvane\.dev\/max-share: /,
    );
    const many = parse(Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`z${index}`, '1'])));
    expect(misconfigurationOf(many.problems)?.message).toMatch(/; remove it \(and 4 more\)$/);
  });

  it('lets a Namespace hold defaults for any lever, but never an opt-in', () => {
    const namespace = (written: Record<string, string>) =>
      parseOptIn('namespace', 'Namespace apps', written, null);
    expect(namespace({ 'start-by': '6h', 'max-share': '50' }).problems).toEqual([]);
    expect(namespace({ placement: 'observe' }).problems).toEqual([]);
    expect(namespace({ placement: 'follow-the-wind' }).problems).toMatchObject([{ reason: 'BadValue' }]);
  });

  it('never throws, and either understands a key or says why not', () => {
    const keys = fc.oneof(fc.constantFrom(...Object.keys(optInKeys)), fc.string());
    fc.assert(
      fc.property(fc.dictionary(keys, fc.string()), (written) => {
        const { values, problems } = parse(written);
        expect(Object.keys(values).length + problems.length).toBe(Object.keys(written).length);
      }),
    );
  });
});

describe('userAnnotations', () => {
  it('leaves out what others wrote, and what Windvane itself writes', () => {
    expect(
      userAnnotations({
        'windvane.dev/placement': 'observe',
        'windvane.dev/found': '{}',
        'windvane.dev/step': '{}',
        'example.com/placement': 'x',
      }),
    ).toEqual({ placement: 'observe' });
  });
});
