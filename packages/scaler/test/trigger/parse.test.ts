import { HOUR } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { parseMetadata } from '../../src/trigger/parse.ts';

const founding = {
  metricType: 'carbonIntensity',
  targetValue: '150',
  location: 'us-east-1',
  forecastWindow: '1h',
};

/** The messages about one wrong value beside an otherwise good trigger. */
function messages(changes: Readonly<Record<string, string>>): readonly string[] {
  return parseMetadata({ ...founding, ...changes }).problems.map(({ message }) => message);
}

describe('parseMetadata', () => {
  it('reads the founding example', () => {
    const { options, problems } = parseMetadata(founding);
    expect(problems).toEqual([]);
    expect(options).toEqual({
      location: 'us-east-1',
      rule: { kind: 'target', gramsPerKwh: 150 },
      forecastWindow: HOUR,
      maxDelay: null,
      minRun: HOUR,
      hysteresis: 0.05,
      maxReplicas: null,
      onMissingData: 'keep',
    });
  });

  it('reads every key', () => {
    const { options, problems } = parseMetadata({
      location: ' de ',
      percentile: '30 %',
      forecastWindow: '0',
      maxDelay: '12h',
      minRun: '90m',
      hysteresis: '2.5',
      maxReplicas: '10',
      onMissingData: 'pause',
    });
    expect(problems).toEqual([]);
    expect(options).toEqual({
      location: 'de',
      rule: { kind: 'percentile', percent: 30 },
      forecastWindow: 0,
      maxDelay: 12 * HOUR,
      minRun: 1.5 * HOUR,
      hysteresis: 0.025,
      maxReplicas: 10,
      onMissingData: 'pause',
    });
  });

  it("leaves KEDA's own keys and the mark of admission alone", () => {
    expect(
      messages({
        scalerAddress: 'windvane:6000',
        enableTLS: 'true',
        caCert: 'x',
        windvaneInjected: 'maxReplicas',
      }),
    ).toEqual([]);
  });

  it.each([
    [
      { targetValue: 'abc' },
      'targetValue must be a number of grams per kWh above 0, for example "150", got "abc"',
    ],
    [
      { targetValue: '0' },
      'targetValue must be a number of grams per kWh above 0, for example "150", got "0"',
    ],
    [
      { targetValue: '150g' },
      'targetValue must be a number of grams per kWh above 0, for example "150", got "150g"',
    ],
    [
      { targetValue: '1e3' },
      'targetValue must be a number of grams per kWh above 0, for example "150", got "1e3"',
    ],
    [
      { targetValue: '-1' },
      'targetValue must be a number of grams per kWh above 0, for example "150", got "-1"',
    ],
    [
      { targetValue: '0x10' },
      'targetValue must be a number of grams per kWh above 0, for example "150", got "0x10"',
    ],
    [
      { targetValue: 'Infinity' },
      'targetValue must be a number of grams per kWh above 0, for example "150", got "Infinity"',
    ],
    [
      { forecastWindow: '1 hour' },
      'forecastWindow must be a duration up to 24h, for example 1h, got "1 hour"',
    ],
    [{ forecastWindow: '25h' }, 'forecastWindow must be a duration up to 24h, for example 1h, got "25h"'],
    [{ maxDelay: '8d' }, 'maxDelay must be a duration from 1m to 7d, for example 12h, got "8d"'],
    [{ minRun: '30s' }, 'minRun must be a duration from 1m to 24h, for example 1h, got "30s"'],
    [{ hysteresis: '51' }, 'hysteresis must be a percentage from 0 to 50, got "51"'],
    [{ maxReplicas: '1.5' }, 'maxReplicas must be a whole number of replicas, got "1.5"'],
    [{ onMissingData: 'stop' }, 'onMissingData must be one of keep, run, pause, got "stop"'],
    [{ metricType: 'price' }, 'metricType must be carbonIntensity, got "price"'],
    [{ percentile: '30' }, 'percentile stands beside targetValue: keep one of the two'],
    [{ targetvalue: '1' }, '"targetvalue" is not a key of this trigger: did you mean targetValue?'],
  ])('names the key, what was written and the remedy: %j', (changes, message) => {
    expect(messages(changes)).toEqual([message]);
  });

  it('needs a rule', () => {
    const { options, problems } = parseMetadata({ location: 'de' });
    expect(options).toBeNull();
    expect(problems.map(({ message }) => message)).toEqual([
      'targetValue is missing: write grams per kWh, for example "150", or percentile: "30"',
    ]);
  });

  it('follows a trigger whose mistake leaves its rule whole', () => {
    expect(parseMetadata({ ...founding, hysteresis: 'x', colour: 'green' }).options?.hysteresis).toBe(0.05);
  });

  it.each([{ targetValue: '1e3' }, { maxDelay: 'soon' }, { location: ' ' }, { metricType: 'x' }])(
    'does not follow one whose rule, place or longest delay is in doubt: %j',
    (changes) => {
      expect(parseMetadata({ ...founding, ...changes }).options).toBeNull();
    },
  );

  it('bounds what it repeats', () => {
    expect(messages({ targetValue: 'x'.repeat(5_000) })[0]?.length).toBeLessThan(150);
  });
});
