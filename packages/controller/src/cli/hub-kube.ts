import type { Environment } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';
import type { KubeApi } from '../kube/api.ts';
import { connectKube } from '../kube/connect.ts';
import { lineOf } from '../kube/errors.ts';

/** Where a hub's API server is, as written on the command line. */
export interface HubKubeOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** The one hub that the environment names. Throws UserError when it names two. */
function hubFromEnvironment(environment: Environment): string | undefined {
  const named = ['WINDVANE_KARMADA_KUBECONFIG', 'WINDVANE_OCM_KUBECONFIG']
    .map((variable) => environment[variable])
    .filter((path) => path !== undefined && path !== '');
  if (new Set(named).size > 1) {
    throw new UserError(
      'WINDVANE_KARMADA_KUBECONFIG and WINDVANE_OCM_KUBECONFIG name two hubs: say which one with --kubeconfig',
    );
  }
  return named[0];
}

/**
 * Runs `task` against the hub's API server: `--kubeconfig`, else `WINDVANE_KARMADA_KUBECONFIG` or
 * `WINDVANE_OCM_KUBECONFIG`, else what kubectl takes.
 * What a user can mend comes out as a UserError.
 */
export async function withHubKube<T>(
  options: HubKubeOptions,
  environment: Environment,
  task: (api: KubeApi) => Promise<T>,
): Promise<T> {
  const path = options.kubeconfig ?? hubFromEnvironment(environment);
  try {
    const api = connectKube({
      ...(path === undefined ? {} : { path }),
      ...(options.context === undefined ? {} : { context: options.context }),
    });
    return await task(api);
  } catch (error) {
    const line = lineOf(error);
    throw line === null ? error : new UserError(line);
  }
}
