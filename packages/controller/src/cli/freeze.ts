import type { Environment } from '../config/config.ts';
import { freeze } from '../planes/shared/freeze.ts';
import { type HubKubeOptions, withHubKube } from './hub-kube.ts';
import type { ExitCode, Output } from './output.ts';

export interface FreezeOptions extends HubKubeOptions {
  readonly reason?: string;
  readonly json?: boolean;
}

const NO_REASON = 'windvane freeze';

/** `windvane freeze`: one ConfigMap, which every controller on that API server heeds. */
export async function runFreeze(
  options: FreezeOptions,
  output: Output,
  environment: Environment,
): Promise<ExitCode> {
  const reason = options.reason ?? NO_REASON;
  return withHubKube<ExitCode>(options, environment, async (api) => {
    await freeze(api, reason);
    output.line(`Frozen on ${api.server}: ${reason}`);
    output.line('Steps under way are rolled back; nothing moves until: windvane unfreeze');
    if (options.json === true) output.json({ frozen: true, reason, server: api.server });
    return 0;
  });
}
