import { ApiStatusError, connect } from '../../../src/runtime/client/connection.ts';
import type { ApiObject, KubeObject } from '../../../src/runtime/client/object.ts';
import { collectionPath, objectPath, type Resource } from '../../../src/runtime/client/resource.ts';
import { trusted } from '../../../src/runtime/client/trust.ts';

export const DEPLOYMENT: Resource = resource('apps/v1', 'Deployment', 'deployments');
export const STATEFUL_SET: Resource = resource('apps/v1', 'StatefulSet', 'statefulsets');
export const DAEMON_SET: Resource = resource('apps/v1', 'DaemonSet', 'daemonsets');
export const JOB: Resource = resource('batch/v1', 'Job', 'jobs');
export const CRON_JOB: Resource = resource('batch/v1', 'CronJob', 'cronjobs');
export const CONFIG_MAP: Resource = resource('v1', 'ConfigMap', 'configmaps');
export const SCALED_OBJECT: Resource = resource('keda.sh/v1alpha1', 'ScaledObject', 'scaledobjects');

function resource(apiVersion: string, kind: string, plural: string): Resource {
  return { apiVersion, kind, plural, namespaced: true };
}

/** An object as tests look at it: whatever is inside may be asked for. */
// biome-ignore lint/suspicious/noExplicitAny: a test that asks for what is not there fails by that
// oxlint-disable-next-line typescript/no-explicit-any -- a test that asks for what is not there fails by that
export type Seen = KubeObject<any, any>;

/** What a user does on the hub. */
export interface Api {
  create(resource: Resource, object: ApiObject): Promise<Seen>;
  get(resource: Resource, namespace: string | undefined, name: string): Promise<Seen>;
  find(resource: Resource, namespace: string | undefined, name: string): Promise<Seen | undefined>;
  list(resource: Resource, namespace?: string): Promise<readonly Seen[]>;
  /** JSON merge patch. */
  patch(resource: Resource, namespace: string | undefined, name: string, patch: object): Promise<Seen>;
  /** JSON merge patch of the status subresource. */
  patchStatus(resource: Resource, namespace: string | undefined, name: string, patch: object): Promise<Seen>;
  /** Server-side apply. */
  apply(resource: Resource, object: ApiObject, manager: string): Promise<Seen>;
  /** Server-side apply of the status subresource. */
  applyStatus(resource: Resource, object: ApiObject, manager: string): Promise<Seen>;
  remove(resource: Resource, namespace: string | undefined, name: string): Promise<void>;
  close(): void;
}

export async function openApi(kubeconfig: string): Promise<Api> {
  const connection = await connect(kubeconfig);
  const send = async (method: string, path: string, value?: object, contentType = 'application/json') =>
    trusted<Seen>(
      await connection.request(method, path, value === undefined ? undefined : { contentType, value }),
    );
  const sendApply = (kind: Resource, object: ApiObject, manager: string, subresource: string) => {
    const path = objectPath(kind, object.metadata.namespace, object.metadata.name);
    const type = 'application/apply-patch+yaml';
    return send('PATCH', `${path}${subresource}?fieldManager=${manager}`, object, type);
  };
  return {
    create: (kind, object) => send('POST', collectionPath(kind, object.metadata.namespace), object),
    get: (kind, namespace, name) => send('GET', objectPath(kind, namespace, name)),
    async find(kind, namespace, name) {
      try {
        return await send('GET', objectPath(kind, namespace, name));
      } catch (error) {
        if (error instanceof ApiStatusError && error.code === 404) return undefined;
        throw error;
      }
    },
    async list(kind, namespace) {
      const answer = trusted<{ items: Seen[] }>(await send('GET', collectionPath(kind, namespace)));
      return answer.items;
    },
    patch: (kind, namespace, name, patch) =>
      send('PATCH', objectPath(kind, namespace, name), patch, 'application/merge-patch+json'),
    patchStatus: (kind, namespace, name, patch) =>
      send('PATCH', `${objectPath(kind, namespace, name)}/status`, patch, 'application/merge-patch+json'),
    apply: (kind, object, manager) => sendApply(kind, object, manager, ''),
    applyStatus: (kind, object, manager) => sendApply(kind, object, manager, '/status'),
    async remove(kind, namespace, name) {
      await send('DELETE', objectPath(kind, namespace, name), {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: 'Background',
      });
    },
    close: () => connection.close(),
  };
}
