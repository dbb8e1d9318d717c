import { parseCustomResourceDefinition } from '../../schema/crd.ts';
import type { ApiCore } from '../core.ts';
import { cloneJson, equalJson, formatTime, isObject, type KubeObject } from '../object.ts';
import { customResources } from '../registry/custom.ts';
import { objectKey } from '../storage/store.ts';

const DEFINITIONS = 'apiextensions.k8s.io/customresourcedefinitions';

/**
 * Serves what CustomResourceDefinitions define, as soon as they are stored, and says so in their status.
 * The answer stops it.
 */
export function serveDefinitions(core: ApiCore): () => void {
  return core.store.subscribe(DEFINITIONS, ({ type, object, previous }) => {
    const { group, names } = parseCustomResourceDefinition(object);
    if (type === 'DELETED') {
      core.registry.remove(group, names.plural);
      removeInstances(core, `${group}/${names.plural}`);
      return;
    }
    if (previous === undefined || !equalJson(previous['spec'], object['spec'])) {
      core.registry.remove(group, names.plural);
      for (const resource of customResources(object)) core.registry.add(resource);
    }
    establish(core, object);
  });
}

/** With its definition every custom object goes, finalizers or not: nobody could remove them any more. */
function removeInstances(core: ApiCore, storage: string): void {
  for (const { metadata } of core.store.list(storage)) {
    core.store.remove(storage, objectKey(metadata.namespace ?? '', metadata.name));
  }
}

/** Writes the conditions that clients wait for; a definition that has them is left alone. */
function establish(core: ApiCore, definition: KubeObject): void {
  const status = isObject(definition['status']) ? definition['status'] : {};
  const spec = isObject(definition['spec']) ? definition['spec'] : {};
  const { versions } = parseCustomResourceDefinition(definition);
  const storage = versions.find((version) => version.storage)?.name ?? '';
  const stored: unknown[] = Array.isArray(status['storedVersions']) ? status['storedVersions'] : [];
  const storedVersions = stored.includes(storage) ? stored : [...stored, storage];
  if (equalJson(status['acceptedNames'], spec['names']) && stored.includes(storage)) return;
  const lastTransitionTime = formatTime(core.now());
  const next = cloneJson(definition);
  next['status'] = {
    acceptedNames: cloneJson(spec['names']),
    conditions: [
      {
        type: 'NamesAccepted',
        status: 'True',
        reason: 'NoConflicts',
        message: 'no conflicts found',
        lastTransitionTime,
      },
      {
        type: 'Established',
        status: 'True',
        reason: 'InitialNamesAccepted',
        message: 'the initial names have been accepted',
        lastTransitionTime,
      },
    ],
    storedVersions,
  };
  core.store.put(DEFINITIONS, definition.metadata.name, next);
}
