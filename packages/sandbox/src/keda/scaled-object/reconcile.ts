import { mergePatch } from '../../runtime/client/merge-patch.ts';
import {
  annotationOf,
  formatTime,
  hasFinalizer,
  isDeleting,
  keyFor,
  keyOf,
} from '../../runtime/client/object.ts';
import { type Condition, setCondition } from '../../runtime/conditions.ts';
import type { Parts } from '../parts.ts';
import { DEPLOYMENT, HPA, SCALED_OBJECT } from '../resources.ts';
import { buildScaler } from '../scaler.ts';
import type {
  Hpa,
  HpaMetric,
  ScaledObject,
  ScaledObjectSpec,
  ScaledObjectStatus,
  Workload,
} from '../types.ts';
import { createObjectScalers, type ObjectScalers } from './metrics.ts';

const WRITER = 'keda';
const FINALIZER = 'finalizer.keda.sh';
const PAUSED = 'autoscaling.keda.sh/paused';
const PAUSED_REPLICAS = 'autoscaling.keda.sh/paused-replicas';
const DEFAULT_MAX = 100;

/** What a reconcile came to: scalers to loop with, or why there are none. */
export type Reconciled =
  | { readonly scalers: ObjectScalers }
  | { readonly stopped: 'gone' | 'paused' }
  | { readonly failed: string };

/** A change of status; conditions are given by type. */
export async function writeStatus(
  { hub, clock }: Parts,
  object: ScaledObject,
  change: Partial<Omit<ScaledObjectStatus, 'conditions'>> & {
    readonly conditions?: readonly Omit<Condition, 'lastTransitionTime'>[];
  },
): Promise<void> {
  const before = object.status ?? {};
  const { conditions: changed = [], ...rest } = change;
  let conditions = before.conditions;
  for (const next of changed) conditions = setCondition(conditions, next, formatTime(clock.now()));
  const after = { ...before, ...rest, ...(conditions === undefined ? {} : { conditions }) };
  const patch = mergePatch(before, after);
  if (patch !== undefined) await hub.patch(SCALED_OBJECT, object, { status: patch }, WRITER, 'status');
}

export function specOf(object: ScaledObject): ScaledObjectSpec {
  if (object.spec === undefined) throw new Error(`${keyOf(object)} has no spec`);
  return object.spec;
}

/** Sets the replicas of a Deployment, unless it has them. */
export async function scale({ hub }: Parts, target: Workload, replicas: number): Promise<void> {
  if ((target.spec?.replicas ?? 1) === replicas) return;
  await hub.patch(DEPLOYMENT, target, { spec: { replicas } }, WRITER);
}

