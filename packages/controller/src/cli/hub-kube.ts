import type { Environment } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';
import type { KubeApi } from '../kube/api.ts';
import { connectKube } from '../kube/connect.ts';
import { isKubeError } from '../kube/errors.ts';

/** Where a hub's API server is, as written on the command line. */
export interface HubKubeOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/**
 * Runs `task` against the hub's API server: `--kubeconfig`, else `WINDVANE_KARMADA_KUBECONFIG`, else what kubectl takes.
 * What a user can mend comes out as a UserError.
 */
export async function withHubKube<T>(
  options: HubKubeOptions,
  environment: Environment,
  task: (api: KubeApi) => Promise<T>,
): Promise<T> {
  const fromEnvironment = environment['WINDVANE_KARMADA_KUBECONFIG'];
  const path = options.kubeconfig ?? (fromEnvironment === '' ? undefined : fromEnvironment);
  try {
    const api = connectKube({
      ...(path === undefined ? {} : { path }),
      ...(options.context === undefined ? {} : { context: options.context }),
    });
    return await task(api);
  } catch (error) {
    const mendable = isKubeError(error, 'misconfigured', 'unreachable', 'unauthorized', 'forbidden');
    throw mendable ? new UserError(error.message) : error;
  }
}
