import { isObject, type KubeObject } from '../../runtime/client/object.ts';
import type { FeedbackRule, FeedbackValue } from '../types.ts';

interface Path {
  readonly name: string;
  readonly path: string;
}

const WELL_KNOWN: Readonly<Record<string, readonly Path[]>> = {
  'apps/v1/Deployment': [
    { name: 'ReadyReplicas', path: '.status.readyReplicas' },
    { name: 'Replicas', path: '.status.replicas' },
    { name: 'AvailableReplicas', path: '.status.availableReplicas' },
  ],
  'apps/v1/DaemonSet': [
    { name: 'NumberReady', path: '.status.numberReady' },
    { name: 'DesiredNumberScheduled', path: '.status.desiredNumberScheduled' },
    { name: 'NumberAvailable', path: '.status.numberAvailable' },
  ],
  'batch/v1/Job': [
    { name: 'JobComplete', path: '.status.conditions[?(@.type=="Complete")].status' },
    { name: 'JobSucceeded', path: '.status.succeeded' },
  ],
  'v1/Pod': [
    { name: 'PodReady', path: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'PodPhase', path: '.status.phase' },
  ],
};

/** A field by its name, an item by its index or by the value of one of its fields. */
function step(value: unknown, part: string): unknown {
  const filter = /^\[\?\(@\.([\w.]+)\s*==\s*"([^"]*)"\)\]$/.exec(part);
  if (filter !== null && Array.isArray(value)) {
    return value.find((item: unknown) => isObject(item) && item[filter[1] ?? ''] === filter[2]);
  }
  const index = /^\[(\d+)\]$/.exec(part);
  if (index !== null && Array.isArray(value)) return value[Number(index[1])];
  return isObject(value) ? value[part] : undefined;
}

/** The part of JSONPath that status rules are written in: fields, indexes and one equality. */
function read(object: unknown, path: string): unknown {
  const parts = path.match(/\[[^\]]*\]|[^.[\]]+/g) ?? [];
  return parts.reduce(step, object);
}

function toValue(name: string, value: unknown): FeedbackValue | undefined {
  if (typeof value === 'number' && Number.isInteger(value)) {
    return { name, fieldValue: { type: 'Integer', integer: value } };
  }
  if (typeof value === 'string') return { name, fieldValue: { type: 'String', string: value } };
  if (typeof value === 'boolean') return { name, fieldValue: { type: 'Boolean', boolean: value } };
  return undefined;
}

/** What the rules of a manifest read from its object in the cluster; fields that are not there are left out. */
export function feedbackValues(object: KubeObject, rules: readonly FeedbackRule[]): readonly FeedbackValue[] {
  return rules
    .flatMap(({ type, jsonPaths = [] }) =>
      type === 'WellKnownStatus' ? (WELL_KNOWN[`${object.apiVersion}/${object.kind}`] ?? []) : jsonPaths,
    )
    .map(({ name, path }) => toValue(name, read(object, path)))
    .filter((value) => value !== undefined);
}
