import { ADMIN } from '../authorization/users.ts';
import type { ApiCore, Target, WriteOptions } from '../core.ts';
import type { JsonObject, KubeObject } from '../object.ts';
import { apiVersionOf } from '../registry/resource.ts';

/** The writes that admission knows; reads are never admitted, and nothing here is connected to. */
export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** One write on its way into the store. */
export interface Attributes {
  readonly core: ApiCore;
  readonly operation: Operation;
  readonly target: Target;
  /** Undefined for a DELETE. */
  readonly object: KubeObject | undefined;
  /** Undefined for a CREATE. */
  readonly oldObject: KubeObject | undefined;
  readonly options: WriteOptions;
}

/**
 * The `request` of an AdmissionReview and of a CEL expression, without uid and objects.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request
 */
export function describeRequest({ target, operation, options, object }: Attributes): JsonObject {
  const { group, version, kind, plural } = target.type;
  const name = target.name === '' ? (object?.metadata.name ?? '') : target.name;
  const optionsKind = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' }[
    operation
  ];
  return {
    kind: { group, version, kind },
    resource: { group, version, resource: plural },
    requestKind: { group, version, kind },
    requestResource: { group, version, resource: plural },
    ...(target.subresource === ''
      ? {}
      : { subResource: target.subresource, requestSubResource: target.subresource }),
    ...(name === '' ? {} : { name }),
    ...(target.namespace === '' ? {} : { namespace: target.namespace }),
    operation,
    userInfo: { ...(options.user ?? ADMIN) },
    dryRun: options.dryRun,
    options: { apiVersion: 'meta.k8s.io/v1', kind: optionsKind, fieldManager: options.manager },
  };
}

/** The Namespace of a namespaced request. */
export function namespaceOf({ core, target }: Attributes): KubeObject | undefined {
  return target.namespace === '' ? undefined : core.store.get('/namespaces', target.namespace);
}

/** Never admitted by policies or webhooks, so that a bad one can always be taken away. */
export function isExempt({ target }: Attributes): boolean {
  return apiVersionOf(target.type) === 'admissionregistration.k8s.io/v1';
}