/** KEDA's reconcile of a ScaledObject: finalizer and label, pause, scalers, autoscaler, conditions. */
export async function reconcileObject(parts: Parts, key: string): Promise<Reconciled> {
  const object = parts.objects.store.get(key);
  if (object === undefined) return { stopped: 'gone' };
  if (isDeleting(object)) {
    const finalizers = (object.metadata.finalizers ?? []).filter((name) => name !== FINALIZER);
    await parts.hub.patch(SCALED_OBJECT, object, { metadata: { finalizers } }, WRITER);
    return { stopped: 'gone' };
  }
  await mark(parts, object);
  const target = parts.deployments.store.get(
    keyFor(object.metadata.namespace, specOf(object).scaleTargetRef.name),
  );
  if (await pause(parts, object, target)) return { stopped: 'paused' };
  try {
    if (target === undefined)
      throw new Error(`deployments.apps "${specOf(object).scaleTargetRef.name}" not found`);
    return { scalers: await prepare(parts, object) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await refuse(parts, parts.objects.store.get(key) ?? object, message);
    return { failed: message };
  }
}

async function mark({ hub }: Parts, object: ScaledObject): Promise<void> {
  const label = { 'scaledobject.keda.sh/name': object.metadata.name };
  const labels = { ...object.metadata.labels, ...label };
  if (hasFinalizer(object, FINALIZER) && object.metadata.labels?.['scaledobject.keda.sh/name'] !== undefined)
    return;
  const finalizers = [...new Set([...(object.metadata.finalizers ?? []), FINALIZER])];
  await hub.patch(SCALED_OBJECT, object, { metadata: { finalizers, labels } }, WRITER);
}

/** `paused-replicas` and `paused`: no loop, no autoscaler, and the replicas that are asked for. */
async function pause(parts: Parts, object: ScaledObject, target: Workload | undefined): Promise<boolean> {
  const replicas = annotationOf(object, PAUSED_REPLICAS);
  const paused = replicas !== undefined || annotationOf(object, PAUSED) === 'true';
  const was = object.status?.conditions?.some(({ type, status }) => type === 'Paused' && status === 'True');
  if (!paused && was !== true) return false;
  if (paused) {
    const hpa = parts.hpas.store.get(keyFor(object.metadata.namespace, hpaNameOf(object)));
    if (hpa !== undefined) await parts.hub.remove(HPA, hpa);
    if (replicas !== undefined && target !== undefined) await scale(parts, target, Number(replicas));
  }
  const message = paused ? 'ScaledObject is paused' : 'ScaledObject is unpaused';
  const reason = paused ? 'ScaledObjectPaused' : 'ScaledObjectUnpaused';
  await writeStatus(parts, object, {
    ...(replicas === undefined ? {} : { pausedReplicaCount: Number(replicas) }),
    conditions: [{ type: 'Paused', status: paused ? 'True' : 'False', reason, message }],
  });
  return paused;
}

function hpaNameOf(object: ScaledObject): string {
  return object.spec?.advanced?.horizontalPodAutoscalerConfig?.name ?? `keda-hpa-${object.metadata.name}`;
}

async function prepare(parts: Parts, object: ScaledObject): Promise<ObjectScalers> {
  const { name, namespace = '' } = object.metadata;
  const spec = specOf(object);
  let scalers: ObjectScalers;
  let metrics: readonly HpaMetric[];
  try {
    const built = spec.triggers.map((trigger, index) =>
      buildScaler(parts.context, { name, namespace }, trigger, index),
    );
    scalers = createObjectScalers(object, built);
    metrics = await scalers.hpaMetrics();
    await ensureHpa(parts, object, metrics);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(`failed to ensure HPA is correctly created for ScaledObject: ${why}`, { cause: error });
  }
  const current = parts.objects.store.get(keyOf(object)) ?? object;
  await writeStatus(parts, current, {
    hpaName: hpaNameOf(object),
    externalMetricNames: metrics.map(({ external }) => external.metric.name),
    triggersTypes: spec.triggers.map(({ type }) => type).join(','),
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'ScaledObjectReady',
        message: 'ScaledObject is defined correctly and is ready for scaling',
      },
    ],
  });
  return scalers;
}

async function refuse(parts: Parts, object: ScaledObject, message: string): Promise<void> {
  const reason = 'ScaledObjectCheckFailed';
  await writeStatus(parts, object, {
    triggersTypes: specOf(object)
      .triggers.map(({ type }) => type)
      .join(','),
    conditions: [
      { type: 'Ready', status: 'False', reason, message },
      { type: 'Active', status: 'Unknown', reason: 'UnkownState', message: 'ScaledObject check failed' },
    ],
  });
}

async function ensureHpa(parts: Parts, object: ScaledObject, metrics: readonly HpaMetric[]): Promise<void> {
  const { name, namespace = '', uid = '' } = object.metadata;
  const spec = specOf(object);
  const behavior = spec.advanced?.horizontalPodAutoscalerConfig?.behavior;
  const { apiVersion = 'apps/v1', kind = 'Deployment', name: target } = spec.scaleTargetRef;
  const wanted = {
    scaleTargetRef: { apiVersion, kind, name: target },
    // An autoscaler cannot go to 0: the last step is the operator's.
    minReplicas: Math.max(1, spec.minReplicaCount ?? 0),
    maxReplicas: spec.maxReplicaCount ?? DEFAULT_MAX,
    metrics,
    ...(behavior === undefined ? {} : { behavior }),
  };
  const known = parts.hpas.store.get(keyFor(namespace, hpaNameOf(object)));
  if (known === undefined) {
    const owner = {
      apiVersion: object.apiVersion,
      kind: object.kind,
      name,
      uid,
      controller: true,
      blockOwnerDeletion: true,
    };
    const made: Hpa = {
      apiVersion: HPA.apiVersion,
      kind: HPA.kind,
      metadata: { name: hpaNameOf(object), namespace, ownerReferences: [owner] },
      spec: wanted,
    };
    await parts.hub.create(HPA, made, WRITER);
    return;
  }
  // The server completes rules of behaviour: only what KEDA states is compared.
  const { behavior: _, ...stated } = wanted;
  const { behavior: __, ...present } = known.spec ?? {};
  const patch = mergePatch(present, stated);
  if (patch !== undefined)
    await parts.hub.patch(
      HPA,
      known,
      { spec: { ...patch, ...(behavior === undefined ? {} : { behavior }) } },
      WRITER,
    );
}
