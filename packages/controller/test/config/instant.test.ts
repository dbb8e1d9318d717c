import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseInstant } from '../../src/config/instant.ts';

describe('instants', () => {
  it.each([
    ['2022-06-01T00:00Z', Date.UTC(2022, 5, 1)],
    ['2022-06-01T00:00:00Z', Date.UTC(2022, 5, 1)],
    ['2022-06-01T02:00:00+02:00', Date.UTC(2022, 5, 1)],
    ['2022-06-01', Date.UTC(2022, 5, 1)],
    ['2024-02-29', Date.UTC(2024, 1, 29)],
    ['2022-06-01t12:34:56.789z', Date.UTC(2022, 5, 1, 12, 34, 56, 789)],
  ])('reads %s', (text, instant) => {
    expect(parseInstant(text)).toBe(instant);
  });

  it.each([
    '',
    'yesterday',
    '2022-13-01',
    '2022-02-30T00:00Z',
    '2023-02-29',
    '2022-06-01T24:00Z',
    '2022-06-01T00:00',
    '1654041600',
    '01/06/2022',
  ])('refuses %j', (text) => {
    expect(parseInstant(text)).toBeNull();
  });

  it('reads every instant that a Date writes', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }), (date) => {
        expect(parseInstant(date.toISOString())).toBe(date.getTime());
      }),
    );
  });
});
