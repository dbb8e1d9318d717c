import type { ApiCore, Target, WriteOptions } from '../core.ts';
import { cloneJson, type KubeObject } from '../object.ts';
import { pruneAndDefault } from '../write/decode.ts';
import { type Attributes, isExempt, type Operation } from './attributes.ts';
import { type PolicyRun, runPolicies } from './policies.ts';
import { Reinvocation } from './reinvocation.ts';
import { runWebhooks } from './webhooks.ts';

/** A write whose owners are settled and that is not validated yet. */
interface Write {
  readonly operation: Operation;
  readonly object: KubeObject | undefined;
  readonly oldObject: KubeObject | undefined;
}

/**
 * Mutating admission: policies first, then webhooks, then those that ask for it once more if the object
 * changed after their turn. What they change belongs to nobody in `managedFields`, as in a real server.
 *
 * Left out: the scale subresource, CONNECT, ValidatingAdmissionPolicies and validating webhooks. The server's
 * own controllers are not admitted.
 *
 * @returns the object to store; what came in, when nothing had to be changed
 * @throws ApiError when it is refused; UnansweredReview when a webhook has to be asked first
 */
export function admit(
  core: ApiCore,
  target: Target,
  write: Write,
  options: WriteOptions,
): KubeObject | undefined {
  const { calls } = options;
  const attributes: Attributes = { core, target, options, ...write };
  if (calls === undefined || target.subresource === 'scale' || isExempt(attributes)) return write.object;
  const settle = (object: KubeObject): KubeObject => {
    const settled = cloneJson(object);
    pruneAndDefault(target.type, settled, { ...options, fieldValidation: 'Ignore' });
    return settled;
  };
  const policies = new Reinvocation();
  const webhooks = new Reinvocation();
  let { object } = write;
  for (const again of [false, true]) {
    const before = object;
    const run = (reinvocation: Reinvocation): PolicyRun => {
      if (again) reinvocation.begin(object);
      return { attributes: { ...attributes, object }, again, reinvocation, settle };
    };
    object = runPolicies(run(policies));
    policies.end(object);
    object = runWebhooks(run(webhooks), calls);
    webhooks.end(object);
    if (object === before) break;
  }
  return object;
}
