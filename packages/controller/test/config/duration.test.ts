import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDuration } from '../../src/config/duration.ts';

const MINUTE = 60_000;

describe('durations', () => {
  it.each([
    ['90m', 90 * MINUTE],
    ['1h30m', 90 * MINUTE],
    ['2d', 48 * 60 * MINUTE],
    ['45s', 45_000],
    ['0', 0],
    ['0s', 0],
    [' 10m ', 10 * MINUTE],
  ])('reads %s', (text, millis) => {
    expect(parseDuration(text)).toBe(millis);
  });

  it.each(['', ' ', 'm', '10', '1.5h', '-1h', '30m1h', '1w', '1 h', '99999999999999999999d'])(
    'refuses %j',
    (text) => {
      expect(parseDuration(text)).toBeNull();
    },
  );

  it.each([
    [90 * MINUTE, '90m'],
    [120 * MINUTE, '2h'],
    [24 * 60 * MINUTE, '1d'],
    [61_000, '61s'],
    [0, '0s'],
    [400, '0s'],
  ])('writes %d ms as %s', (millis, text) => {
    expect(formatDuration(millis)).toBe(text);
  });

  it('reads what it wrote', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), (seconds) => {
        expect(parseDuration(formatDuration(seconds * 1_000))).toBe(seconds * 1_000);
      }),
    );
  });
});
