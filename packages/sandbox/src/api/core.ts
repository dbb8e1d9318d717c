import type { WebhookCalls } from './admission/webhooks.ts';
import type { UserInfo } from './authorization/users.ts';
import type { Registry } from './registry/registry.ts';
import type { ResourceType } from './registry/resource.ts';
import type { Store } from './storage/store.ts';

/** What every handler works on. */
export interface ApiCore {
  readonly store: Store;
  readonly registry: Registry;
  /** The present, in Unix milliseconds. */
  readonly now: () => number;
  /** Tells this server from others that ran on the same port: part of the hashes that clients cache by. */
  readonly epoch: string;
}

/** The subresources that this server knows. */
export type Subresource = '' | 'status' | 'scale' | 'finalize';

/** The object or collection that a request is about. */
export interface Target {
  readonly type: ResourceType;
  /** Empty for cluster-scoped resources and for lists over all namespaces. */
  readonly namespace: string;
  /** Empty for collections. */
  readonly name: string;
  readonly subresource: Subresource;
}

/** What the query of a write says, and where its warnings go. */
export interface WriteOptions {
  readonly manager: string;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly fieldValidation: 'Ignore' | 'Warn' | 'Strict';
  /** Text of `Warning` headers to send with the answer. */
  readonly warnings: string[];
  /** Who writes; the server itself when undefined. */
  readonly user?: UserInfo;
  /** What webhooks have answered so far. Undefined for the server's own writes, which are not admitted. */
  readonly calls?: WebhookCalls;
}
