import { describe, expect, it } from 'vitest';
import { NO_TRACES, readTrace } from '../support/traces.ts';
import { runGate } from './support/run.ts';

describe.skipIf(NO_TRACES !== '')(`the Job gate on a real grid${NO_TRACES}`, () => {
  it('is never late, lets every Job go once, and runs them cleaner', async () => {
    const outcome = await runGate({
      trace: readTrace('DE'),
      from: Date.parse('2022-05-10T00:00:00Z'),
      hours: 12,
      jobs: 30,
      seed: 7,
    });
    expect(outcome).toMatchObject({
      jobs: 30,
      released: 30,
      late: 0,
      suspendedAgain: 0,
      releasedTwice: 0,
      foreignTouched: 0,
      foreignTold: 2,
    });
    expect(outcome.restarts).toBeGreaterThan(1);
    expect(outcome.gate).toBeLessThan(outcome.atOnce);
    expect(outcome.gate).toBeGreaterThanOrEqual(outcome.clairvoyant);
  }, 120_000);
});
