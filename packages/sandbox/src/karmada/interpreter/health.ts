import {
  annotationOf,
  asNumber,
  asObject,
  type JsonObject,
  type KubeObject,
} from '../../runtime/client/object.ts';
import type { AggregatedStatusItem, Health } from '../types.ts';
import { TEMPLATE_GENERATION_ANNOTATION } from '../well-known.ts';

const COUNTED: Readonly<Record<string, readonly string[]>> = {
  'apps/v1/Deployment': [
    'replicas',
    'updatedReplicas',
    'readyReplicas',
    'availableReplicas',
    'unavailableReplicas',
  ],
  'apps/v1/StatefulSet': [
    'replicas',
    'readyReplicas',
    'currentReplicas',
    'updatedReplicas',
    'availableReplicas',
  ],
  'apps/v1/ReplicaSet': ['replicas', 'readyReplicas', 'availableReplicas'],
  'batch/v1/Job': ['active', 'succeeded', 'failed'],
};

function countersOf(object: Pick<KubeObject, 'apiVersion' | 'kind'>): readonly string[] {
  return COUNTED[`${object.apiVersion}/${object.kind}`] ?? [];
}

/** Health of an object in a member, by the rules of Karmada's built-in interpreter. */
export function healthOf(object: KubeObject): Health {
  const status = asObject(object.status);
  const number = (field: string): number => asNumber(status[field], 0);
  const wanted = asNumber(asObject(object.spec)['replicas'], 1);
  switch (`${object.apiVersion}/${object.kind}`) {
    case 'apps/v1/Deployment':
    case 'apps/v1/StatefulSet': {
      const observed = status['observedGeneration'] === object.metadata.generation;
      const whole = number('updatedReplicas') >= wanted;
      return observed && whole && number('availableReplicas') >= number('updatedReplicas')
        ? 'Healthy'
        : 'Unhealthy';
    }
    case 'apps/v1/ReplicaSet': {
      const observed = status['observedGeneration'] === object.metadata.generation;
      return observed && number('availableReplicas') >= wanted ? 'Healthy' : 'Unhealthy';
    }
    case 'v1/Service':
      return 'Healthy';
    default:
      // No rule for the kind: Karmada does not judge it.
      return 'Unknown';
  }
}

/** The part of a member object's status that Karmada carries to the hub; undefined when there is none. */
export function reflectStatus(object: KubeObject): JsonObject | undefined {
  const status = object.status;
  if (status === undefined) return undefined;
  const counters = countersOf(object);
  if (counters.length === 0) return status;
  const kept = Object.fromEntries(
    counters.filter((field) => asNumber(status[field], 0) !== 0).map((field) => [field, status[field]]),
  );
  if (object.kind === 'Job') {
    const { conditions, startTime, completionTime } = status;
    return { ...kept, ...definedOnly({ conditions, startTime, completionTime }) };
  }
  return {
    ...kept,
    generation: object.metadata.generation ?? 0,
    observedGeneration: status['observedGeneration'] ?? 0,
    resourceTemplateGeneration: Number(annotationOf(object, TEMPLATE_GENERATION_ANNOTATION) ?? 0),
  };
}

function definedOnly(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function sums(template: KubeObject, items: readonly AggregatedStatusItem[]): JsonObject {
  return Object.fromEntries(
    countersOf(template).map((field) => [
      field,
      items.reduce((sum, item) => sum + asNumber(item.status?.[field], 0), 0),
    ]),
  );
}

function isAligned(item: AggregatedStatusItem, generation: number): boolean {
  const status = asObject(item.status);
  return (
    asNumber(status['observedGeneration'], 0) >= asNumber(status['generation'], 0) &&
    asNumber(status['resourceTemplateGeneration'], 0) >= generation
  );
}

function jobIsComplete(item: AggregatedStatusItem): boolean {
  const conditions = item.status?.['conditions'];
  return (
    Array.isArray(conditions) &&
    conditions.some((entry) => asObject(entry)['type'] === 'Complete' && asObject(entry)['status'] === 'True')
  );
}

/**
 * The template's own status as the sum over its members; undefined for kinds whose status Karmada does not
 * write. A Deployment's observedGeneration follows only when every member has rendered the newest template.
 */
export function aggregateStatus(
  template: KubeObject,
  items: readonly AggregatedStatusItem[],
  now: string,
): JsonObject | undefined {
  if (countersOf(template).length === 0) return undefined;
  const counters = sums(template, items);
  if (template.kind === 'Job') {
    const complete = items.length > 0 && items.every(jobIsComplete);
    return complete ? { ...counters, ...jobCompletion(items, now) } : counters;
  }
  const generation = template.metadata.generation ?? 0;
  const aligned = items.every((item) => item.status === undefined || isAligned(item, generation));
  const whole = aligned && items.every((item) => item.status !== undefined);
  const before = asNumber(asObject(template.status)['observedGeneration'], 0);
  return { ...counters, observedGeneration: whole ? generation : before };
}

function timesOf(items: readonly AggregatedStatusItem[], field: string): string[] {
  return items
    .map((item) => item.status?.[field])
    .filter((time) => typeof time === 'string')
    .sort();
}

/** From the first start to the last end; an API server wants both times and both conditions together. */
function jobCompletion(items: readonly AggregatedStatusItem[], now: string): JsonObject {
  const completionTime = timesOf(items, 'completionTime').at(-1) ?? now;
  const condition = (type: string): JsonObject => ({
    type,
    status: 'True',
    reason: 'Completed',
    message: 'Job completed',
    lastProbeTime: completionTime,
    lastTransitionTime: completionTime,
  });
  return {
    startTime: timesOf(items, 'startTime')[0] ?? completionTime,
    completionTime,
    conditions: [condition('SuccessCriteriaMet'), condition('Complete')],
  };
}
