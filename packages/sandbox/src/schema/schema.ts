import type { JsonObject } from './json.ts';

/**
 * The subset of OpenAPI v3 that a CustomResourceDefinition may use ("structural schema"), and the two
 * strategic-merge-patch extensions that Kubernetes' built-in types carry.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export interface StructuralSchema {
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean';
  readonly description?: string;
  readonly format?: string;
  readonly nullable?: boolean;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: boolean;
  readonly exclusiveMaximum?: boolean;
  readonly multipleOf?: number;
  readonly items?: StructuralSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly uniqueItems?: boolean;
  readonly properties?: Readonly<Record<string, StructuralSchema>>;
  readonly additionalProperties?: StructuralSchema | boolean;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly required?: readonly string[];
  readonly oneOf?: readonly StructuralSchema[];
  readonly anyOf?: readonly StructuralSchema[];
  readonly allOf?: readonly StructuralSchema[];
  readonly not?: StructuralSchema;
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'set' | 'map';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
  /** Comma-separated: `merge`, `replace`, `retainKeys`. */
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-patch-merge-key'?: string;
  /** How the API server's own types behave beyond what a schema can say; only built-in kinds have it. */
  readonly [native]?: NativeBehaviour;
}

/** A symbol, so that a schema printed as OpenAPI does not show it. */
export const native: unique symbol = Symbol('native');

/** Built-in kinds are decoded into Go types, which leaves marks on every object. */
export interface NativeBehaviour {
  /** What the field holds when nobody set it (`{}` for a struct, `null` for a list that is always printed). */
  readonly zero?: unknown;
  /** An empty value is the same as none, and is not stored. */
  readonly dropEmpty?: boolean;
  /** Defaults that depend on other fields; run after the static ones. */
  readonly complete?: (object: JsonObject) => void;
}

/** One CEL rule of `x-kubernetes-validations`. */
export interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
  readonly messageExpression?: string;
  readonly reason?: FieldErrorReason;
  readonly fieldPath?: string;
  readonly optionalOldSelf?: boolean;
}

/** The machine-readable reason of a cause in `Status.details.causes`. */
export type FieldErrorReason =
  | 'FieldValueRequired'
  | 'FieldValueInvalid'
  | 'FieldValueTypeInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueDuplicate'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'FieldValueForbidden';

/** One violation, ready to become a cause of a 422 `Status`. */
export interface FieldError {
  /** Path as the API server prints it, for example `spec.triggers[0].type`. */
  readonly field: string;
  readonly reason: FieldErrorReason;
  /** The cause's message, without the path: `Invalid value: "string": spec.replicas in body must be …`. */
  readonly message: string;
}

/**
 * The message of a 422 `Status`.
 *
 * @param resource kind, with the group when there is one: `Namespace`, `Deployment.apps`
 */
export function invalidMessage(resource: string, name: string, errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.message}`))];
  const [only] = texts;
  const detail = texts.length === 1 ? String(only) : `[${texts.join(', ')}]`;
  return `${resource} ${JSON.stringify(name)} is invalid: ${detail}`;
}
