import { type Condition, setCondition } from '../../runtime/conditions.ts';
import type { ManifestStatus } from '../types.ts';

/** How conditions that come of condition rules are told from the others. */
const RULE_REASON_PREFIX = 'ConditionRule';

function ofRule({ reason }: Condition): boolean {
  return reason.startsWith(RULE_REASON_PREFIX);
}

interface Counts {
  readonly True: number;
  readonly False: number;
  readonly Unknown: number;
}

type Verdict = Pick<Condition, 'status' | 'reason' | 'message'>;

function available({ True, False, Unknown }: Counts, total: number): Verdict {
  if (False > 0) {
    const message = `${False} of ${total} resources are not available`;
    return { status: 'False', reason: 'ResourcesNotAvailable', message };
  }
  const unknown = { status: 'Unknown', reason: 'ResourcesStatusUnknown' } as const;
  if (Unknown > 0) return { ...unknown, message: `${Unknown} of ${total} resources have unknown status` };
  if (True === 0) return { ...unknown, message: 'cannot get any available resource ' };
  return { status: 'True', reason: 'ResourcesAvailable', message: 'All resources are available' };
}

function fromRules(type: string, { True, False, Unknown }: Counts, messages: readonly string[]): Verdict {
  const total = True + False + Unknown;
  const [only] = messages;
  const message =
    total === 1 && only !== undefined && only !== '' ? only : `Aggregated from ${total} manifest conditions`;
  const reason = 'ConditionRulesAggregated';
  if (type === 'Progressing') {
    return { status: True > 0 ? 'True' : Unknown > 0 ? 'Unknown' : 'False', reason, message };
  }
  return { status: False > 0 ? 'False' : Unknown > 0 || True === 0 ? 'Unknown' : 'True', reason, message };
}

/**
 * The conditions of a ManifestWork with those of its manifests summed up: Available always, and what condition
 * rules made. There is no Progressing and no Degraded unless a rule makes it.
 */
export function aggregate(
  before: readonly Condition[],
  manifests: readonly ManifestStatus[],
  generation: number,
  now: string,
): readonly Condition[] {
  const byType = new Map<string, Condition[]>([['Available', []]]);
  for (const condition of manifests.flatMap(({ conditions }) => conditions)) {
    if (condition.type !== 'Available' && !ofRule(condition)) continue;
    byType.set(condition.type, [...(byType.get(condition.type) ?? []), condition]);
  }
  let conditions = before;
  for (const type of [...byType.keys()].sort()) {
    const found = byType.get(type) ?? [];
    const count = (status: Condition['status']): number =>
      found.filter((condition) => condition.status === status).length;
    const counts = { True: count('True'), False: count('False'), Unknown: count('Unknown') };
    const verdict =
      type === 'Available'
        ? available(counts, manifests.length)
        : fromRules(
            type,
            counts,
            found.map(({ message }) => message),
          );
    conditions = setCondition(conditions, { type, ...verdict, observedGeneration: generation }, now);
  }
  return withoutOldRules(conditions, generation);
}

/** Without conditions of rules that are no longer there: their generation is an older one. */
export function withoutOldRules(conditions: readonly Condition[], generation: number): readonly Condition[] {
  return conditions.filter((condition) => !ofRule(condition) || condition.observedGeneration === generation);
}
