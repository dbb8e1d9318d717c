import type { StructuralSchema } from '../../schema/schema.ts';
import type { KubeObject } from '../object.ts';
import type { Check } from './checks.ts';

/** Where a resource's `scale` subresource finds its numbers: dotted paths without a leading dot. */
export interface ScalePaths {
  readonly specReplicas: string;
  readonly statusReplicas: string;
  /** Path of the selector: text in custom resources, a LabelSelector in built-in ones. */
  readonly selector: string | undefined;
}

/** A column of a custom resource's table, as its definition states it. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

/** What the server does to objects of one kind beyond what their schema says. */
export interface Strategy {
  /** Fills what the server sets on creation; may change `object`. */
  readonly create?: (object: KubeObject) => void;
  /** Fills what the server sets or keeps on an update; may change `object`. */
  readonly update?: (object: KubeObject, previous: KubeObject) => void;
  /** Checks what a schema cannot say. */
  readonly check?: Check;
  /** A PUT without resourceVersion is accepted. */
  readonly unconditionalUpdate?: boolean;
  /** A PUT or an update of an absent object creates it. */
  readonly createOnUpdate?: boolean;
  /** A DELETE answers with the object instead of a Status. */
  readonly returnsDeleted?: boolean;
  /** Names follow another rule than that of DNS subdomains. */
  readonly nameRule?: 'label' | 'service' | 'path';
}

/** One served version of a resource: what discovery tells of it and what handlers need. */
export interface ResourceType {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** The shelf in the store; shared by all versions of a resource. */
  readonly storage: string;
  /** The apiVersion in which objects are stored. */
  readonly storageVersion: string;
  readonly hasStatus: boolean;
  readonly scale: ScalePaths | undefined;
  /** The server counts changes of the spec in `metadata.generation`. */
  readonly hasGeneration: boolean;
  /** Defined by a CustomResourceDefinition. */
  readonly custom: boolean;
  /** A virtual resource (reviews): POST answers, nothing is stored. */
  readonly review: boolean;
  readonly schema: StructuralSchema | undefined;
  readonly columns: readonly PrinterColumn[];
  readonly selectableFields: readonly string[];
  readonly strategy: Strategy;
  /** From the stored form to this version. Absent: only apiVersion differs. */
  readonly fromStorage?: (object: KubeObject) => KubeObject;
  /** From this version to the stored form. Absent: only apiVersion differs. */
  readonly toStorage?: (object: KubeObject) => KubeObject;
}

/** `apps/v1`, or `v1` for the core group. */
export function apiVersionOf(type: Pick<ResourceType, 'group' | 'version'>): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}
