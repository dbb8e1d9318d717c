/**
 * The arithmetic of Kubernetes' HorizontalPodAutoscaler for external metrics: pure functions.
 *
 * @see https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details
 */

export interface Tolerances {
  readonly scaleUp: number;
  readonly scaleDown: number;
}

/** The cluster's `--horizontal-pod-autoscaler-tolerance`. */
export const DEFAULT_TOLERANCE = 0.1;

/** Values and targets are whole thousandths, as quantities are rounded. */
function milli(value: number): number {
  return Math.round(value * 1000);
}

function isTolerated(ratio: number, { scaleUp, scaleDown }: Tolerances): boolean {
  return ratio >= 1 - scaleDown && ratio <= 1 + scaleUp;
}

/** Target type AverageValue: as many replicas as share `sum` at `target` each. */
export function averageValueReplicas(
  current: number,
  sum: number,
  target: number,
  tolerances: Tolerances,
): number {
  const ratio = milli(sum) / (milli(target) * current);
  if (isTolerated(ratio, tolerances)) return current;
  return Math.ceil(milli(sum) / milli(target));
}

/** Target type Value: the present replicas, all ready here, times how far the value is off. */
export function valueReplicas(
  current: number,
  value: number,
  target: number,
  tolerances: Tolerances,
): number {
  const ratio = milli(value) / milli(target);
  return isTolerated(ratio, tolerances) ? current : Math.ceil(ratio * current);
}
