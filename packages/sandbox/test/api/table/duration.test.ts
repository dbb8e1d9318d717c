import { describe, expect, it } from 'vitest';
import { age, humanDuration } from '../../../src/api/table/duration.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

describe('ages', () => {
  it.each([
    [-2, '<invalid>'],
    [-1, '0s'],
    [0, '0s'],
    [119, '119s'],
    [2 * MINUTE, '2m'],
    [2 * MINUTE + 3, '2m3s'],
    [10 * MINUTE + 30, '10m'],
    [179 * MINUTE, '179m'],
    [3 * HOUR, '3h'],
    [5 * HOUR + 12 * MINUTE, '5h12m'],
    [8 * HOUR + 12 * MINUTE, '8h'],
    [47 * HOUR, '47h'],
    [2 * DAY, '2d'],
    [3 * DAY + 4 * HOUR, '3d4h'],
    [8 * DAY + 4 * HOUR, '8d'],
    [729 * DAY, '729d'],
    [730 * DAY, '2y'],
    [800 * DAY, '2y70d'],
    [9 * 365 * DAY, '9y'],
  ])('%d seconds are %s', (seconds, text) => {
    expect(humanDuration(seconds)).toBe(text);
  });

  it('counts from a time to now', () => {
    const now = Date.parse('2026-01-01T00:01:00Z');
    expect(age('2026-01-01T00:00:00Z', now)).toBe('60s');
    expect(age(undefined, now)).toBe('<unknown>');
    expect(age('soon', now)).toBe('<invalid>');
  });
});
