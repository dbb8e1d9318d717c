import { readFileSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { createKubeApi, type KubeApi } from './api.ts';
import { KubeError } from './errors.ts';
import { limited, type RequestLimits } from './limit.ts';
import { createTransport } from './transport.ts';

export interface KubeConnection {
  /** Kubeconfig as text; before `path`. */
  readonly kubeconfig?: string;
  /** File with a kubeconfig. Without text and path: `KUBECONFIG`, `~/.kube/config` or the service account. */
  readonly path?: string;
  /** Context to use instead of the current one. */
  readonly context?: string;
  readonly limits?: Partial<RequestLimits>;
  /** Field manager of every write (`windvane`). */
  readonly manager?: string;
}

const MADE_UP = 'http://localhost:8080';

function load(connection: KubeConnection): { config: KubeConfig; origin: string } {
  const config = new KubeConfig();
  if (connection.kubeconfig !== undefined) {
    config.loadFromString(connection.kubeconfig);
    return { config, origin: 'the given kubeconfig' };
  }
  if (connection.path !== undefined) {
    readFileSync(connection.path);
    config.loadFromFile(connection.path);
    return { config, origin: connection.path };
  }
  config.loadFromDefault();
  // Where it finds none, the library makes up one for this machine.
  if (config.getCurrentContext() === 'loaded-context' && config.getCurrentCluster()?.server === MADE_UP) {
    throw new KubeError(
      'misconfigured',
      'no kubeconfig: there is none in KUBECONFIG or ~/.kube/config, and no service account of a pod; name the file of one',
    );
  }
  return { config, origin: 'the default kubeconfig' };
}

function loadOrExplain(connection: KubeConnection): { config: KubeConfig; origin: string } {
  try {
    return load(connection);
  } catch (error) {
    if (error instanceof KubeError) throw error;
    const place = connection.path ?? 'kubeconfig';
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new KubeError('misconfigured', `${place} cannot be read: ${reason}; give a valid kubeconfig file`, {
      cause: error,
    });
  }
}

/**
 * Makes a client for one API server. Sends nothing yet.
 * @throws {@link KubeError} of kind `misconfigured` for a kubeconfig that cannot be used.
 */
export function connectKube(connection: KubeConnection = {}): KubeApi {
  const { config, origin } = loadOrExplain(connection);
  if (connection.context !== undefined) {
    if (config.getContextObject(connection.context) === null) {
      const known = config.getContexts().map((context) => context.name);
      throw new KubeError(
        'misconfigured',
        `${origin} has no context "${connection.context}"; it has ${known.join(', ') || 'none'}`,
      );
    }
    config.setCurrentContext(connection.context);
  }
  const current = config.getCurrentContext() as string | undefined;
  if (current === undefined || current === '') {
    throw new KubeError(
      'misconfigured',
      `${origin} names no context: set current-context in it, or give a kubeconfig that has one`,
    );
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null || cluster.server === undefined || !URL.canParse(cluster.server)) {
    throw new KubeError(
      'misconfigured',
      `${origin}: context "${current}" names no cluster with a server URL; set current-context`,
    );
  }
  const { username, password, search } = new URL(cluster.server);
  if (username !== '' || password !== '' || search !== '') {
    throw new KubeError(
      'misconfigured',
      `${origin}: the server of cluster "${cluster.name}" holds a user, password or query: leave it out, and put credentials under users`,
    );
  }
  if (cluster.server.startsWith('http:') && !cluster.skipTLSVerify) {
    // The library refuses plain HTTP otherwise. There is no certificate to verify on such a connection.
    config.clusters = config.clusters.map((entry) =>
      entry.name === cluster.name ? { ...entry, skipTLSVerify: true } : entry,
    );
  }
  return createKubeApi(
    limited(createTransport(config, cluster.server), connection.limits),
    connection.manager,
  );
}
