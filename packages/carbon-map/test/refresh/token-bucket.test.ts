import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createVirtualClock, MINUTE, SECOND } from '../../src/index.ts';
import { createTokenBucket } from '../../src/refresh/token-bucket.ts';
import { NOON } from '../support/fixtures.ts';

const limit = { key: 'a', requests: 60, per: MINUTE, burst: 5 };

describe('a token bucket', () => {
  it('lets a burst out, then one at a time at its rate', () => {
    const clock = createVirtualClock(NOON);
    const bucket = createTokenBucket(limit, clock);
    for (let i = 0; i < 5; i++) {
      expect(bucket.wait()).toBe(0);
      bucket.take();
    }
    expect(bucket.wait()).toBe(SECOND);
    clock.advance(SECOND / 2);
    expect(bucket.wait()).toBe(SECOND / 2);
    clock.advance(SECOND / 2);
    expect(bucket.wait()).toBe(0);
  });

  it('saves up no more than the burst', () => {
    const clock = createVirtualClock(NOON);
    const bucket = createTokenBucket(limit, clock);
    clock.advance(60 * MINUTE);
    for (let i = 0; i < 5; i++) bucket.take();
    expect(bucket.wait()).toBeGreaterThan(0);
  });

  it('never lets out more than the burst and the rate allow, in whatever rhythm it is asked', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 * SECOND }), { maxLength: 60 }), (pauses) => {
        const clock = createVirtualClock(NOON);
        const bucket = createTokenBucket(limit, clock);
        let out = 0;
        for (const pause of pauses) {
          clock.advance(pause);
          while (bucket.wait() === 0) {
            bucket.take();
            out++;
          }
          // Waiting for as long as it says is enough.
          expect(bucket.wait()).toBeLessThanOrEqual(SECOND);
        }
        expect(out).toBeLessThanOrEqual(5 + (clock.now() - NOON) / SECOND + 1e-6);
      }),
    );
  });
});
