import { describe, expect, it } from 'vitest';
import { simulateOptions } from '../../src/cli/simulate.ts';
import { UserError } from '../../src/config/user-error.ts';

const required = { traces: 'a.csv', clusters: 'a=DE' };

describe('simulate options', () => {
  it('reads them all', () => {
    expect(
      simulateOptions({
        traces: 'a.csv',
        forecasts: 'f.csv.gz',
        clusters: 'a=DE, b=FR,ES',
        moveCost: '45m',
        maxShare: '50',
        dataLag: '1h',
        from: '2022-06-01T00:00Z',
        to: '2022-07-01T00:00Z',
        profile: 'production',
        replicas: '12',
      }),
    ).toEqual({
      traces: 'a.csv',
      forecasts: 'f.csv.gz',
      clusters: [
        { name: 'a', zone: 'DE' },
        { name: 'b', zone: 'FR' },
        { name: 'ES', zone: 'ES' },
      ],
      moveCost: 2_700_000,
      maxSharePercent: 50,
      dataLag: 3_600_000,
      from: Date.UTC(2022, 5, 1),
      to: Date.UTC(2022, 6, 1),
      profile: 'production',
      replicas: 12,
    });
  });

  it('leaves out what was not written', () => {
    expect(simulateOptions(required)).toEqual({ traces: 'a.csv', clusters: [{ name: 'a', zone: 'DE' }] });
  });

  it.each([
    [{ clusters: 'a=DE' }, /--traces is missing/],
    [{ traces: 'a.csv' }, /--clusters is missing/],
    [{ ...required, clusters: 'a=' }, /--clusters: "a=" cannot be read/],
    [{ ...required, clusters: 'a=DE,,b=FR' }, /--clusters: "" cannot be read/],
    [{ ...required, clusters: 'a=DE,a=FR' }, /the name "a" stands twice/],
    [{ ...required, moveCost: 'soon' }, /--move-cost: "soon" is not a duration/],
    [{ ...required, maxShare: '0' }, /--max-share: "0" cannot be used: write a whole number from 1 to 100/],
    [{ ...required, from: 'June' }, /--from: "June" is not an instant/],
    [{ ...required, profile: 'real' }, /--profile: "real" is unknown/],
  ])('refuses %j', (written, message) => {
    expect(() => simulateOptions(written)).toThrow(message);
    expect(() => simulateOptions(written)).toThrow(UserError);
  });
});
