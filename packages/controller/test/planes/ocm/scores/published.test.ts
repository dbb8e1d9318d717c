import { HOUR, MINUTE } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../src/kube/resource.ts';
import {
  carbonScore,
  defaultScale,
  publishedChange,
  publishedStatus,
  untilRenewal,
  validUntil,
} from '../../../../src/planes/ocm/scores/published.ts';

const NOW = Date.parse('2026-03-01T01:30:00Z');

function stored(value: number, until: string | null = validUntil(NOW)): KubeObject {
  const status = { scores: [{ name: 'carbon', value }], ...(until === null ? {} : { validUntil: until }) };
  return { metadata: { name: 'windvane', namespace: 'c1' }, status };
}

describe('carbonScore', () => {
  it('falls from 100 to 0 between fixed bounds, and no further', () => {
    const scores = [-5, 0, 200, 400, 800, 1200].map((grams) => carbonScore(grams, defaultScale));
    expect(scores).toEqual([100, 100, 75, 50, 0, 0]);
  });

  it('is 0 for what is not known: never better than any that is', () => {
    expect(carbonScore(null, defaultScale)).toBe(0);
  });

  it('keeps to bounds of the configuration', () => {
    const scale = { cleanGramsPerKwh: 100, dirtyGramsPerKwh: 300, deadBand: 5 };
    expect([50, 100, 200, 300].map((grams) => carbonScore(grams, scale))).toEqual([100, 100, 50, 0]);
  });
});

describe('validUntil', () => {
  it('lies twelve hours after the last sixth hour, for everybody', () => {
    expect(validUntil(NOW)).toBe('2026-03-01T12:00:00Z');
    expect(validUntil(NOW + 4 * HOUR)).toBe('2026-03-01T12:00:00Z');
    expect(validUntil(NOW + 5 * HOUR)).toBe('2026-03-01T18:00:00Z');
  });

  it('always leaves at least six hours', () => {
    for (let at = NOW; at < NOW + 24 * HOUR; at += 7 * MINUTE) {
      expect(Date.parse(validUntil(at)) - at).toBeGreaterThanOrEqual(6 * HOUR);
      expect(validUntil(at + untilRenewal(at))).not.toBe(validUntil(at));
      expect(validUntil(at + untilRenewal(at) - 1)).toBe(validUntil(at));
    }
  });
});

describe('publishedChange', () => {
  const change = (object: KubeObject | undefined, grams: number | null, now = NOW, frozen = false) =>
    publishedChange(object, grams, defaultScale, now, frozen);

  it('writes the first score', () => {
    expect(change(undefined, 400)).toMatchObject({ kind: 'score', value: 50 });
  });

  it('lets a score be that trembles within the dead band', () => {
    expect(change(stored(50), 400 + 4 * 8)).toBeNull();
    expect(change(stored(50), 400 - 4 * 8)).toBeNull();
    expect(change(stored(50), 400 + 5 * 8)).toMatchObject({ kind: 'score', value: 45 });
  });

  it('writes at once that data are lost, and that they are back', () => {
    expect(change(stored(3), null)).toMatchObject({ kind: 'score', value: 0 });
    expect(change(stored(0), null)).toBeNull();
    expect(change(stored(0), 400)).toMatchObject({ kind: 'score', value: 50 });
  });

  it('renews what stands, with the value that stands', () => {
    expect(change(stored(52), 400, NOW + 6 * HOUR)).toEqual({
      kind: 'renewal',
      value: 52,
      validUntil: '2026-03-01T18:00:00Z',
    });
  });

  it('gives an end to a score that has none', () => {
    expect(change(stored(50, null), 400)).toMatchObject({ kind: 'renewal', value: 50 });
  });

  it('only renews while everything is frozen', () => {
    expect(change(undefined, 400, NOW, true)).toBeNull();
    expect(change(stored(90), 400, NOW, true)).toBeNull();
    expect(change(stored(90), 400, NOW + 6 * HOUR, true)).toMatchObject({ kind: 'renewal', value: 90 });
  });

  it('says it in the form of the status', () => {
    const first = change(undefined, 0);
    expect(first === null ? null : publishedStatus(first)).toEqual({
      scores: [{ name: 'carbon', value: 100 }],
      validUntil: '2026-03-01T12:00:00Z',
    });
  });
});
