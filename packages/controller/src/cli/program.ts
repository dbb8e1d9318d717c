import { cac } from 'cac';
import type { Environment } from '../config/config.ts';
import { UserError } from '../config/user-error.ts';
import { runDemo } from '../demo/command.ts';
import { showClusters } from './clusters.ts';
import { runDoctor } from './doctor.ts';
import { explain } from './explain.ts';
import { runFreeze } from './freeze.ts';
import { showMap } from './map.ts';
import { createOutput, type ExitCode, type Output, type OutputOptions, reportError } from './output.ts';
import { runRestore } from './restore.ts';
import { runController } from './run.ts';
import { simulate } from './simulate.ts';
import { runUnfreeze } from './unfreeze.ts';
import { runUninstall } from './uninstall.ts';

/** What the program stands in. */
export interface Surroundings extends Pick<OutputOptions, 'stdout' | 'stderr'> {
  readonly environment: Environment;
  /** Aborted when the user or the system asks the program to end. */
  readonly stop: AbortSignal;
}

type Options = Readonly<Record<string, unknown>>;

const KINDS = 'Configuration of the hub, for the kinds that it dispatches besides Jobs';

const SIMULATE_OPTIONS = [
  'traces',
  'clusters',
  'forecasts',
  'moveCost',
  'maxShare',
  'dataLag',
  'from',
  'to',
  'profile',
  'replicas',
  'objective',
  'prices',
  'carbonPrice',
  'workloads',
  'job',
  'slack',
  'jobs',
] as const;

/** Runs one command line (without node and script) to its end. Never throws. */
export async function runProgram(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const output = createOutput({ ...surroundings, json: args.includes('--json') });
  try {
    return await dispatch(args, surroundings, output);
  } catch (error) {
    return reportError(
      isUsageError(error) ? new UserError(`${error.message}; see windvane --help`) : error,
      output,
    );
  }
}

