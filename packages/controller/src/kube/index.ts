// `@windvane/controller/kube`: talking to an API server, for other processes of Windvane.
export type { KubeApi, WatchEvent } from './api.ts';
export { createKubeApi, FIELD_MANAGER } from './api.ts';
export type { CacheHandler, ObjectCache } from './cache.ts';
export type { KubeConnection } from './connect.ts';
export { connectKube } from './connect.ts';
export type { KubeErrorKind } from './errors.ts';
export { isKubeError, KubeError } from './errors.ts';
export type { EventNote, EventRecorder } from './events.ts';
export { createEventRecorder } from './events.ts';
export type { Informer, InformerOptions, InformerTransition } from './informer.ts';
export { createInformer } from './informer.ts';
export type { LeaseElector, LeaseElectorOptions } from './lease.ts';
export { createLeaseElector, LEASE } from './lease.ts';
export type { QueueOptions, ReconcileQueue, ReconcileResult } from './queue.ts';
export { createQueue } from './queue.ts';
export type { KubeObject, ResourceType } from './resource.ts';
export { apiVersionOf, keyOf } from './resource.ts';
