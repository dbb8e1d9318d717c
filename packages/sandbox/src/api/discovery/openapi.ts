import type { ApiCore } from '../core.ts';
import type { ApiRequest, Reply } from '../http/reply.ts';

/** Answers `/openapi/...`; undefined for every other path. */
export function openApiReply(_core: ApiCore, _request: ApiRequest): Reply | undefined {
  return undefined;
}
