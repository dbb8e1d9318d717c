import type { KubeApi } from '../../src/kube/api.ts';
import type { ResourceType } from '../../src/kube/resource.ts';

/** Passes everything through and remembers which rights each request needs, as `group/resource verb`. */
export function rightsOf(api: KubeApi): { readonly api: KubeApi; readonly needed: ReadonlySet<string> } {
  const needed = new Set<string>();
  const note = (type: ResourceType, verb: string, subresource?: string): void => {
    const resource = subresource === undefined ? type.plural : `${type.plural}/${subresource}`;
    needed.add(`${type.group}/${resource} ${verb}`);
  };
  return {
    needed,
    api: {
      ...api,
      get(type, name) {
        note(type, 'get');
        return api.get(type, name);
      },
      list(type, options) {
        note(type, 'list');
        return api.list(type, options);
      },
      watch(type, options) {
        note(type, 'watch');
        return api.watch(type, options);
      },
      create(type, object, options) {
        note(type, 'create', options?.subresource);
        return api.create(type, object, options);
      },
      replace(type, object, options) {
        note(type, 'update', options?.subresource);
        return api.replace(type, object, options);
      },
      async apply(type, object, options) {
        note(type, 'patch', options?.subresource);
        const made = await api.apply(type, object, options);
        // An apply that makes an object needs both.
        if (made.metadata.generation === 1 && object.metadata.uid === undefined) note(type, 'create');
        return made;
      },
      mergePatch(type, name, patch, options) {
        note(type, 'patch', options?.subresource);
        return api.mergePatch(type, name, patch, options);
      },
      jsonPatch(type, name, operations, options) {
        note(type, 'patch', options?.subresource);
        return api.jsonPatch(type, name, operations, options);
      },
      delete(type, name, options) {
        note(type, 'delete');
        return api.delete(type, name, options);
      },
    },
  };
}
