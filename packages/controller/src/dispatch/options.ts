import type { CarbonMap } from '@windvane/carbon-map';
import type { ClusterOption } from '../engine/problem.ts';
import type { UnitOptions } from '../optin/options.ts';
import { type CandidateContext, clusterOption } from '../planes/karmada/candidates.ts';
import type { MemberCluster } from '../planes/karmada/member.ts';
import type { Unit } from '../planes/karmada/unit.ts';

/** What judging a Job's clusters depends on. */
export interface OptionContext extends Omit<CandidateContext, 'map'> {
  /** Null before the first. */
  readonly map: CarbonMap | null;
}

const noMap = (at: number): CarbonMap => ({
  version: 0,
  at,
  pair: { signal: 'average', basis: 'lifecycle' },
  pairSince: null,
  zones: {},
});

/**
 * A cluster as the engine sees it for one Job. Room is told apart, hour by hour.
 * @param due the Job waits no longer: the last that is known of a zone, however old, is better than nothing.
 */
export function jobOption(
  member: MemberCluster,
  unit: Unit,
  options: UnitOptions,
  context: OptionContext,
  due: boolean,
): ClusterOption {
  const map = context.map ?? noMap(context.now);
  const option = { ...clusterOption(member, unit, options, { ...context, map }), headroomReplicas: null };
  const state = option.zone === null ? undefined : map.zones[option.zone];
  const reading = state?.reading ?? null;
  if (reading === null) return option;
  if (option.gramsPerKwh === null) {
    return due ? { ...option, gramsPerKwh: reading.gramsPerKwh * member.place.pue } : option;
  }
  // Of an hour that has no reading yet its forecast knows more than the hour before.
  const resolution = (context.outlook.expectation(reading.zone) ?? state?.forecast)?.resolution ?? 0;
  const { now } = context;
  const expected = option.forecast.find(({ at }) => at <= now && now < at + resolution);
  return expected === undefined || now < reading.validTo
    ? option
    : { ...option, gramsPerKwh: expected.gramsPerKwh };
}
