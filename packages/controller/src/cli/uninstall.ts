import { type Environment, loadRunOnceKinds } from '../config/config.ts';
import {
  type Others,
  planUninstall,
  type UninstallOptions,
  uninstall,
} from '../planes/karmada/handback/uninstall.ts';
import { planOcmUninstall, uninstallOcm } from '../planes/ocm/handback/uninstall.ts';
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
    let inUse: readonly string[] = [];
    const ocm: Others = {
      plan: await planOcmUninstall(api, options.keepCrd),
      async run(server, hands) {
        const result = await uninstallOcm(server, options.keepCrd, hands);
        if (result.kind === 'in-use') inUse = result.placements;
        return result.kind === 'done';
      },
    };
    if (options.dryRun) {
      const would = await planUninstall(api, scope, ocm);
      for (const line of would) output.line(`would ${line}`);
      if (options.json) output.json({ dryRun: true, would });
      return 0;
    }
    const complete = await uninstall(api, scope, telling, ocm);
    for (const placement of inUse) output.line(`${placement} still draws on the published scores`);
    output.line(
      complete
        ? `Nothing of Windvane is left on this API server but the namespace windvane-system${options.keepCrd ? ' and the CarbonPlacements' : ''}; delete its Deployment where it runs`
        : inUse.length > 0
          ? 'Not complete: everything stays frozen; take the scores out of these Placements and run this again, or with --force to delete them all the same'
          : 'Not complete: everything stays frozen; run this again, or with --force to wait for nothing',
    );
    if (options.json) output.json({ dryRun: false, complete, done, inUse });
    if (complete) return 0;
    return inUse.length > 0 ? 2 : 1;
  });
}
