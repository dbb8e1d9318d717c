import type { Instant } from '@windvane/carbon-map';
import { type CostTerms, costModel } from './cost.ts';
import type { ClusterOption } from './problem.ts';
import {
  createTimeline,
  expectedAt,
  stepStarts,
  type Timeline,
  type ZoneKnowledge,
  zoneTimeline,
} from './timeline.ts';

/** What a run in one cluster meets. */
export interface ClusterTimelines {
  /** In the objective's unit, per hour. */
  readonly costs: Timeline;
  /** In gCO2eq per kWh, PUE included. */
  readonly grams: Timeline;
}

const HOUR_MS = 3_600_000;

interface Remembered {
  readonly terms: CostTerms;
  readonly until: Instant;
  readonly timelines: ClusterTimelines | null;
}

/** Many jobs are judged against the same clusters: remembered for as long as the option lives. */
const memory = new WeakMap<ClusterOption, Remembered>();

/** Null without data, or without a price that the objective needs. */
export function clusterTimelines(
  terms: CostTerms,
  option: ClusterOption,
  until: Instant,
): ClusterTimelines | null {
  const known = memory.get(option);
  if (known !== undefined && known.until >= until && sameTerms(known.terms, terms)) return known.timelines;
  const timelines = makeTimelines(terms, option, until);
  const { at, objective, forecastResolution, carbonPricePerKg, wattsPerReplica } = terms;
  memory.set(option, {
    terms: { at, objective, forecastResolution, carbonPricePerKg, wattsPerReplica },
    until,
    timelines,
  });
  return timelines;
}

function makeTimelines(terms: CostTerms, option: ClusterOption, until: Instant): ClusterTimelines | null {
  const model = costModel(terms, option);
  if (model === null || option.zone === null || option.gramsPerKwh === null) return null;
  const { at, forecastResolution: resolution } = terms;
  const zone: ZoneKnowledge = { at, gramsPerKwh: option.gramsPerKwh, forecast: option.forecast, resolution };
  const grams = zoneTimeline(zone, until);
  if (terms.objective === 'carbon') return { costs: grams, grams };
  const hourOfNow = Math.floor(at / HOUR_MS);
  const starts = new Set([at, ...stepStarts(zone, until)]);
  for (let hour = hourOfNow + 1; hour * HOUR_MS < until; hour++) starts.add(hour * HOUR_MS);
  const steps = [...starts]
    .sort((a, b) => a - b)
    .map((start) => {
      const hour = Math.floor(start / HOUR_MS) - hourOfNow;
      return { at: start, value: model.fixed(hour) + model.perGram * expectedAt(zone, start) };
    });
  return { costs: createTimeline(steps, until), grams };
}

function sameTerms(a: CostTerms, b: CostTerms): boolean {
  return (
    a.at === b.at &&
    a.objective === b.objective &&
    a.forecastResolution === b.forecastResolution &&
    a.carbonPricePerKg === b.carbonPricePerKg &&
    a.wattsPerReplica === b.wattsPerReplica
  );
}
