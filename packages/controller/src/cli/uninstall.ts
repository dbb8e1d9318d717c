import { type Environment, loadRunOnceKinds } from '../config/config.ts';
import { planUninstall, type UninstallOptions, uninstall } from '../planes/karmada/handback/uninstall.ts';
import { type HubKubeOptions, withHubKube } from './hub-kube.ts';
import type { ExitCode, Output } from './output.ts';
import { paceOf } from './restore.ts';

interface Options extends HubKubeOptions, Pick<UninstallOptions, 'keepCrd'> {
  readonly config?: string;
  readonly dryRun: boolean;
  readonly force: boolean;
  readonly timeout?: string;
  readonly json: boolean;
}

/** `windvane uninstall`: needs no controller, and minds none that is still there. */
export async function runUninstall(
  options: Options,
  output: Output,
  environment: Environment,
): Promise<ExitCode> {
  const pace = paceOf(options, output);
  const scope = { keepCrd: options.keepCrd, runOnceKinds: loadRunOnceKinds(options.config, environment) };
  const done: string[] = [];
  const telling = {
    ...pace,
    tell(line: string): void {
      done.push(line);
      pace.tell(line);
    },
  };
  return withHubKube<ExitCode>(options, environment, async (api) => {
    if (options.dryRun) {
      const would = await planUninstall(api, scope);
      for (const line of would) output.line(`would ${line}`);
      if (options.json) output.json({ dryRun: true, would });
      return 0;
    }
    const complete = await uninstall(api, scope, telling);
    output.line(
      complete
        ? `Nothing of Windvane is left on this API server but the namespace windvane-system${options.keepCrd ? ' and the CarbonPlacements' : ''}; delete its Deployment where it runs`
        : 'Not complete: everything stays frozen; run this again, or with --force to wait for nothing',
    );
    if (options.json) output.json({ dryRun: false, complete, done });
    return complete ? 0 : 1;
  });
}
