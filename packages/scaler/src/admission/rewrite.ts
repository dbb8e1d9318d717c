import { DEFAULT_MAX_REPLICAS, type ScaledSpec, type ScaledTrigger } from './scaled.ts';

/** The type that people write, and KEDA does not know. */
export const CARBON_AWARE = 'carbon-aware';
/** What it becomes: KEDA's way to ask a scaler over gRPC. */
const EXTERNAL: readonly string[] = ['external', 'external-push'];
/** Key that says which values admission put in, so that it may renew them. */
const INJECTED = 'windvaneInjected';
const MAX_REPLICAS = 'maxReplicas';

export interface PatchOperation {
  readonly op: 'add' | 'replace';
  readonly path: string;
  readonly value: string;
}

/**
 * What admission does to a ScaledObject or ScaledJob, as a JSON patch; empty when there is nothing to do.
 * - Convert: a trigger of type `carbon-aware` becomes `external`, with the address of the scaler and the
 *   maximum of replicas, which KEDA does not send. Keys that the user wrote are kept.
 * - Refresh: a maximum that was put in follows `spec.maxReplicaCount`.
 *
 * `deploy/scaler/admission-policy` does the same in CEL.
 * @param scalerAddress `host:port` of the scaler, as KEDA reaches it
 */
export function rewrite(spec: ScaledSpec, scalerAddress: string): readonly PatchOperation[] {
  const maximum = String(spec.maxReplicaCount ?? DEFAULT_MAX_REPLICAS);
  return spec.triggers.flatMap((trigger, index) => {
    const at = `/spec/triggers/${index}`;
    if (trigger.type === CARBON_AWARE) return convert(trigger, at, scalerAddress, maximum);
    return isStale(trigger, maximum) ? [set(trigger, at, MAX_REPLICAS, maximum)] : [];
  });
}

function convert(
  trigger: ScaledTrigger,
  at: string,
  scalerAddress: string,
  maximum: string,
): PatchOperation[] {
  const { metadata } = trigger;
  const operations: PatchOperation[] = [{ op: 'replace', path: `${at}/type`, value: 'external' }];
  if (metadata['scalerAddress'] === undefined)
    operations.push(set(trigger, at, 'scalerAddress', scalerAddress));
  // A maximum beside our mark came from a copy of an object that admission had seen.
  if (metadata[MAX_REPLICAS] === undefined) {
    operations.push(set(trigger, at, MAX_REPLICAS, maximum), set(trigger, at, INJECTED, MAX_REPLICAS));
  } else if (metadata[INJECTED] === MAX_REPLICAS && metadata[MAX_REPLICAS] !== maximum) {
    operations.push(set(trigger, at, MAX_REPLICAS, maximum));
  }
  return operations;
}

function isStale({ type, metadata }: ScaledTrigger, maximum: string): boolean {
  return EXTERNAL.includes(type) && metadata[INJECTED] === MAX_REPLICAS && metadata[MAX_REPLICAS] !== maximum;
}

function set({ metadata }: ScaledTrigger, at: string, key: string, value: string): PatchOperation {
  return { op: metadata[key] === undefined ? 'add' : 'replace', path: `${at}/metadata/${key}`, value };
}
