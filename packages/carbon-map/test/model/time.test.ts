import * as fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  combinedQuality,
  createVirtualClock,
  DAY,
  HOUR,
  MINUTE,
  pairName,
  parseInstant,
  SECOND,
  samePair,
  startOfHour,
  systemClock,
} from '../../src/index.ts';
import { AVERAGE_DIRECT, AVERAGE_LIFECYCLE, MARGINAL_DIRECT, NOON } from '../support/fixtures.ts';

describe('reading an instant', () => {
  it.each([
    ['2022-06-01T12:00:00Z', NOON],
    ['2022-06-01T12:00Z', NOON],
    ['2022-06-01 12:00:00Z', NOON],
    ['2022-06-01T12:00:00.123456Z', NOON],
    ['2022-06-01T14:00:00+02:00', NOON],
    ['2022-06-01T07:30:00-0430', NOON],
    ['2022-06-01t12:00:00z', NOON],
  ])('takes %s', (text, expected) => {
    expect(parseInstant(text)).toBe(expected);
  });

  it.each([
    '',
    'today',
    '2022-06-01',
    '2022-06-01T12:00:00',
    '2022-02-30T12:00:00Z',
    '2022-13-01T12:00:00Z',
    '2022-06-01T24:00:00Z',
    '2022-06-01T12:60:00Z',
    '1654084800',
    '2022-06-01T12:00:00Z and more',
  ])('refuses %j', (text) => {
    expect(parseInstant(text)).toBeNull();
  });

  it('reads back every whole second that was written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000 }), (seconds) => {
        expect(parseInstant(new Date(seconds * SECOND).toISOString())).toBe(seconds * SECOND);
      }),
    );
  });
});

describe('the start of the hour', () => {
  it('is at or before, by less than an hour', () => {
    expect(startOfHour(NOON + 59 * MINUTE)).toBe(NOON);
    expect(startOfHour(NOON)).toBe(NOON);
  });
});

describe('the virtual clock', () => {
  it('runs tasks in order of time, and of their making when due together', () => {
    const clock = createVirtualClock(NOON);
    const ran: string[] = [];
    clock.after(20, () => ran.push(`late at ${clock.now() - NOON}`));
    clock.after(10, () => ran.push(`first at ${clock.now() - NOON}`));
    clock.after(10, () => ran.push(`second at ${clock.now() - NOON}`));
    clock.advance(15);
    expect(ran).toEqual(['first at 10', 'second at 10']);
    clock.advance(5);
    expect(ran).toEqual(['first at 10', 'second at 10', 'late at 20']);
    expect(clock.now()).toBe(NOON + 20);
  });

  it('runs what a task begins on the way, when it falls due in time', () => {
    const clock = createVirtualClock(0);
    const ran: number[] = [];
    const again = (): void => {
      ran.push(clock.now());
      clock.after(10, again);
    };
    clock.after(10, again);
    clock.advanceTo(35);
    expect(ran).toEqual([10, 20, 30]);
  });

  it('forgets cancelled tasks and never goes back', () => {
    const clock = createVirtualClock(NOON);
    let ran = false;
    const cancel = clock.after(HOUR, () => (ran = true));
    cancel();
    clock.advance(2 * HOUR);
    clock.advanceTo(NOON);
    expect(ran).toBe(false);
    expect(clock.now()).toBe(NOON + 2 * HOUR);
  });
});

describe("the machine's clock", () => {
  it('waits out a delay that is longer than a timer of the platform', () => {
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const ran: string[] = [];
    systemClock.after(60 * DAY, () => ran.push('late'));
    const cancel = systemClock.after(60 * DAY, () => ran.push('cancelled'));
    vi.advanceTimersByTime(60 * DAY - 1);
    cancel();
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ran).toEqual(['late']);
  });
});

describe('pairs and qualities', () => {
  it('agree only in both parts', () => {
    expect(samePair(AVERAGE_DIRECT, { ...AVERAGE_DIRECT })).toBe(true);
    expect(samePair(AVERAGE_DIRECT, AVERAGE_LIFECYCLE)).toBe(false);
    expect(samePair(AVERAGE_DIRECT, MARGINAL_DIRECT)).toBe(false);
    expect(pairName(MARGINAL_DIRECT)).toBe('marginal/direct');
  });

  it.each([
    [['live', 'live'], 'live'],
    [['baseline', null], 'baseline'],
    [['live', 'baseline'], 'mixed'],
    [['live', 'stale'], 'mixed'],
    [[null], 'stale'],
    [[], 'stale'],
  ] as const)('%j together are %s', (states, expected) => {
    expect(combinedQuality(states)).toBe(expected);
  });
});
