import { mergePatch } from '../../runtime/client/merge-patch.ts';
import { formatTime, keyFor, keyOf } from '../../runtime/client/object.ts';
import { trusted } from '../../runtime/client/trust.ts';
import { type Condition, setCondition } from '../../runtime/conditions.ts';
import { parseQuantity } from '../../runtime/quantity.ts';
import type { Parts } from '../parts.ts';
import { DEPLOYMENT, HPA } from '../resources.ts';
import type { Hpa, HpaMetric, HpaSpec, Workload } from '../types.ts';
import { type HpaMemory, restrain, tolerancesOf } from './behavior.ts';
import { averageValueReplicas, valueReplicas } from './replicas.ts';

/** `--horizontal-pod-autoscaler-sync-period` */
const SYNC_MS = 15_000;
const WRITER = 'horizontal-pod-autoscaler';

interface Proposal {
  readonly replicas: number;
  readonly failed: boolean;
}

/**
 * Kubernetes' HorizontalPodAutoscaler with the external metrics of KEDA's adapter: every 15 s per autoscaler.
 * All pods count as ready.
 */
export function createAutoscaler(parts: Parts): { stop(): void } {
  const memories = new Map<string, HpaMemory>();
  let stopped = false;
  parts.hpas.store.subscribe(({ key, before, after }) => {
    if (after === undefined) memories.delete(key);
    else if (before === undefined) begin(key);
  });

  for (const hpa of parts.hpas.store.values()) begin(keyOf(hpa));

  function begin(key: string): void {
    const memory: HpaMemory = { recommendations: [], changes: [] };
    memories.set(key, memory);
    const tick = (): void => {
      if (stopped || memories.get(key) !== memory) return;
      parts.activity.run(() => sync(key, memory));
      parts.clock.after(SYNC_MS, tick);
    };
    tick();
  }

  async function propose(hpa: Hpa, spec: HpaSpec, metric: HpaMetric, current: number): Promise<Proposal> {
    const owner = trusted<{ name?: string }[]>(hpa.metadata.ownerReferences ?? [])[0]?.name ?? '';
    const { target, metric: asked } = metric.external;
    try {
      const scalers = parts.running.get(keyFor(hpa.metadata.namespace, owner));
      if (scalers === undefined) throw new Error('no scalers');
      const value = await scalers.query(asked.name);
      const tolerances = tolerancesOf(spec.behavior);
      const replicas =
        target.type === 'Value'
          ? valueReplicas(current, value, parseQuantity(target.value) ?? 1, tolerances)
          : averageValueReplicas(current, value, parseQuantity(target.averageValue) ?? 1, tolerances);
      return { replicas, failed: false };
    } catch {
      return { replicas: 0, failed: true };
    }
  }

  /** The most that a metric asks for; undefined when nobody can tell, or less could be wrong. */
  async function desired(hpa: Hpa, spec: HpaSpec, current: number): Promise<number | undefined> {
    const proposals = await Promise.all(spec.metrics.map((metric) => propose(hpa, spec, metric, current)));
    const good = proposals.filter(({ failed }) => !failed).map(({ replicas }) => replicas);
    if (good.length === 0) return undefined;
    const most = Math.max(...good);
    return good.length < proposals.length && most < current ? undefined : most;
  }

  async function sync(key: string, memory: HpaMemory): Promise<void> {
    const hpa = parts.hpas.store.get(key);
    const spec = hpa?.spec;
    if (hpa === undefined || spec === undefined) return;
    const target = parts.deployments.store.get(keyFor(hpa.metadata.namespace, spec.scaleTargetRef.name));
    if (target === undefined) return;
    const current = target.spec?.replicas ?? 1;
    // Scaled to 0 by hand or by KEDA: the autoscaler is off.
    if (current === 0) {
      await note(hpa, {
        type: 'ScalingActive',
        status: 'False',
        reason: 'ScalingDisabled',
        message: 'scaling is disabled since the replica count of the target is zero',
      });
      return;
    }
    const { minReplicas: min, maxReplicas: max, behavior } = spec;
    if (current > max || current < min) {
      await set(target, current > max ? max : min);
      return;
    }
    const wanted = await desired(hpa, spec, current);
    const failed = wanted === undefined;
    await note(hpa, {
      type: 'ScalingActive',
      status: failed ? 'False' : 'True',
      reason: failed ? 'FailedGetExternalMetric' : 'ValidMetricFound',
      message: failed
        ? 'the HPA was unable to compute the replica count'
        : 'the HPA was able to successfully calculate a replica count',
    });
    if (wanted === undefined) return;
    // The scale may have changed while the metrics were asked for; KEDA's 0 stands.
    const latest = parts.deployments.store.get(keyOf(target));
    if (latest === undefined || (latest.spec?.replicas ?? 1) !== current) return;
    await set(
      latest,
      restrain(memory, { current, desired: wanted, min, max, behavior, now: parts.clock.now() }),
    );
  }

  async function set(target: Workload, replicas: number): Promise<void> {
    if ((target.spec?.replicas ?? 1) === replicas) return;
    await parts.hub.patch(DEPLOYMENT, target, { spec: { replicas } }, WRITER);
  }

  async function note(hpa: Hpa, condition: Omit<Condition, 'lastTransitionTime'>): Promise<void> {
    const before = trusted<{ conditions?: readonly Condition[] }>(hpa.status ?? {});
    const conditions = setCondition(before.conditions, condition, formatTime(parts.clock.now()));
    const patch = mergePatch(before, { ...before, conditions });
    if (patch !== undefined) await parts.hub.patch(HPA, hpa, { status: patch }, WRITER, 'status');
  }

  return {
    stop() {
      stopped = true;
    },
  };
}
