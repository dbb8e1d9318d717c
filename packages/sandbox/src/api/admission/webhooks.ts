import { applyJsonPatch } from '../../patch/json-patch.ts';
import { ApiError, badRequest, forbidden } from '../errors.ts';
import { asKubeObject, cloneJson, equalJson, isObject, type JsonObject, type KubeObject } from '../object.ts';
import type { Attributes } from './attributes.ts';
import { firstLine } from './cel/expression.ts';
import { bindingsOf, judge } from './conditions.ts';
import { matches, objects } from './matching.ts';
import type { PolicyRun } from './policies.ts';
import { type ReviewAnswer, reviewBody, reviewInput } from './review.ts';

const CONFIGURATIONS = 'admissionregistration.k8s.io/mutatingwebhookconfigurations';

/** Everything that a request needs to know of the calls that were made for it. */
export interface WebhookCalls {
  /** The answer to a review, once there is one for exactly this input. */
  readonly answer: (key: string, input: string) => ReviewAnswer | undefined;
}

/**
 * Thrown where a request needs the answer of a webhook that was not asked yet. The server asks it and handles
 * the request anew, on the objects of then: as a real one does when an object changes under its hands.
 */
export class UnansweredReview extends Error {
  readonly key: string;
  readonly input: string;
  readonly webhook: JsonObject;
  readonly body: JsonObject;

  constructor(review: { key: string; input: string; webhook: JsonObject; body: JsonObject }) {
    super(`webhook ${review.key} has to be asked`);
    this.key = review.key;
    this.input = review.input;
    this.webhook = review.webhook;
    this.body = review.body;
  }
}

/**
 * Calls every webhook that is for this request, in the order of the configurations' names.
 *
 * @throws UnansweredReview when one has to be asked first; ApiError: what the webhook answered to a refusal,
 *   500 when it cannot be called and its failurePolicy is `Fail`, 400 for a dry run that it does not support
 * @see https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
 */
export function runWebhooks(run: PolicyRun, calls: WebhookCalls): KubeObject | undefined {
  const { attributes, again, reinvocation } = run;
  let { object } = attributes;
  for (const configuration of attributes.core.store.list(CONFIGURATIONS)) {
    for (const webhook of objects(configuration['webhooks'])) {
      const present = { ...attributes, object };
      if (!isCalled(present, webhook)) continue;
      const key = `${configuration.metadata.name}/${String(webhook['name'])}`;
      if (again && !reinvocation.isDue(key)) continue;
      const answered = ask(present, webhook, `${key}/${again ? 1 : 0}`, calls);
      const mutated = answered === undefined ? object : run.settle(answered);
      if (!equalJson(mutated, object)) reinvocation.changed();
      object = mutated;
      reinvocation.ran(key, webhook['reinvocationPolicy']);
    }
  }
  return object;
}

function isCalled(attributes: Attributes, webhook: JsonObject): boolean {
  if (!matches(attributes, objects(webhook['rules']), webhook)) return false;
  const verdict = judge(webhook['matchConditions'], bindingsOf(attributes));
  if (!('error' in verdict)) return verdict.matches;
  if (webhook['failurePolicy'] === 'Ignore') return false;
  const { target } = attributes;
  throw forbidden(target.type, target.name, verdict.error);
}

/** The object as the webhook wants it; undefined when it leaves it alone. */
function ask(
  attributes: Attributes,
  webhook: JsonObject,
  key: string,
  calls: WebhookCalls,
): KubeObject | undefined {
  const name = String(webhook['name']);
  const { object, options } = attributes;
  if (options.dryRun && !['None', 'NoneOnDryRun'].includes(String(webhook['sideEffects']))) {
    throw badRequest(`admission webhook ${JSON.stringify(name)} does not support dry run`);
  }
  const input = reviewInput(attributes);
  const answer = calls.answer(key, input);
  if (answer === undefined) {
    throw new UnansweredReview({ key, input, webhook, body: reviewBody(attributes) });
  }
  if ('failure' in answer) {
    if (webhook['failurePolicy'] === 'Ignore') return undefined;
    const message = `failed calling webhook ${JSON.stringify(name)}: ${answer.failure}`;
    throw new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, {
      causes: [{ message }],
    });
  }
  options.warnings.push(...answer.warnings);
  if (!answer.allowed) throw refusal(name, answer.status);
  if (answer.patch.length === 0) return undefined;
  if (object === undefined) {
    throw new ApiError(
      500,
      'InternalError',
      `Internal error occurred: admission webhook ${JSON.stringify(name)} attempted to modify the object, which is not supported for this operation`,
    );
  }
  try {
    return asKubeObject(applyJsonPatch(cloneJson(object), answer.patch));
  } catch (error) {
    throw new ApiError(500, 'InternalError', `Internal error occurred: ${firstLine(error)}`);
  }
}

/**
 * A refusal: the Status that the webhook answered with, which a real server completes but does not explain further.
 * Without a code of an error it is 400, whatever stands in it.
 */
function refusal(webhook: string, status: JsonObject): ApiError {
  const code = typeof status['code'] === 'number' && status['code'] >= 400 ? status['code'] : 400;
  const reason = typeof status['reason'] === 'string' ? status['reason'] : '';
  const text = typeof status['message'] === 'string' && status['message'] !== '' ? status['message'] : reason;
  const denied = `admission webhook ${JSON.stringify(webhook)} denied the request`;
  return new ApiError(
    code,
    reason,
    text === '' ? `${denied} without explanation` : `${denied}: ${text}`,
    isObject(status['details']) ? status['details'] : undefined,
  );
}
