import { describe, expect, it } from 'vitest';
import { createZoneForecaster } from '../../../src/engine/forecast/forecaster.ts';
import { createZoneOutlook } from '../../../src/engine/forecast/outlook.ts';
import { pastForecast } from '../../../src/engine/forecast/past.ts';
import { createRidge } from '../../../src/engine/forecast/ridge.ts';
import { waves } from '../../simulate/fleets.ts';

const START = 455_832; // 2022-01-01T00:00Z in hours since the epoch
const HOURS = 25;

function seriesOf(days: number, seed = 1): number[] {
  return waves(1, days, seed)[0] ?? [];
}

type Published = (hour: number) => ArrayLike<number> | null;

/** Predictions of every hour, with daily published forecasts if asked for. */
function walk(values: readonly number[], published: Published = () => null, lag = 0) {
  const forecaster = createZoneForecaster(HOURS);
  const predictions = values.map((_, index) => {
    const run = published(index);
    if (run !== null) forecaster.publish(START + index, run);
    const known = values[index - lag];
    if (known !== undefined) forecaster.observe(START + index - lag, known);
    return forecaster.predict(START + index);
  });
  return { predictions, errors: forecaster.errors() };
}

/** Mean absolute error some hours ahead, from a day on. */
function missOf(
  values: readonly number[],
  predictions: readonly (Float64Array | null)[],
  ahead: number,
  fromDay: number,
) {
  let sum = 0;
  let count = 0;
  for (let index = fromDay * 24; index + ahead < values.length; index++) {
    sum += Math.abs((predictions[index]?.[ahead] ?? 0) - (values[index + ahead] ?? 0));
    count++;
  }
  return sum / count;
}

const daily =
  (values: readonly number[], say: (value: number) => number): Published =>
  (index) =>
    index % 24 === 0 ? values.slice(index, index + 48).map(say) : null;

describe('createRidge', () => {
  it('finds a linear law and predicts nothing before it was fitted', () => {
    const ridge = createRidge(3);
    const sample = (x: number, y: number) => Float64Array.of(1, x, y);
    expect(ridge.predict(sample(1, 2))).toBe(0);
    for (let i = 0; i < 60_000; i++) {
      const [x, y] = [Math.sin(i), Math.cos(1.7 * i)];
      ridge.add(sample(x, y), 5 + 2 * x - 3 * y);
    }
    ridge.fit();
    expect(ridge.samples).toBe(60_000);
    expect(ridge.predict(sample(0.5, -0.5))).toBeCloseTo(5 + 1 + 1.5, 0);
  });

  it('shrinks towards nothing while it knows little', () => {
    const ridge = createRidge(2);
    for (const x of [-1, 1]) ridge.add(Float64Array.of(0, x), 10 * x);
    ridge.fit();
    expect(Math.abs(ridge.predict(Float64Array.of(0, 1)))).toBeLessThan(0.2);
  });
});

