import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLockstepClock } from '../../src/demo/lockstep.ts';

const nothing = async (): Promise<void> => {};

describe('lockstep clock', () => {
  it('stands still by itself', () => {
    const clock = createLockstepClock(1_000, 1);
    clock.after(0, () => {
      throw new Error('ran');
    });
    expect(clock.now()).toBe(1_000);
  });

  it('settles after every stop, at the time of the timer', async () => {
    const clock = createLockstepClock(0, 1);
    const log: string[] = [];
    clock.after(30, () => log.push(`b at ${clock.now()}`));
    clock.after(10, () => log.push(`a at ${clock.now()}`));
    await clock.runTo(100, async () => {
      log.push(`settled at ${clock.now()}`);
    });
    expect(log).toEqual(['a at 10', 'settled at 10', 'b at 30', 'settled at 30', 'settled at 100']);
  });

  it('runs timers of one moment in the order in which they were set', async () => {
    const clock = createLockstepClock(0, 1);
    const log: number[] = [];
    for (const id of [3, 1, 2]) clock.after(5, () => log.push(id));
    await clock.runTo(5, nothing);
    expect(log).toEqual([3, 1, 2]);
  });

  it('runs timers within the grain together, the earlier one first', async () => {
    const clock = createLockstepClock(0, 10);
    const log: string[] = [];
    clock.after(12, () => log.push('late'));
    clock.after(5, () => log.push('early'));
    let stops = 0;
    await clock.runTo(12, async () => {
      stops += 1;
    });
    expect(log).toEqual(['early', 'late']);
    expect(stops).toBe(2);
  });

  it('does not run what was cancelled, also by a timer of the same moment', async () => {
    const clock = createLockstepClock(0, 1);
    const log: string[] = [];
    const cancels: (() => void)[] = [];
    clock.after(5, () => {
      log.push('first');
      for (const cancel of cancels) cancel();
    });
    cancels.push(clock.after(5, () => log.push('second')));
    await clock.runTo(10, nothing);
    expect(log).toEqual(['first']);
  });

  it('runs timers that timers set, and keeps those beyond the end', async () => {
    const clock = createLockstepClock(0, 1);
    const ticks: number[] = [];
    const again = (): void => {
      ticks.push(clock.now());
      clock.after(10, again);
    };
    clock.after(10, again);
    await clock.runTo(35, nothing);
    expect(ticks).toEqual([10, 20, 30]);
    await clock.runTo(40, nothing);
    expect(ticks).toEqual([10, 20, 30, 40]);
  });

  it('never goes back and runs every due timer once, in order of time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(1_000), { maxLength: 30 }),
        fc.integer({ min: 1, max: 50 }),
        async (delays, grain) => {
          const clock = createLockstepClock(0, grain);
          const ran: number[] = [];
          for (const delay of delays) clock.after(delay, () => ran.push(delay));
          let last = 0;
          await clock.runTo(1_000, async () => {
            expect(clock.now()).toBeGreaterThanOrEqual(last);
            last = clock.now();
          });
          expect(ran).toEqual(delays.toSorted((a, b) => a - b));
          expect(clock.now()).toBe(1_000);
        },
      ),
    );
  });
});
