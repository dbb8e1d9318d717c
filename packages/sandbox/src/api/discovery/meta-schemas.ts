import type { JsonObject } from '../object.ts';

/** The name of the schema of `metadata`. */
export const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
const OWNER_REFERENCE = 'io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference';
const MANAGED_FIELDS = 'io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry';

const text = (description: string): JsonObject => ({ type: 'string', description });
const time = (description: string): JsonObject => ({ type: 'string', format: 'date-time', description });
const whole = (description: string): JsonObject => ({ type: 'integer', format: 'int64', description });
const strings = (description: string): JsonObject => ({
  type: 'object',
  additionalProperties: { type: 'string', default: '' },
  description,
});

/** Schemas that every document refers to. */
export const META_SCHEMAS: Readonly<Record<string, JsonObject>> = {
  [OBJECT_META]: {
    type: 'object',
    description: 'ObjectMeta is metadata that all persisted resources must have.',
    properties: {
      annotations: strings('Unstructured key value map that tools may set to keep arbitrary data.'),
      creationTimestamp: time('When this object was created, set by the server.'),
      deletionGracePeriodSeconds: whole('Seconds that this object may take to end gracefully.'),
      deletionTimestamp: time('When this object was asked to be deleted, set by the server.'),
      finalizers: {
        type: 'array',
        description: 'Must be empty before the object is removed; each entry names who has work to do first.',
        items: { type: 'string', default: '' },
        'x-kubernetes-list-type': 'set',
        'x-kubernetes-patch-strategy': 'merge',
      },
      generateName: text('Prefix of a name that the server completes when no name is given.'),
      generation: whole('Sequence number of the desired state, set by the server.'),
      labels: strings('Map of keys and values by which objects are organised and selected.'),
      managedFields: {
        type: 'array',
        description: 'Which manager owns which fields; kept by the server.',
        items: { allOf: [{ $ref: `#/components/schemas/${MANAGED_FIELDS}` }], default: {} },
        'x-kubernetes-list-type': 'atomic',
      },
      name: text('Unique within a namespace; cannot be updated.'),
      namespace: text('The space within which the name must be unique; cannot be updated.'),
      ownerReferences: {
        type: 'array',
        description: 'Objects that this object depends on: when all of them are gone, it goes too.',
        items: { allOf: [{ $ref: `#/components/schemas/${OWNER_REFERENCE}` }], default: {} },
        'x-kubernetes-list-map-keys': ['uid'],
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-patch-merge-key': 'uid',
        'x-kubernetes-patch-strategy': 'merge',
      },
      resourceVersion: text('Opaque version of this object, for optimistic concurrency and watches.'),
      selfLink: text('Deprecated: no longer set.'),
      uid: text('Unique in time and space, set by the server.'),
    },
  },
  [OWNER_REFERENCE]: {
    type: 'object',
    description: 'OwnerReference identifies an owning object.',
    required: ['apiVersion', 'kind', 'name', 'uid'],
    properties: {
      apiVersion: { ...text('API version of the owner.'), default: '' },
      blockOwnerDeletion: {
        type: 'boolean',
        description: 'The owner waits for this object in the foreground.',
      },
      controller: { type: 'boolean', description: 'The owner is the controller of this object.' },
      kind: { ...text('Kind of the owner.'), default: '' },
      name: { ...text('Name of the owner.'), default: '' },
      uid: { ...text('UID of the owner.'), default: '' },
    },
    'x-kubernetes-map-type': 'atomic',
  },
  [MANAGED_FIELDS]: {
    type: 'object',
    description: 'ManagedFieldsEntry says which fields a manager owns, and since when.',
    properties: {
      apiVersion: text('Version of the resource that this set of fields refers to.'),
      fieldsType: text('The format of fieldsV1; the only value is FieldsV1.'),
      fieldsV1: { type: 'object', description: 'The fields, as a trie.' },
      manager: text('Who manages these fields.'),
      operation: text('Apply or Update.'),
      subresource: text('The subresource through which the fields were written.'),
      time: time('When the entry last changed.'),
    },
  },
};