describe('createZoneForecaster', () => {
  const values = seriesOf(60);

  it('knows nothing before a day, then the present exactly', () => {
    const { predictions } = walk(values);
    expect(predictions[22]).toBeNull();
    expect(predictions[23]).not.toBeNull();
    for (let index = 23; index < values.length; index++) expect(predictions[index]?.[0]).toBe(values[index]);
  });

  it('learns to beat the value of the same hour yesterday', () => {
    const { predictions } = walk(values);
    for (const ahead of [1, 6, 20]) {
      let yesterday = 0;
      for (let index = 30 * 24; index < values.length; index++) {
        yesterday += Math.abs((values[index] ?? 0) - (values[index - 24] ?? 0));
      }
      expect(missOf(values, predictions, ahead, 30)).toBeLessThan((0.9 * yesterday) / (30 * 24));
    }
  });

  it('believes a published forecast that is right, and soon not one that is wrong', () => {
    const own = missOf(values, walk(values).predictions, 6, 30);
    const right = walk(
      values,
      daily(values, (value) => value),
    );
    expect(missOf(values, right.predictions, 6, 2)).toBeLessThan(0.1 * own);
    let state = 7;
    const noise = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return (800 * state) / 2 ** 32;
    };
    const wrong = walk(values, daily(values, noise));
    expect(missOf(values, wrong.predictions, 6, 30)).toBeLessThan(1.1 * own);
    const constant = walk(
      values,
      daily(values, () => 300),
    );
    expect(missOf(values, constant.predictions, 6, 30)).toBeLessThan(1.1 * own);
  });

  it('leaves a published forecast that is about as good as habit almost alone', () => {
    const own = walk(values).predictions;
    let state = 7;
    const noise = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32 - 0.5;
    };
    const similar = daily(values, (value) => value + 120 * noise());
    const beside = walk(values, similar).predictions;
    const right = walk(
      values,
      daily(values, (value) => value),
    ).predictions;
    const apart = (others: readonly (Float64Array | null)[]): number =>
      others.slice(40 * 24).reduce((sum, each, index) => {
        return sum + Math.abs((each?.[12] ?? 0) - (own[40 * 24 + index]?.[12] ?? 0));
      }, 0);
    expect(apart(beside)).toBeLessThan(0.15 * apart(right));
  });

  it('does not believe a published forecast before any of it turned out, as after a restart', () => {
    const month = seriesOf(31);
    const begun = 30 * 24;
    // Nonsense, of which nothing was known while the past was learned.
    const nonsense = (index: number) => (index === begun ? Array.from({ length: 48 }, () => 5_000) : null);
    const alone = walk(month).predictions;
    const beside = walk(month, nonsense).predictions;
    for (let hour = 0; hour < 12; hour++) {
      expect(beside[begun + hour]?.[12]).toBe(alone[begun + hour]?.[12]);
    }
  });

  it('predicts by the past alone', () => {
    const turn = 40 * 24;
    const other = seriesOf(60, 99);
    const changed = values.map((value, index) => (index < turn ? value : (other[index] ?? 0)));
    const [one, two] = [walk(values), walk(changed)];
    expect(two.predictions.slice(0, turn)).toEqual(one.predictions.slice(0, turn));
    expect(two.predictions[turn + 1]).not.toEqual(one.predictions[turn + 1]);
  });

  it('tells its errors: none for the present, more further ahead, in the unit of the values', () => {
    const { errors, predictions } = walk(values);
    expect(errors[0]).toBe(0);
    expect(errors[6]).toBeGreaterThan(0);
    const measured = missOf(values, predictions, 6, 45);
    expect(errors[6]).toBeGreaterThan(0.6 * measured);
    expect(errors[6]).toBeLessThan(1.6 * measured);
  });

  it('does not care about the unit', () => {
    const { predictions } = walk(values);
    const { predictions: doubled } = walk(values.map((value) => 4 * value));
    for (const index of [100, 700, 1400]) {
      for (const ahead of [1, 12, 24]) {
        expect(doubled[index]?.[ahead]).toBeCloseTo(4 * (predictions[index]?.[ahead] ?? 0), 4);
      }
    }
  });

  it('predicts the present too when data is late, and fills gaps', () => {
    const { predictions } = walk(values, () => null, 2);
    expect(missOf(values, predictions, 0, 30)).toBeGreaterThan(0);
    const forecaster = createZoneForecaster(HOURS);
    for (const [index, value] of values.entries()) {
      if (index % 50 > 3) forecaster.observe(START + index, value);
      const prediction = forecaster.predict(START + index);
      expect(prediction === null || prediction.every(Number.isFinite)).toBe(true);
    }
  });
});

describe('past forecasts', () => {
  it('hold what changed, hour by hour', () => {
    const past = pastForecast(Float64Array.of(1, 2, 3), [Float64Array.of(5, 5, 9), Float64Array.of(7)]);
    expect(past).toMatchObject({ hours: 3, steps: 2 });
    expect([...past.changes]).toEqual([0, 3, 2, 0, 0, 4]);
  });

  it('are those of the same hour of the days before, without gaps', () => {
    const outlook = createZoneOutlook(HOURS);
    const values = seriesOf(10);
    const counts = values.map((value, index) => {
      outlook.observe(START + index, value);
      return outlook.advance(START + index)?.past.length ?? -1;
    });
    expect(counts[22]).toBe(-1);
    // The first forecast is made in hour 23; a day later, its six revisions are known.
    expect(counts[46]).toBe(0);
    expect(counts[47]).toBe(1);
    expect(counts[47 + 24]).toBe(2);
    expect(counts.at(-1)).toBe(9);
  });
});
