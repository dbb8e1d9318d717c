import type { WebhookCalls } from '../admission/webhooks.ts';
import type { UserInfo } from '../authorization/users.ts';
import type { JsonObject } from '../object.ts';
import type { Watch, WatchEvent } from '../read/watch.ts';

/** What a handler answers with; the server turns it into HTTP. */
export type Reply =
  | { readonly code: number; readonly body: JsonObject | string; readonly headers?: Record<string, string> }
  | { readonly watch: Watch; readonly line: (event: WatchEvent) => string };

/** A request with everything that handlers look at. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly user: UserInfo;
  /** Empty when there is none. */
  readonly body: Buffer;
  /** Filled by handlers, sent as `Warning` headers. */
  readonly warnings: string[];
  /** What webhooks have answered so far. */
  readonly calls: WebhookCalls;
}
