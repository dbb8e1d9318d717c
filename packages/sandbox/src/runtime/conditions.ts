export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly observedGeneration?: number;
}

/**
 * `conditions` with one of them set. lastTransitionTime moves only when the status does; the same list is
 * returned when nothing would change.
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  next: Omit<Condition, 'lastTransitionTime'>,
  now: string,
): readonly Condition[] {
  const list = conditions ?? [];
  const before = list.find((condition) => condition.type === next.type);
  if (before === undefined) return [...list, { ...next, lastTransitionTime: now }];
  if (
    before.status === next.status &&
    before.reason === next.reason &&
    before.message === next.message &&
    before.observedGeneration === next.observedGeneration
  ) {
    return list;
  }
  const lastTransitionTime = before.status === next.status ? before.lastTransitionTime : now;
  return list.map((condition) => (condition === before ? { ...next, lastTransitionTime } : condition));
}
