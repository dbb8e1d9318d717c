import { FEATURES, fillFeatures, habitual, type Known, nowcast, originOf } from './features.ts';
import { createRidge, type Ridge } from './ridge.ts';

/** Learns one zone from its own past and from published forecasts, one hour at a time. */
export interface ZoneForecaster {
  /** The actual value of an hour (counted from the Unix epoch). Hours ascend; a gap is filled with the last value. */
  observe(hour: number, gramsPerKwh: number): void;
  /** A forecast that somebody published for the hours from `firstHour` on. */
  publish(firstHour: number, values: ArrayLike<number>): void;
  /**
   * The expected values of `now` and the hours after it, from what was observed and published so far. Called once per
   * hour, ascending; the forecaster learns from how its answers turned out. Null while less than a day is known.
   */
  predict(now: number): Float64Array | null;
  /** Expected absolute error of each hour that `predict` answers, from how it went in the last weeks. */
  errors(): Float64Array;
}

const FIRST_FIT = 48;
const REFIT_HOURS = 24;
/** Days over which the accuracy of the two models is compared. */
const TRUST_DAYS = 14;

/** How many times smaller a published forecast's mean square error has to be for half of the trust. */
const CLEARLY_BETTER = 2;
/** How fast trust changes around that ratio. */
const SHARPNESS = 4;
/** Hours that must have turned out before the error of published forecasts says anything: none have after a restart. */
const JUDGED_FROM = 20;

/** One way to predict: a base and a regression per hour ahead on what the base got wrong. */
interface Model {
  readonly ridges: readonly Ridge[];
  readonly error: Float64Array;
  readonly weight: Float64Array;
}

interface Prediction {
  readonly now: number;
  readonly features: readonly Float64Array[];
  readonly start: Float64Array;
  readonly value: Float64Array;
}

/** @param hours how many hours `predict` answers, the present one included. */
export function createZoneForecaster(hours: number): ZoneForecaster {
  const actuals: number[] = [];
  let firstHour = Number.NaN;
  const published = new Map<number, number>();
  const models = { habit: createModel(hours), published: createModel(hours) };
  const pending: { habit: Prediction; published: Prediction | null }[] = [];

  const newest = () => firstHour + actuals.length - 1;
  const actual = (hour: number) =>
    actuals[Math.min(actuals.length - 1, Math.max(0, hour - firstHour))] ?? Number.NaN;

  const learn = (hour: number, value: number) => {
    while (pending.length > 0 && (pending[0]?.habit.now ?? 0) + hours <= hour) pending.shift();
    for (const entry of pending) {
      const ahead = hour - entry.habit.now;
      if (ahead < 0) break;
      teach(models.habit, entry.habit, ahead, value);
      if (entry.published !== null) teach(models.published, entry.published, ahead, value);
    }
  };

  return {
    observe(hour, gramsPerKwh) {
      if (actuals.length === 0) firstHour = hour;
      while (newest() < hour - 1) {
        const filled = actuals.at(-1) ?? gramsPerKwh;
        actuals.push(filled);
      }
      if (hour <= newest()) return;
      actuals.push(gramsPerKwh);
      learn(hour, gramsPerKwh);
    },
    publish(first, values) {
      for (let index = 0; index < values.length; index++) {
        const value = values[index];
        if (value !== undefined && Number.isFinite(value)) published.set(first + index, value);
      }
    },
    predict(now) {
      if (actuals.length < 24) return null;
      const origin = newest();
      const known: Known = { origin, actual, published: (hour) => published.get(hour) ?? Number.NaN };
      const habit = predictBy(models.habit, known, now, hours, (hour) =>
        habitual(known, hour, Math.min(hour - 1, origin)),
      );
      const usable = [0, 1, 2].every((back) => Number.isFinite(known.published(origin - back)));
      const followed = usable ? predictBy(models.published, known, now, hours, known.published) : null;
      pending.push({ habit, published: followed });
      published.delete(origin - 2 * WEEK);
      return blend(models, habit, followed, hours);
    },
    errors: () => Float64Array.from({ length: hours }, (_, ahead) => expectedError(models, ahead)),
  };
}

