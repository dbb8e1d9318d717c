import { describe, expect, it } from 'vitest';
import { HOUR, MINUTE, type Reading } from '../../src/index.ts';
import { isFresh, selectReading } from '../../src/refresh/select.ts';
import { fakeProvider } from '../support/fake-provider.ts';
import { NOON, reading } from '../support/fixtures.ts';

const chain = [
  fakeProvider('best', {}),
  fakeProvider('second', {}),
  fakeProvider('baseline', {}, { countsAsFresh: false }),
];
const AGE = 2 * HOUR;
const NOW = NOON + 20 * MINUTE;

const best = reading('DE', 100, { source: 'best' });
const second = reading('DE', 200, { source: 'second' });
const yearly = reading('DE', 300, { source: 'baseline', estimated: true });
const hoursOld = (of: Reading, hours: number): Reading => ({
  ...of,
  validFrom: of.validFrom - hours * HOUR,
  validTo: of.validTo - hours * HOUR,
});

const select = (fetched: readonly Reading[], kept?: Reading) => selectReading(fetched, kept, chain, NOW, AGE);

describe('of several readings', () => {
  it('the first fresh one of the chain counts', () => {
    expect(select([best, yearly])).toEqual({ reading: best, data: 'live' });
    expect(select([hoursOld(best, 5), second])).toEqual({ reading: second, data: 'live' });
  });

  it('a kept one of a better source is not given up for a worse source while it is valid', () => {
    expect(select([second], best)).toEqual({ reading: best, data: 'live' });
  });

  it('a kept one whose hour is over gives way to a worse source that answers', () => {
    expect(select([second], hoursOld(best, 1))).toEqual({ reading: second, data: 'live' });
  });

  it('a kept one of a worse source gives way to the better source at once', () => {
    expect(select([best], second)).toEqual({ reading: best, data: 'live' });
  });

  it('a kept one bridges a failure of all before the yearly average does', () => {
    expect(select([yearly], hoursOld(best, 2))).toEqual({ reading: hoursOld(best, 2), data: 'live' });
    expect(select([yearly], hoursOld(best, 3))).toEqual({ reading: yearly, data: 'baseline' });
  });

  it('the newest is shown as stale when there is not even an average', () => {
    expect(select([], hoursOld(best, 9))).toEqual({ reading: hoursOld(best, 9), data: 'stale' });
    expect(select([hoursOld(second, 8)], hoursOld(best, 9))).toEqual({
      reading: hoursOld(second, 8),
      data: 'stale',
    });
  });

  it('none is none', () => {
    expect(select([])).toBeNull();
  });

  it('a source does not go back in time', () => {
    expect(select([hoursOld(best, 1)], best)).toEqual({ reading: best, data: 'live' });
  });

  it('an estimate does not replace a measurement of the same hour, a revision does', () => {
    const estimate = { ...best, gramsPerKwh: 150, estimated: true };
    const revised = { ...best, gramsPerKwh: 110 };
    expect(select([estimate], best)?.reading).toBe(best);
    expect(select([best], estimate)?.reading).toBe(best);
    expect(select([revised], best)?.reading).toBe(revised);
  });
});

describe('freshness', () => {
  it('ends when the allowed age after the validity has passed', () => {
    const end = NOON + HOUR + AGE;
    expect(isFresh(best, end - 1, AGE)).toBe(true);
    expect(isFresh(best, end, AGE)).toBe(false);
  });
});
