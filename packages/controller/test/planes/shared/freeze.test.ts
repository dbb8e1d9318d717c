import { describe, expect, it } from 'vitest';
import { FREEZE_KEY, frozenBy, frozenText } from '../../../src/planes/shared/freeze.ts';

const [namespace = '', name = ''] = FREEZE_KEY.split('/');
const mapOf = (data?: unknown): Parameters<typeof frozenBy>[0] => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace, name },
  ...(data === undefined ? {} : { data }),
});

describe('the ConfigMap that freezes', () => {
  it('does so as documented, with its reason', () => {
    expect(frozenBy(mapOf({ frozen: 'true', reason: 'release day' }))).toBe('release day');
    expect(frozenBy(mapOf({ frozen: 'true' }))).toBe('no reason given');
  });

  it('does not when it is not there, or says a clear "false"', () => {
    expect(frozenBy(undefined)).toBeNull();
    expect(frozenBy(mapOf({ frozen: 'false', reason: 'release day' }))).toBeNull();
  });

  it.each(['True', 'TRUE', 'yes', '1', 'on', ' true', 'False', 'fasle', ''])(
    'does so with %j too, and says how it was read',
    (frozen) => {
      const read = `data.frozen is "${frozen}" and was taken as "true"`;
      expect(frozenBy(mapOf({ frozen }))).toBe(`no reason given; ${read}`);
      expect(frozenBy(mapOf({ frozen, reason: 'release day' }))).toBe(`release day; ${read}`);
    },
  );

  it.each([[{ Frozen: 'true' }], [{}], [null], [undefined]])('does so with data %j', (data) => {
    expect(frozenBy(mapOf(data))).toBe('no reason given; data.frozen is missing and was taken as "true"');
  });

  it('is told by a unit at rest', () => {
    expect(frozenText('release day', 'Paris is the cleanest.')).toBe(
      'Everything is frozen (release day). Paris is the cleanest.',
    );
    expect(frozenText(null, 'Paris is the cleanest.')).toBe('Paris is the cleanest.');
  });
});
