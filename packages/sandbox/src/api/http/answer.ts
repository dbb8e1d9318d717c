import { callWebhook, type ServiceAddresses } from '../admission/call.ts';
import type { ReviewAnswer } from '../admission/review.ts';
import { UnansweredReview } from '../admission/webhooks.ts';
import type { ApiCore } from '../core.ts';
import { ApiError } from '../errors.ts';
import { handle } from './handle.ts';
import type { ApiRequest, Reply } from './reply.ts';

/** More reviews than this for one request mean that its object changes faster than webhooks answer. */
const MAX_REVIEWS = 100;

/**
 * Handles a request, asking the webhooks that it needs on the way. A request without webhooks is handled at
 * once; each answer of one starts it anew, on the objects of then.
 *
 * @throws ApiError for every answer that is a failure `Status`; 500 when the object never holds still
 */
export async function answer(
  core: ApiCore,
  request: Omit<ApiRequest, 'calls'>,
  services: ServiceAddresses,
): Promise<Reply> {
  const answers = new Map<string, { readonly input: string; readonly answer: ReviewAnswer }>();
  const calls = {
    answer(key: string, input: string) {
      const known = answers.get(key);
      return known?.input === input ? known.answer : undefined;
    },
  };
  for (let reviews = 0; reviews < MAX_REVIEWS; reviews += 1) {
    request.warnings.length = 0;
    try {
      return handle(core, { ...request, calls });
    } catch (error) {
      if (!(error instanceof UnansweredReview)) throw error;
      const { key, input, webhook, body } = error;
      answers.set(key, { input, answer: await callWebhook(webhook, body, services) });
    }
  }
  throw new ApiError(
    500,
    'InternalError',
    'Internal error occurred: the object changes faster than its webhooks answer',
  );
}
