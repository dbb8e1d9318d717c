import { type Formula, parseFormula } from '../formula.ts';
import type { Scaler, ScalerMetric } from '../scaler.ts';
import type { HpaMetric, ScaledObject } from '../types.ts';

/** The name under which an HPA asks for what a formula comes to. */
const COMPOSITE = 'composite-metric';

/** A reading of one trigger; `failed` when it could not be read. */
interface Reading {
  readonly metric: string;
  readonly value: number;
  readonly active: boolean;
  readonly failed: boolean;
}

/** What the scale loop and the autoscaler ask about one ScaledObject. */
export interface ObjectScalers {
  readonly scalers: readonly Scaler[];
  /** Metrics for the HPA. @throws Error when a trigger has none or cannot be asked */
  hpaMetrics(): Promise<readonly HpaMetric[]>;
  /** Asks every trigger, as each turn of the scale loop does. */
  poll(): Promise<PollResult>;
  /** The value of an HPA's metric. @throws Error when it cannot be had */
  query(metric: string): Promise<number>;
}

export interface PollResult {
  readonly active: boolean;
  readonly error: boolean;
  readonly readings: readonly Reading[];
}

export function createObjectScalers(object: ScaledObject, scalers: readonly Scaler[]): ObjectScalers {
  const modifiers = object.spec?.advanced?.scalingModifiers ?? {};
  const formula: Formula | undefined =
    modifiers.formula === undefined || modifiers.formula === '' ? undefined : parseFormula(modifiers.formula);
  /** Results of the last poll, for triggers with useCachedMetrics. */
  const cached = new Map<number, Reading>();

  const hpaName = (scaler: Scaler, metric: ScalerMetric): string => `s${scaler.index}-${metric.name}`;

  const metricsOf = async (scaler: Scaler): Promise<readonly ScalerMetric[]> => {
    const metrics = await scaler.metrics();
    if (metrics.some(({ target }) => !(target > 0))) throw new Error('the target must be positive');
    return metrics;
  };

  /** A failed call is repeated once, with the scaler made anew. */
  const readOnce = async (scaler: Scaler): Promise<Reading> => {
    const [metric] = await metricsOf(scaler);
    if (metric === undefined) throw new Error('got empty metric spec');
    const read = await scaler.read(metric.name);
    return { ...read, metric: hpaName(scaler, metric), failed: false };
  };
  const read = async (scaler: Scaler): Promise<Reading> => {
    try {
      return await readOnce(scaler);
    } catch {
      return readOnce(scaler);
    }
  };
  const readSafely = async (scaler: Scaler): Promise<Reading> => {
    try {
      return await read(scaler);
    } catch {
      return { metric: '', value: 0, active: false, failed: true };
    }
  };

  const compose = (apply: Formula, readings: readonly Reading[]): number =>
    apply(
      Object.fromEntries(
        scalers.map(({ trigger }, index) => [
          trigger.name ?? '',
          readings[index]?.failed === false ? readings[index].value : undefined,
        ]),
      ),
    );

  /** Of an HPA's question: from the last poll where the trigger asks for that. */
  const ask = async (scaler: Scaler): Promise<Reading> => {
    const last = scaler.trigger.useCachedMetrics === true ? cached.get(scaler.index) : undefined;
    if (last === undefined) return read(scaler);
    await metricsOf(scaler);
    return last;
  };

  return {
    scalers,
    async hpaMetrics() {
      const all = await Promise.all(
        scalers.map(async (scaler) => ({ scaler, metrics: await metricsOf(scaler) })),
      );
      if (formula !== undefined) {
        const type = modifiers.metricType ?? 'AverageValue';
        return [hpaMetric(object, COMPOSITE, type, Number(modifiers.target ?? 0))];
      }
      return all.flatMap(({ scaler, metrics }) => {
        const type = scaler.trigger.metricType ?? 'AverageValue';
        if (type === 'Utilization')
          throw new Error("metric type 'Utilization' is only supported for CPU and memory");
        return metrics.map((metric) => hpaMetric(object, hpaName(scaler, metric), type, metric.target));
      });
    },
    async poll() {
      const readings = await Promise.all(scalers.map(readSafely));
      readings.forEach((reading, index) => {
        if (reading.failed) cached.clear();
        else cached.set(index, reading);
      });
      const error = readings.some(({ failed }) => failed);
      if (formula === undefined) return { readings, error, active: readings.some(({ active }) => active) };
      // One trigger that fails makes the whole formula inactive, unless it says what to take instead.
      if (error && modifiers.formula?.includes('??') !== true) return { readings, error, active: false };
      return {
        readings,
        error,
        active: compose(formula, readings) > Number(modifiers.activationTarget ?? 0),
      };
    },
    async query(metric) {
      if (formula !== undefined) return compose(formula, await Promise.all(scalers.map(ask)));
      const scaler = scalers.find(({ index }) => metric.startsWith(`s${index}-`));
      if (scaler === undefined) throw new Error(`no metric ${metric}`);
      return (await ask(scaler)).value;
    },
  };
}

function hpaMetric(
  { metadata }: ScaledObject,
  name: string,
  type: 'AverageValue' | 'Value',
  target: number,
): HpaMetric {
  const quantity = Number.isInteger(target) ? String(target) : `${Math.round(target * 1000)}m`;
  const selector = { matchLabels: { 'scaledobject.keda.sh/name': metadata.name } };
  const value = type === 'AverageValue' ? { averageValue: quantity } : { value: quantity };
  return { type: 'External', external: { metric: { name, selector }, target: { type, ...value } } };
}
