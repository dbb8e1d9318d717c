import { native, type StructuralSchema } from './schema.ts';

const text: StructuralSchema = { type: 'string' };
const texts: StructuralSchema = {
  type: 'object',
  additionalProperties: text,
  [native]: { dropEmpty: true },
};
const instant: StructuralSchema = { type: 'string', format: 'date-time', nullable: true };

/** The metadata of every object (`meta/v1.ObjectMeta`), with its list types. */
export const objectMetaSchema: StructuralSchema = {
  type: 'object',
  properties: {
    annotations: texts,
    creationTimestamp: instant,
    deletionGracePeriodSeconds: { type: 'integer', format: 'int64' },
    deletionTimestamp: instant,
    finalizers: {
      type: 'array',
      items: text,
      [native]: { dropEmpty: true },
      'x-kubernetes-list-type': 'set',
      'x-kubernetes-patch-strategy': 'merge',
    },
    generateName: text,
    generation: { type: 'integer', format: 'int64' },
    labels: texts,
    managedFields: {
      type: 'array',
      'x-kubernetes-list-type': 'atomic',
      items: {
        type: 'object',
        properties: {
          apiVersion: text,
          fieldsType: text,
          fieldsV1: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
          manager: text,
          operation: text,
          subresource: text,
          time: instant,
        },
      },
    },
    name: text,
    namespace: text,
    ownerReferences: {
      type: 'array',
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['uid'],
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'uid',
      [native]: { dropEmpty: true },
      items: {
        type: 'object',
        'x-kubernetes-map-type': 'atomic',
        required: ['apiVersion', 'kind', 'name', 'uid'],
        properties: {
          apiVersion: text,
          blockOwnerDeletion: { type: 'boolean' },
          controller: { type: 'boolean' },
          kind: text,
          name: text,
          uid: text,
        },
      },
    },
    resourceVersion: text,
    selfLink: text,
    uid: text,
  },
};
