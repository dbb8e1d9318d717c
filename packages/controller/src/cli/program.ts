import { Command, CommanderError } from 'commander';
import type { Environment } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';
import { runDemo } from '../demo/command.ts';
import { showClusters } from './clusters.ts';
import { runDoctor } from './doctor.ts';
import { explain } from './explain.ts';
import { runFreeze } from './freeze.ts';
import { showMap } from './map.ts';
import { flag, text } from './options.ts';
import { createOutput, type ExitCode, type Output, type OutputOptions, reportError } from './output.ts';
import { runRestore } from './restore.ts';
import { runController } from './run.ts';
import { simulate } from './simulate.ts';
import { runUnfreeze } from './unfreeze.ts';
import { runUninstall } from './uninstall.ts';

/** What the program stands in. */
export interface Surroundings extends Pick<OutputOptions, 'stdout' | 'stderr'> {
  readonly environment: Environment;
  /** For verbs that end in an order of their own: aborted when the user or the system asks the program to end. */
  readonly heedStop: () => AbortSignal;
}

const KUBECONFIG = text(
  '--kubeconfig <file>',
  'Of the hub (else WINDVANE_KARMADA_KUBECONFIG or WINDVANE_OCM_KUBECONFIG, KUBECONFIG, ~/.kube/config)',
);
const CONTEXT = text('--context <name>', 'Context in it');
const OUTCOME = flag('--json', 'End with the outcome as one JSON object');
const URL_OF_HUB = text('--url <url>', 'A running controller (WINDVANE_HUB_URL, else http://127.0.0.1:4280)');
const TOKEN_FILE = text('--token-file <file>', 'File with a token for it (WINDVANE_HUB_TOKEN_FILE)');
const CA_FILE = text(
  '--ca-file <file>',
  'Authorities of its certificate, PEM (WINDVANE_HUB_CA_FILE, else those of the system)',
);
const DRY_RUN = flag('--dry-run', 'Say what would be written, and write nothing');
const TIMEOUT = text(
  '--timeout <duration>',
  'Longest wait per policy for replicas to become available (10m)',
);
const FORCE = flag(
  '--force',
  'Write the found weights at once: no steps, no waiting; replicas may be missing meanwhile',
);
const RUN_ONCE_KINDS = text(
  '--config <file>',
  'Configuration of the hub, for the kinds that it dispatches besides Jobs',
);

/** Runs one command line (without node and script) to its end. Never throws. */
export async function runProgram(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const output = createOutput({ ...surroundings, json: args.includes('--json') });
  try {
    return await dispatch(args, surroundings, output);
  } catch (error) {
    return reportError(error, output);
  }
}

async function dispatch(
  args: readonly string[],
  surroundings: Surroundings,
  output: Output,
): Promise<ExitCode> {
  let code: ExitCode = 0;
  const program = programOf(surroundings, output, (ended) => {
    code = ended;
  });
  const known = program.commands.map((command) => command.name()).join(', ');
  if (args.length === 0) throw new UserError(`no command: there are ${known}; see windvane --help`);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return 0;
    const message = error.message.replace(/^error: /, '').replaceAll('\n', ' ');
    const hint = error.code === 'commander.unknownCommand' ? `: there are ${known}` : '; see windvane --help';
    throw new UserError(`${message}${hint}`);
  }
  return code;
}

