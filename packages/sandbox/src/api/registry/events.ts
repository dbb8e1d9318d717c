import type { JsonObject, KubeObject } from '../object.ts';

/** Fields of core/v1 Event (left) and their names in events.k8s.io/v1 (right). */
const RENAMED = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
] as const;

/** Events are stored as core/v1; events.k8s.io/v1 is the same object with other field names. */
export const eventConversion: {
  fromStorage: (object: KubeObject) => KubeObject;
  toStorage: (object: KubeObject) => KubeObject;
} = {
  fromStorage(object) {
    const renamed = { ...object, apiVersion: 'events.k8s.io/v1' };
    for (const [core, modern] of RENAMED) rename(renamed, core, modern);
    return renamed;
  },
  toStorage(object) {
    const renamed = { ...object, apiVersion: 'v1' };
    for (const [core, modern] of RENAMED) rename(renamed, modern, core);
    return renamed;
  },
};

function rename(object: JsonObject, from: string, to: string): void {
  if (!Object.hasOwn(object, from)) return;
  object[to] = object[from];
  delete object[from];
}