async function dispatch(
  args: readonly string[],
  { environment, stop, stderr }: Surroundings,
  output: Output,
): Promise<ExitCode> {
  const cli = cac('windvane');
  const withHub = { url: '--url <url>', tokenFile: '--token-file <file>', json: '--json' } as const;
  const withKube = {
    kubeconfig: [
      '--kubeconfig <file>',
      'Of the hub (else WINDVANE_KARMADA_KUBECONFIG or WINDVANE_OCM_KUBECONFIG, KUBECONFIG, ~/.kube/config)',
    ],
    context: ['--context <name>', 'Context in it'],
    json: ['--json', 'End with the outcome as one JSON object'],
  } as const;

  cli
    .command('run', 'Run the controller: keep the carbon map, place workloads, serve the API')
    .option('--config <file>', 'Configuration (YAML); else WINDVANE_CONFIG, else the defaults')
    .option('--json', 'End with one JSON object that says what was running')
    .action((options: Options) => runController(options, output, environment, stop));

  cli
    .command('demo', 'Watch the workloads of seven clusters follow the wind; needs nothing but this machine')
    .option('--once', 'End after the summary instead of serving the API on')
    .option('--json', 'End with the summary as one JSON object')
    .option('--traces <csv>', 'Replay real intensities: timestamp_utc, zone, carbon_intensity_g_per_kwh')
    .option('--from <instant>', 'Start, for example 2022-06-01T00:00Z')
    .option('--hours <n>', 'Length in hours (72)')
    .option('--redis <url>', 'Keep the carbon map in this Redis instead of in memory')
    .option('--speed <n>', 'Hours shown per second (1.5 on a terminal, else as fast as it goes)')
    .option('--port <port>', 'Port of the API (4280)')
    .action((options: Options) => runDemo(options, output, stop));

  cli
    .command('simulate', 'Replay recorded intensities: what following the wind would have saved')
    .option('--traces <csv>', 'Intensities: timestamp_utc, zone, carbon_intensity_g_per_kwh')
    .option('--clusters <list>', 'NAME=ZONE[,...]')
    .option('--forecasts <csv>', 'Issued forecasts: issued_at, target_time, zone, forecast (may be .gz)')
    .option('--move-cost <duration>', 'Work that a move loses (30m)')
    .option('--max-share <percent>', 'Largest share of one cluster (100)')
    .option('--data-lag <duration>', 'How late actual values are known (0)')
    .option('--from <instant>', 'Start; rows before it are history')
    .option('--to <instant>', 'End')
    .option('--profile <name>', 'ideal (the engine alone) or production (default limits, whole replicas)')
    .option('--replicas <n>', 'Replicas under production (20)')
    .option('--objective <name>', 'carbon (default), cost or blended: what is counted')
    .option(
      '--prices <csv>',
      'Prices: timestamp_utc, zone, price_per_kwh (or cluster, price_per_replica_hour)',
    )
    .option('--carbon-price <amount>', 'Worth of a kg of CO2e in the currency of the prices, for blended')
    .option(
      '--workloads <file>',
      'Many workloads: JSON lines {name, replicas, watts, clusters, objective, moveCost, maxShare}',
    )
    .option('--temporal', 'Jobs that wait for the best time, one every 5 h in each cluster')
    .option('--job <duration>', 'How long such a job runs (6h)')
    .option('--slack <duration>', 'How long it may wait (24h)')
    .option(
      '--jobs <file>',
      'Jobs that wait for time and place: JSON lines {id, createdAt, startBy, duration, cluster}',
    )
    .option('--json', 'End with the figures as one JSON object')
    .action((options: Options) =>
      simulate(
        {
          ...pick(options, ...SIMULATE_OPTIONS),
          ...jsonOf(options),
          temporal: options['temporal'] === true,
        },
        output,
        stderr,
      ),
    );

  cli
    .command('map [...locations]', 'Show the carbon intensity of the grids')
    .option('--config <file>', 'Ask the sources of this configuration once, without a running controller')
    .option(withHub.url, 'A running controller (WINDVANE_HUB_URL, else http://127.0.0.1:4280)')
    .option(withHub.tokenFile, 'File with a token for it')
    .option(withHub.json, 'End with the zones as one JSON object')
    .action((locations: string[], options: Options) =>
      showMap(
        locations,
        { ...pick(options, 'config', 'url', 'tokenFile'), ...jsonOf(options) },
        output,
        environment,
      ),
    );

  cli
    .command('doctor', 'Check a configuration: what serves every zone and why, and what has to be mended')
    .option('--config <file>', 'Configuration (YAML); else WINDVANE_CONFIG, else the defaults')
    .option('--kubeconfig <file>', 'Of the hub (else WINDVANE_KARMADA_KUBECONFIG, karmada.kubeconfig)')
    .option(withHub.url, 'A running controller, asked what scalers hold (as for map)')
    .option(withHub.tokenFile, 'File with a token for it')
    .option('--json', 'End with the findings as one JSON object')
    .action((options: Options) =>
      runDoctor(
        { ...pick(options, 'config', 'kubeconfig', 'url', 'tokenFile'), ...jsonOf(options) },
        output,
        environment,
      ),
    );

  cli
    .command('clusters', 'Show the member clusters, where they stand and why some are left out')
    .option('--config <file>', 'Read the hub of this configuration once, without a running controller')
    .option(withHub.url, 'A running controller (WINDVANE_HUB_URL, else http://127.0.0.1:4280)')
    .option(withHub.tokenFile, 'File with a token for it')
    .option(withHub.json, 'End with the clusters as one JSON object')
    .action((options: Options) =>
      showClusters(
        { ...pick(options, 'config', 'url', 'tokenFile'), ...jsonOf(options) },
        output,
        environment,
      ),
    );

  cli
    .command('explain <workload>', 'Say why a workload (KIND/NAME) stands where it stands')
    .option('-n, --namespace <namespace>', 'Its namespace (default)')
    .option(...withKube.kubeconfig)
    .option(...withKube.context)
    .option('--json', 'End with the status as one JSON object')
    .action((workload: string, options: Options) =>
      explain(
        workload,
        { ...pick(options, 'namespace', 'kubeconfig', 'context'), ...jsonOf(options) },
        output,
        environment,
      ),
    );

  cli
    .command('freeze', 'Stop every move at once: steps under way are rolled back, then nothing is written')
    .option('--reason <text>', 'Why; shown with every workload')
    .option(...withKube.kubeconfig)
    .option(...withKube.context)
    .option(...withKube.json)
    .action((options: Options) =>
      runFreeze(
        { ...pick(options, 'reason', 'kubeconfig', 'context'), ...jsonOf(options) },
        output,
        environment,
      ),
    );

  cli
    .command('unfreeze', 'End the freeze')
    .option(...withKube.kubeconfig)
    .option(...withKube.context)
    .option(...withKube.json)
    .action((options: Options) =>
      runUnfreeze({ ...pick(options, 'kubeconfig', 'context'), ...jsonOf(options) }, output, environment),
    );

  cli
    .command(
      'restore [workload]',
      'Hand a workload (KIND/NAME) or policy back as it was found, and only observe it from then on',
    )
    .option('-n, --namespace <namespace>', 'Its namespace (default); with --all only this one')
    .option('--all', 'Everything that Windvane steers')
    .option('--dry-run', 'Say what would be written, and write nothing')
    .option('--timeout <duration>', 'Longest wait per policy for replicas to become available (10m)')
    .option(
      '--force',
      'Write the found weights at once: no steps, no waiting; replicas may be missing meanwhile',
    )
    .option('--config <file>', KINDS)
    .option(...withKube.kubeconfig)
    .option(...withKube.context)
    .option(...withKube.json)
    .action((workload: string | undefined, options: Options) =>
      runRestore(
        workload,
        {
          ...pick(options, 'namespace', 'timeout', 'config', 'kubeconfig', 'context'),
          all: options['all'] === true,
          dryRun: options['dryRun'] === true,
          force: options['force'] === true,
          ...jsonOf(options),
        },
        output,
        environment,
      ),
    );

  cli
    .command(
      'uninstall',
      'Hand everything back as it was found and delete what belongs to Windvane on this API server',
    )
    .option('--dry-run', 'Say what would be written, and write nothing')
    .option('--timeout <duration>', 'Longest wait per policy for replicas to become available (10m)')
    .option(
      '--force',
      'Write the found weights at once: no steps, no waiting; replicas may be missing meanwhile',
    )
    .option('--config <file>', KINDS)
    .option('--keep-crd', 'Keep the CarbonPlacements, each on hold: workloads are only observed')
    .option(...withKube.kubeconfig)
    .option(...withKube.context)
    .option(...withKube.json)
    .action((options: Options) =>
      runUninstall(
        {
          ...pick(options, 'timeout', 'config', 'kubeconfig', 'context'),
          dryRun: options['dryRun'] === true,
          force: options['force'] === true,
          keepCrd: options['keepCrd'] === true,
          ...jsonOf(options),
        },
        output,
        environment,
      ),
    );

  cli.help();
  cli.parse(['node', 'windvane', ...args], { run: false });
  if (cli.options['help'] === true) return 0;
  if (cli.matchedCommand === undefined) {
    const [verb] = cli.args;
    const known = cli.commands.map(({ name }) => name).join(', ');
    throw new UserError(
      verb === undefined
        ? `no command: there are ${known}; see windvane --help`
        : `unknown command "${verb}": there are ${known}`,
    );
  }
  const done: unknown = await cli.runMatchedCommand();
  return done === 1 || done === 2 ? done : 0;
}

/** Options that were written, as texts: the parser turns digits into numbers and repetitions into lists. */
function pick<K extends string>(options: Options, ...names: readonly K[]): { readonly [P in K]?: string } {
  const picked: { [P in K]?: string } = {};
  for (const name of names) {
    const value = options[name];
    if (value === undefined) continue;
    if (typeof value !== 'string' && typeof value !== 'number') {
      throw new UserError(
        `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: write it once, with a value`,
      );
    }
    picked[name] = String(value);
  }
  return picked;
}

function jsonOf(options: Options): { readonly json: boolean } {
  return { json: options['json'] === true };
}

/** Unknown options and missing values, as the parser tells them. */
function isUsageError(error: unknown): error is Error {
  return error instanceof Error && error.name === 'CACError';
}
