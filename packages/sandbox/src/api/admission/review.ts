import { randomUUID } from 'node:crypto';
import { isObject, type JsonObject, type KubeObject } from '../object.ts';
import { type Attributes, describeRequest } from './attributes.ts';
import { objects, texts } from './matching.ts';

/** What became of asking a webhook. */
export type ReviewAnswer =
  | { readonly failure: string }
  | {
      readonly allowed: boolean;
      readonly status: JsonObject;
      readonly patch: readonly JsonObject[];
      readonly warnings: readonly string[];
    };

/**
 * An AdmissionReview (admission.k8s.io/v1) as a webhook receives it.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#request
 */
export function reviewBody(attributes: Attributes): JsonObject {
  return {
    kind: 'AdmissionReview',
    apiVersion: 'admission.k8s.io/v1',
    request: {
      uid: randomUUID(),
      ...describeRequest(attributes),
      object: attributes.object ?? null,
      oldObject: attributes.oldObject ?? null,
    },
  };
}

/** What the answer to a review depends on: times of owners change with every attempt and are left out. */
export function reviewInput(attributes: Attributes): string {
  const bare = (object: KubeObject | undefined): unknown =>
    object === undefined ? null : { ...object, metadata: { ...object.metadata, managedFields: undefined } };
  return JSON.stringify([
    describeRequest(attributes),
    bare(attributes.object),
    attributes.oldObject?.metadata.resourceVersion,
  ]);
}

/**
 * Reads the answer to a review as strictly as the API server does.
 * @param uid of the request that was sent
 */
export function readReview(body: unknown, uid: string): ReviewAnswer {
  const invalid = (why: string): ReviewAnswer => ({ failure: `received invalid webhook response: ${why}` });
  if (!isObject(body)) return invalid('not a JSON object');
  const { apiVersion, kind, response } = body;
  if (apiVersion !== 'admission.k8s.io/v1' || kind !== 'AdmissionReview') {
    return invalid(
      `expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview, got ${String(apiVersion)}, Kind=${String(kind)}`,
    );
  }
  if (!isObject(response)) return invalid('webhook response was absent');
  if (response['uid'] !== uid) {
    return invalid(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(response['uid'])}`);
  }
  const { patch, patchType } = response;
  const hasPatch = typeof patch === 'string' && patch !== '';
  if (hasPatch && patchType !== 'JSONPatch')
    return invalid('webhook returned response.patch but not response.patchType');
  if (!hasPatch && patchType !== undefined)
    return invalid('webhook returned response.patchType but not response.patch');
  let operations: unknown = [];
  try {
    if (hasPatch) operations = JSON.parse(Buffer.from(patch, 'base64').toString('utf8'));
  } catch {
    return { failure: 'received undecodable patch in webhook response' };
  }
  return {
    allowed: response['allowed'] === true,
    status: isObject(response['status']) ? response['status'] : {},
    patch: objects(operations),
    warnings: texts(response['warnings']),
  };
}
