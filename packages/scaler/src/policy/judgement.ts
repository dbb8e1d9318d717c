import type { Instant } from '@windvane/carbon-map';
import { type AllowanceRule, allowanceAt, type Allowance as Gate } from '@windvane/controller/engine';
import type { TriggerOptions } from '../trigger/metadata.ts';
import { type NeverReached, neverReached } from './reach.ts';
import type { Series } from './series.ts';

/** What a zone's line says about a rule, whoever asks. */
export interface Judgement {
  readonly gate: Gate;
  readonly neverReached: NeverReached | null;
}

/** Judgements of one instant, by rule: thousands of triggers share few rules. */
const known = new WeakMap<Series, { at: Instant; readonly byRule: Map<string, Judgement> }>();
/** More rules than this for one zone are judged one by one. */
const MOST_RULES = 10_000;

/** Judges the rule of a trigger at an instant. Pure; the same question is answered once. */
export function judgeRule(series: Series, options: TriggerOptions, at: Instant): Judgement {
  const { rule, forecastWindow, hysteresis } = options;
  let cache = known.get(series);
  if (cache === undefined || cache.at !== at) known.set(series, (cache = { at, byRule: new Map() }));
  const value = rule.kind === 'target' ? rule.gramsPerKwh : rule.percent;
  const key = `${rule.kind} ${value} ${forecastWindow} ${hysteresis}`;
  let judgement = cache.byRule.get(key);
  if (judgement === undefined) {
    const gate = allowanceAt(engineRule(options), series.timeline, at);
    const target = rule.kind === 'target' && !gate.allowed ? rule.gramsPerKwh : null;
    judgement = {
      gate,
      neverReached: target === null ? null : neverReached(series, target, forecastWindow),
    };
    if (cache.byRule.size < MOST_RULES) cache.byRule.set(key, judgement);
  }
  return judgement;
}

function engineRule({ rule, forecastWindow: window, hysteresis }: TriggerOptions): AllowanceRule {
  return rule.kind === 'target'
    ? { kind: 'threshold', target: rule.gramsPerKwh, window, hysteresis }
    : { kind: 'percentile', share: rule.percent / 100, window, hysteresis };
}
