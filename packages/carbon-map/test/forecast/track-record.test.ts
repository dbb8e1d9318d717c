import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTrackRecord, type TrackRecord } from '../../src/forecast/track-record.ts';
import { type Forecast, HOUR, type Instant } from '../../src/index.ts';
import { forecast, NOON, reading } from '../support/fixtures.ts';

const LEAD = 3 * HOUR;

/** A source that says 300 for every hour, while `grams` comes. */
function watch(record: TrackRecord, grams: number, hours = 40): Forecast {
  const issue = (at: Instant): Forecast =>
    forecast(
      'DE',
      Array.from({ length: 48 }, () => 300),
      at,
    );
  for (let hour = 0; hour < hours; hour++) {
    const at = NOON + hour * HOUR;
    record.observed(reading('DE', grams, { validFrom: at }));
    record.issued(issue(at), at);
  }
  return issue(NOON + hours * HOUR);
}

describe('the record of a source', () => {
  it('tells how far off it was, once enough hours have come', () => {
    const record = createTrackRecord();
    const said = watch(record, 320, 2);
    expect(record.error(said, LEAD)).toBeNull();
    watch(record, 320);
    expect(record.error(said, LEAD)).toBeCloseTo(20, 6);
  });

  it('survives being written down', () => {
    const record = createTrackRecord();
    const said = watch(record, 320);
    const next = createTrackRecord();
    next.restore(record.save());
    expect(next.error(said, LEAD)).toBeCloseTo(20, 1);
    expect(next.save()).toBe(record.save());
  });

  it('takes over only what it does not know better', () => {
    const [short, long] = [createTrackRecord(), createTrackRecord()];
    const said = watch(short, 310, 20);
    watch(long, 350, 60);
    const known = createTrackRecord();
    known.restore(long.save());
    known.restore(short.save());
    expect(known.error(said, LEAD)).toBeCloseTo(50, 1);
    short.restore(long.save());
    expect(short.error(said, LEAD)).toBeCloseTo(50, 1);
  });

  it('is not led astray by text that is none of its own', () => {
    const record = createTrackRecord();
    const said = watch(record, 320);
    const before = record.save();
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        record.restore(text);
        expect(record.save()).toBe(before);
      }),
    );
    record.restore(JSON.stringify([['x', -5, 1], ['y', null, 2], [1, 2, 3], 'z']));
    expect(record.save()).toBe(before);
    expect(record.error(said, LEAD)).toBeCloseTo(20, 6);
  });
});