/** Every verb with its options. @param ended is told the exit code of the one that ran */
function programOf(
  { environment, heedStop, stdout, stderr }: Surroundings,
  output: Output,
  ended: (code: ExitCode) => void,
): Command {
  const program = new Command('windvane')
    .description('Moves Kubernetes workloads to where the electricity is clean')
    .helpCommand(false)
    .exitOverride()
    .configureOutput({ writeOut: (help) => void stdout.write(help), writeErr: () => {} });

  program
    .command('run')
    .description('Run the controller: keep the carbon map, place workloads, serve the API')
    .addOption(text('--config <file>', 'Configuration (YAML); else WINDVANE_CONFIG, else the defaults'))
    .addOption(flag('--json', 'End with one JSON object that says what was running'))
    .action(async (options: Given<'config'>) =>
      ended(await runController(options, output, environment, heedStop())),
    );

  program
    .command('demo')
    .description('Watch the workloads of seven clusters follow the wind; needs nothing but this machine')
    .addOption(flag('--once', 'End after the summary instead of serving the API on'))
    .addOption(flag('--json', 'End with the summary as one JSON object'))
    .addOption(
      text('--traces <csv>', 'Replay real intensities: timestamp_utc, zone, carbon_intensity_g_per_kwh'),
    )
    .addOption(text('--from <instant>', 'Start, for example 2022-06-01T00:00Z'))
    .addOption(text('--hours <n>', 'Length in hours (72)'))
    .addOption(text('--redis <url>', 'Keep the carbon map in this Redis instead of in memory'))
    .addOption(text('--speed <n>', 'Hours shown per second (1.5 on a terminal, else as fast as it goes)'))
    .addOption(text('--port <port>', 'Port of the API (4280)'))
    .action(async (options: Given<string>) => ended(await runDemo(options, output, heedStop())));

  program
    .command('simulate')
    .description('Replay recorded intensities: what following the wind would have saved')
    .addOption(text('--traces <csv>', 'Intensities: timestamp_utc, zone, carbon_intensity_g_per_kwh'))
    .addOption(text('--clusters <list>', 'NAME=ZONE[,...]'))
    .addOption(
      text('--forecasts <csv>', 'Issued forecasts: issued_at, target_time, zone, forecast (may be .gz)'),
    )
    .addOption(text('--move-cost <duration>', 'Work that a move loses (30m)'))
    .addOption(text('--max-share <percent>', 'Largest share of one cluster (100)'))
    .addOption(text('--data-lag <duration>', 'How late actual values are known (0)'))
    .addOption(text('--from <instant>', 'Start; rows before it are history'))
    .addOption(text('--to <instant>', 'End'))
    .addOption(
      text('--profile <name>', 'ideal (the engine alone) or production (default limits, whole replicas)'),
    )
    .addOption(text('--replicas <n>', 'Replicas under production (20)'))
    .addOption(text('--objective <name>', 'carbon (default), cost or blended: what is counted'))
    .addOption(
      text(
        '--prices <csv>',
        'Prices: timestamp_utc, zone, price_per_kwh (or cluster, price_per_replica_hour)',
      ),
    )
    .addOption(
      text('--carbon-price <amount>', 'Worth of a kg of CO2e in the currency of the prices, for blended'),
    )
    .addOption(
      text(
        '--workloads <file>',
        'Many workloads: JSON lines {name, replicas, watts, clusters, objective, moveCost, maxShare}',
      ),
    )
    .addOption(flag('--temporal', 'Jobs that wait for the best time, one every 5 h in each cluster'))
    .addOption(text('--job <duration>', 'How long such a job runs (6h)'))
    .addOption(text('--slack <duration>', 'How long it may wait (24h)'))
    .addOption(
      text(
        '--jobs <file>',
        'Jobs that wait for time and place: JSON lines {id, createdAt, startBy, duration, cluster}',
      ),
    )
    .addOption(flag('--json', 'End with the figures as one JSON object'))
    .action(async (options: Parameters<typeof simulate>[0]) =>
      ended(await simulate(options, output, stderr)),
    );

  program
    .command('map [locations...]')
    .description('Show the carbon intensity of the grids')
    .addOption(
      text('--config <file>', 'Ask the sources of this configuration once, without a running controller'),
    )
    .addOption(URL_OF_HUB)
    .addOption(TOKEN_FILE)
    .addOption(CA_FILE)
    .addOption(flag('--json', 'End with the zones as one JSON object'))
    .action(async (locations: string[], options: Given<'config' | 'url' | 'tokenFile' | 'caFile'>) =>
      ended(await showMap(locations, options, output, environment)),
    );

  program
    .command('doctor')
    .description('Check a configuration: what serves every zone and why, and what has to be mended')
    .addOption(text('--config <file>', 'Configuration (YAML); else WINDVANE_CONFIG, else the defaults'))
    .addOption(
      text('--kubeconfig <file>', 'Of Karmada (else WINDVANE_KARMADA_KUBECONFIG, karmada.kubeconfig)'),
    )
    .addOption(text('--url <url>', 'A running controller, asked what scalers hold (as for map)'))
    .addOption(TOKEN_FILE)
    .addOption(CA_FILE)
    .addOption(flag('--json', 'End with the findings as one JSON object'))
    .action(async (options: Given<'config' | 'kubeconfig' | 'url' | 'tokenFile' | 'caFile'>) =>
      ended(await runDoctor(options, output, environment)),
    );

  program
    .command('clusters')
    .description('Show the member clusters, where they stand and why some are left out')
    .addOption(
      text('--config <file>', 'Read the hub of this configuration once, without a running controller'),
    )
    .addOption(URL_OF_HUB)
    .addOption(TOKEN_FILE)
    .addOption(CA_FILE)
    .addOption(flag('--json', 'End with the clusters as one JSON object'))
    .action(async (options: Given<'config' | 'url' | 'tokenFile' | 'caFile'>) =>
      ended(await showClusters(options, output, environment)),
    );

  program
    .command('explain <workload>')
    .description('Say why a workload (KIND/NAME) stands where it stands')
    .addOption(text('-n, --namespace <namespace>', 'Its namespace (default)'))
    .addOption(KUBECONFIG)
    .addOption(CONTEXT)
    .addOption(flag('--json', 'End with the status as one JSON object'))
    .action(async (workload: string, options: Given<'namespace' | 'kubeconfig' | 'context'>) =>
      ended(await explain(workload, options, output, environment)),
    );

  program
    .command('freeze')
    .description('Stop every move at once: steps under way are rolled back, then nothing is written')
    .addOption(text('--reason <text>', 'Why; shown with every workload'))
    .addOption(KUBECONFIG)
    .addOption(CONTEXT)
    .addOption(OUTCOME)
    .action(async (options: Given<'reason' | 'kubeconfig' | 'context'>) =>
      ended(await runFreeze(options, output, environment)),
    );

  program
    .command('unfreeze')
    .description('End the freeze')
    .addOption(KUBECONFIG)
    .addOption(CONTEXT)
    .addOption(OUTCOME)
    .action(async (options: Given<'kubeconfig' | 'context'>) =>
      ended(await runUnfreeze(options, output, environment)),
    );

  program
    .command('restore [workload]')
    .description(
      'Hand a workload (KIND/NAME) or policy back as it was found, and only observe it from then on',
    )
    .addOption(text('-n, --namespace <namespace>', 'Its namespace (default); with --all only this one'))
    .addOption(flag('--all', 'Everything that Windvane steers'))
    .addOption(DRY_RUN)
    .addOption(TIMEOUT)
    .addOption(FORCE)
    .addOption(RUN_ONCE_KINDS)
    .addOption(KUBECONFIG)
    .addOption(CONTEXT)
    .addOption(OUTCOME)
    .action(
      async (
        workload: string | undefined,
        {
          all = false,
          dryRun = false,
          force = false,
          json = false,
          ...options
        }: Given<
          'namespace' | 'timeout' | 'config' | 'kubeconfig' | 'context',
          'all' | 'dryRun' | 'force' | 'json'
        >,
      ) => ended(await runRestore(workload, { ...options, all, dryRun, force, json }, output, environment)),
    );

  program
    .command('uninstall')
    .description(
      'Hand everything back as it was found and delete what belongs to Windvane on this API server',
    )
    .addOption(DRY_RUN)
    .addOption(TIMEOUT)
    .addOption(FORCE)
    .addOption(RUN_ONCE_KINDS)
    .addOption(flag('--keep-crd', 'Keep the CarbonPlacements, each on hold: workloads are only observed'))
    .addOption(KUBECONFIG)
    .addOption(CONTEXT)
    .addOption(OUTCOME)
    .action(
      async ({
        dryRun = false,
        force = false,
        keepCrd = false,
        json = false,
        ...options
      }: Given<'timeout' | 'config' | 'kubeconfig' | 'context', 'dryRun' | 'force' | 'keepCrd' | 'json'>) =>
        ended(await runUninstall({ ...options, dryRun, force, keepCrd, json }, output, environment)),
    );

  return program;
}

/** Options as they were written: texts and flags, absent when they were not. */
type Given<Texts extends string, Flags extends string = 'json'> = {
  readonly [Name in Texts]?: string;
} & { readonly [Name in Flags]?: boolean };
