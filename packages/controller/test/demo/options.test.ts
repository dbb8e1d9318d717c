import { describe, expect, it } from 'vitest';
import { UserError } from '../../src/config/user-error.ts';
import { demoOptions } from '../../src/demo/options.ts';

describe('demo options', () => {
  it('has defaults for everything', () => {
    expect(demoOptions({}, false)).toEqual({
      once: false,
      json: false,
      traces: null,
      from: null,
      hours: 72,
      redis: null,
      speed: null,
      port: null,
    });
  });

  it('takes time to be watched only on a terminal without --json', () => {
    expect(demoOptions({}, true).speed).toBe(1.5);
    expect(demoOptions({ json: true }, true).speed).toBeNull();
    expect(demoOptions({ speed: 4, json: true }, true).speed).toBe(4);
  });

  it('reads what the command line parser gives, digits as numbers', () => {
    expect(
      demoOptions(
        {
          once: true,
          json: true,
          traces: 'a.csv',
          from: '2022-06-01T00:00Z',
          hours: 24,
          redis: 'redis://127.0.0.1:6379',
          speed: '2',
          port: 0,
        },
        false,
      ),
    ).toEqual({
      once: true,
      json: true,
      traces: 'a.csv',
      from: Date.UTC(2022, 5, 1),
      hours: 24,
      redis: 'redis://127.0.0.1:6379',
      speed: 2,
      port: 0,
    });
  });

  it.each([
    [{ from: 'tomorrow' }, /^--from: "tomorrow" is not an instant: write RFC 3339/],
    [{ from: 2022 }, /^--from: "2022" is not an instant/],
    [{ hours: 0 }, /^--hours: "0" cannot be used: write a whole number from 1/],
    [{ hours: 1.5 }, /^--hours: "1.5" is not a whole number/],
    [{ hours: 'many' }, /^--hours: "many" cannot be used/],
    [{ hours: [1, 2] }, /^--hours: write it once/],
    [{ speed: 0 }, /^--speed: "0" cannot be used: write hours per second/],
    [{ port: 70_000 }, /^--port: "70000" cannot be used/],
    [{ redis: 'localhost:6379' }, /^--redis: not the address of a Redis: write redis:/],
    [{ traces: true }, /^--traces: write it once, with a value/],
  ])('refuses %j', (raw, message) => {
    expect(() => demoOptions(raw, false)).toThrow(message);
    expect(() => demoOptions(raw, false)).toThrow(UserError);
  });
});
