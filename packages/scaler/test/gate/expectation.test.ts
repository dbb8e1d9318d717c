import { DAY, HOUR } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { createExpect } from '../../src/gate/expectation.ts';
import type { ZoneOutlook } from '../../src/policy/snapshot.ts';
import { NOW, outlook } from '../support/outlooks.ts';

/** Clean for the first six hours of every day. */
const truth = (at: number): number => (at % DAY < 6 * HOUR ? 100 : 400);
const expectation = createExpect;

function known(at: number, days: number, more: Parameters<typeof outlook>[0] = {}): ZoneOutlook {
  const past = Array.from({ length: days * 24 }, (_, hour) => truth(at - (days * 24 - hour) * HOUR));
  // Published is nothing of what is going to happen.
  const ahead = Array.from({ length: 48 }, () => 250);
  return outlook({ at, past, present: truth(at), ahead, ...more });
}
const never = (error: unknown): void => {
  throw error;
};

describe('what the gate expects', () => {
  it('is learned from the past, and goes on with the published forecast where that ends', async () => {
    const expected = await expectation(never)(known(NOW, 30), NOW);
    const points = expected?.points ?? [];
    expect(points.map(({ at }) => at)).toEqual(Array.from({ length: 49 }, (_, hour) => NOW + hour * HOUR));
    for (const { at, gramsPerKwh } of points.slice(0, 25))
      expect(Math.abs(gramsPerKwh - truth(at))).toBeLessThan(40);
    expect(points.at(-1)?.gramsPerKwh).toBe(250);
  });

  it('is nothing without a past of three days, a reading of the last half day, or more than a yearly average', async () => {
    const of = (from: ZoneOutlook, at = NOW) => expectation(never)(from, at);
    expect(await of(known(NOW, 3))).not.toBeNull();
    expect(await of(known(NOW, 2))).toBeNull();
    expect(await of(known(NOW, 30, { past: [] }))).toBeNull();
    expect(await of(known(NOW, 30), NOW + 12 * HOUR)).not.toBeNull();
    expect(await of(known(NOW, 30), NOW + 12 * HOUR + 1)).toBeNull();
    expect(await of(known(NOW, 30, { present: null }))).toBeNull();
    expect(await of(known(NOW, 30, { data: 'baseline' }))).toBeNull();
  });

  it('is the same for who followed by the hour, for who did not look for hours, and for who comes anew', async () => {
    const [followed, absent] = [expectation(never), expectation(never)];
    await absent(known(NOW, 10), NOW);
    for (let hour = 0; hour < 5; hour++) await followed(known(NOW + hour * HOUR, 10), NOW + hour * HOUR);
    const at = NOW + 5 * HOUR;
    const anew = await expectation(never)(known(at, 10), at);
    expect(await absent(known(at, 10), at)).toEqual(anew);
    const own = (await followed(known(at, 10), at))?.points.slice(0, 25) ?? [];
    for (const { at: hour, gramsPerKwh } of own) expect(Math.abs(gramsPerKwh - truth(hour))).toBeLessThan(60);
  });

  it('learns anew when the clock is set back', async () => {
    const expecting = expectation(never);
    await expecting(known(NOW, 10), NOW);
    const back = NOW - 7 * HOUR;
    expect((await expecting(known(back, 10), back))?.points[0]?.at).toBe(back);
  });
});
