/**
 * How many Jobs KEDA starts in one turn: pure functions.
 *
 * @see https://keda.sh/docs/latest/reference/scaledjob-spec/#scalingstrategy
 */

/** What one trigger of a ScaledJob says. */
export interface JobTrigger {
  readonly active: boolean;
  readonly value: number;
  readonly target: number;
}

export interface JobDemand {
  readonly active: boolean;
  readonly queueLength: number;
  readonly maxValue: number;
}

/**
 * Demand over all triggers. Inactive triggers are skipped, and 0 counts as not set by `min`: that is why `min`
 * is no AND.
 */
export function demandOf(
  triggers: readonly JobTrigger[],
  calculation: string,
  maxReplicaCount: number,
): JobDemand {
  const active = triggers.filter((trigger) => trigger.active);
  const of = ({ value, target }: JobTrigger): JobDemand => ({
    active: true,
    queueLength: value,
    maxValue: Math.min(value / target, maxReplicaCount),
  });
  const first = active[0];
  if (first === undefined) return { active: false, queueLength: 0, maxValue: 0 };
  const demands = active.map(of);
  const sum = (pick: (demand: JobDemand) => number): number =>
    demands.reduce((total, demand) => total + pick(demand), 0);
  let { queueLength, maxValue } = of(first);
  switch (calculation) {
    case 'min':
      queueLength = 0;
      maxValue = 0;
      for (const demand of demands) {
        if (queueLength !== 0 && queueLength <= demand.queueLength) continue;
        ({ queueLength, maxValue } = demand);
      }
      break;
    case 'avg':
      queueLength = sum((demand) => demand.queueLength) / demands.length;
      maxValue = sum((demand) => demand.maxValue) / demands.length;
      break;
    case 'sum':
      queueLength = sum((demand) => demand.queueLength);
      maxValue = sum((demand) => demand.maxValue);
      break;
    default:
      for (const demand of demands) if (demand.maxValue > maxValue) ({ queueLength, maxValue } = demand);
  }
  return { active: true, queueLength, maxValue: Math.min(maxValue, maxReplicaCount) };
}

/** Jobs to create now, by the default strategy. */
export function jobsToCreate(
  { queueLength, maxValue }: JobDemand,
  running: number,
  maxReplicaCount: number,
): number {
  const scale = Math.max(0, Math.ceil(maxValue) - running);
  return Math.max(0, Math.min(Math.ceil(queueLength), scale, maxReplicaCount - running));
}