const WEEK = 168;

function createModel(hours: number): Model {
  return {
    ridges: Array.from({ length: hours }, () => createRidge(FEATURES)),
    error: new Float64Array(hours),
    weight: new Float64Array(hours),
  };
}

function predictBy(
  model: Model,
  known: Known,
  now: number,
  hours: number,
  base: (hour: number) => number,
): Prediction {
  const from = originOf(known, base);
  const features: Float64Array[] = [];
  const start = new Float64Array(hours);
  const value = new Float64Array(hours);
  for (let ahead = 0; ahead < hours; ahead++) {
    const hour = now + ahead;
    const into = new Float64Array(FEATURES);
    features.push(into);
    if (hour <= known.origin) {
      start[ahead] = known.actual(hour);
      value[ahead] = known.actual(hour);
      continue;
    }
    const expected = base(hour);
    fillFeatures(into, known, from, hour, expected, habitual(known, hour, known.origin));
    start[ahead] = nowcast(expected, from.deviation, hour - known.origin);
    const corrected = (start[ahead] ?? 0) + (model.ridges[ahead]?.predict(into) ?? 0);
    value[ahead] = Math.max(0, corrected);
  }
  return { now, features, start, value };
}

function teach(model: Model, prediction: Prediction, ahead: number, value: number): void {
  const features = prediction.features[ahead];
  const ridge = model.ridges[ahead];
  const start = prediction.start[ahead] ?? Number.NaN;
  if (features === undefined || ridge === undefined || !Number.isFinite(start)) return;
  if (features[0] !== 0) {
    ridge.add(features, value - start);
    if (ridge.samples >= FIRST_FIT && ridge.samples % REFIT_HOURS === 0) ridge.fit();
  }
  const keep = 1 - 1 / (24 * TRUST_DAYS);
  const miss = (prediction.value[ahead] ?? 0) - value;
  model.error[ahead] = keep * (model.error[ahead] ?? 0) + miss * miss;
  model.weight[ahead] = keep * (model.weight[ahead] ?? 0) + 1;
}

/**
 * Leans on a published forecast only where, corrected, it is clearly better than what the zone's own past says: equal
 * trust at half the recent mean square error, nearly none above it. On recorded grids, forecasts that were only about
 * as good and blended in by their errors made decisions worse: what decides is the difference between zones.
 */
function blend(
  models: { habit: Model; published: Model },
  habit: Prediction,
  followed: Prediction | null,
  hours: number,
): Float64Array {
  const result = new Float64Array(hours);
  for (let ahead = 0; ahead < hours; ahead++) {
    const own = habit.value[ahead] ?? 0;
    const theirs = followed?.value[ahead] ?? Number.NaN;
    if (!Number.isFinite(theirs)) {
      result[ahead] = own;
      continue;
    }
    const trust = trustIn(models, ahead);
    result[ahead] = trust * theirs + (1 - trust) * own;
  }
  return result;
}

/** Part of the blend that a published forecast gets, by its mean square error and that of habit. */
function trustIn(models: { habit: Model; published: Model }, ahead: number): number {
  const habit = meanSquare(models.habit, ahead);
  if (habit === 0 || (models.published.weight[ahead] ?? 0) < JUDGED_FROM) return 0;
  return 1 / (1 + ((CLEARLY_BETTER * meanSquare(models.published, ahead)) / habit) ** SHARPNESS);
}

/** Mean absolute error over root mean square error of a normal distribution. */
const ABSOLUTE_PER_SQUARE = Math.sqrt(2 / Math.PI);

/** The errors of both models, as far as the blend leans on each. */
function expectedError(models: { habit: Model; published: Model }, ahead: number): number {
  const own = meanSquare(models.habit, ahead);
  const published = meanSquare(models.published, ahead);
  const trust = trustIn(models, ahead);
  return ABSOLUTE_PER_SQUARE * Math.sqrt(trust * published + (1 - trust) * own);
}

function meanSquare(model: Model, ahead: number): number {
  const weight = model.weight[ahead] ?? 0;
  return weight > 0 ? (model.error[ahead] ?? 0) / weight : 0;
}
