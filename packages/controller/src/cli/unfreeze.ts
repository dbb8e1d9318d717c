import type { Environment } from '../config/config.ts';
import { unfreeze } from '../planes/shared/freeze.ts';
import { type HubKubeOptions, withHubKube } from './hub-kube.ts';
import type { ExitCode, Output } from './output.ts';

/** `windvane unfreeze`: takes the ConfigMap away. */
export async function runUnfreeze(
  options: HubKubeOptions & { readonly json?: boolean },
  output: Output,
  environment: Environment,
): Promise<ExitCode> {
  return withHubKube<ExitCode>(options, environment, async (api) => {
    const was = await unfreeze(api);
    output.line(was ? `No longer frozen: ${api.server}` : `Nothing was frozen: ${api.server}`);
    if (options.json === true) output.json({ frozen: false, wasFrozen: was, server: api.server });
    return 0;
  });
}
