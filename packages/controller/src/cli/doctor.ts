import { SECOND, systemClock } from '@windvane/carbon-map';
import { type Environment, type HubConfig, loadConfig } from '../config/config.ts';
import { isLoopback } from '../config/listen.ts';
import { given } from '../config/secret.ts';
import { examine, type Findings } from '../doctor/examine.ts';
import { ageText } from '../doctor/zones.ts';
import { columns } from './columns.ts';
import { createHubClient, type HubClientOptions } from './hub-client.ts';
import type { ExitCode, Output } from './output.ts';

export interface DoctorOptions extends HubClientOptions {
  readonly config?: string;
  readonly kubeconfig?: string;
  readonly json?: boolean;
}

/** `windvane doctor`: what serves every zone and why, and what has to be mended. 1 when something has. */
export async function runDoctor(
  options: DoctorOptions,
  output: Output,
  environment: Environment,
): Promise<ExitCode> {
  const { kubeconfig, url } = options;
  const config = loadConfig(
    options.config,
    kubeconfig === undefined ? environment : { ...environment, WINDVANE_KARMADA_KUBECONFIG: kubeconfig },
  );
  const named = url !== undefined || given(environment, 'WINDVANE_HUB_URL') !== undefined;
  const asked = named ? options : { ...options, url: ownUrl(config.api) };
  const findings = await examine(config, systemClock, {
    controller: createHubClient(asked, environment),
    named,
  });
  for (const line of linesOf(findings)) output.line(line);
  if (options.json === true) output.json(findings);
  return findings.ok ? 0 : 1;
}

/** Where a controller with this configuration is asked on its own machine. */
function ownUrl({ listen: { host, port }, tls }: HubConfig['api']): string {
  const local = isLoopback(host) ? host : '127.0.0.1';
  return `${tls === null ? 'http' : 'https'}://${local.includes(':') ? `[${local}]` : local}:${port}`;
}

function linesOf(findings: Findings): readonly string[] {
  const { problems } = findings;
  return [
    ...zoneLines(findings),
    '',
    ...findings.pairRule,
    '',
    ...sourceLines(findings),
    '',
    storeLine(findings),
    ...hubLines(findings),
    ...priceLines(findings),
    holdLine(findings),
    '',
    problems.length === 0 ? 'No problem found.' : `Problems: ${problems.length}`,
    ...problems.map((problem) => `  ${problem}`),
  ];
}

/** One line per zone; the sources that were passed over follow on lines of their own. */
function zoneLines({ zones }: Findings): readonly string[] {
  if (zones.length === 0) return ['No zones: list some in carbon.zones, or give a kubeconfig.'];
  const rows = zones.flatMap(({ zone, data, gramsPerKwh, pair, source, ageSeconds, passedOver }) => [
    [
      zone,
      data === 'none' ? 'no data' : data,
      gramsPerKwh === null ? '-' : String(Math.round(gramsPerKwh)),
      pair ?? '-',
      source ?? '-',
      ageSeconds === null ? '-' : ageText(ageSeconds * SECOND),
      reason(passedOver[0]),
    ],
    ...passedOver.slice(1).map((each) => ['', '', '', '', '', '', reason(each)]),
  ]);
  return columns(['ZONE', 'DATA', 'G/KWH', 'PAIR', 'SOURCE', 'AGE', 'NOT FROM'], rows);
}

function reason(passed: Findings['zones'][number]['passedOver'][number] | undefined): string {
  return passed === undefined ? '' : `${passed.provider}: ${passed.why}`;
}

function sourceLines({ sources }: Findings): readonly string[] {
  const rows = sources.map(({ name, pair, answered, failed, clockSkewSeconds, quotaLeft }) => [
    name,
    pair,
    String(answered),
    String(failed),
    clockSkewSeconds === null ? '-' : `${clockSkewSeconds} s`,
    quotaLeft ?? '-',
  ]);
  return columns(['SOURCE', 'PAIR', 'ANSWERED', 'FAILED', 'CLOCK', 'REQUESTS LEFT'], rows);
}

function storeLine({ store }: Findings): string {
  if (!store.reachable) return `Store: ${store.kind}, not reachable`;
  const server = store.server === null ? '' : ` (${store.server})`;
  const holds = store.mapVersion === null ? 'no map in it yet' : `map version ${store.mapVersion}`;
  return `Store: ${store.kind}${server}${store.kind === 'memory' ? '' : `, ${holds}`}`;
}

function hubLines({ hub, ocm, clusters, live }: Findings): readonly string[] {
  if (hub === null && ocm === null) return ['Hub: no kubeconfig is configured'];
  if (hub !== null && hub.problem !== null) return [`Hub ${hub.hub}: its clusters cannot be read`];
  const rows = clusters.map(({ name, location, zone, data, ready, excluded }) => [
    name,
    location ?? '-',
    zone ?? '-',
    data === null ? '-' : data === 'none' ? 'no data' : data,
    ready ? 'yes' : 'no',
    excluded ?? '',
  ]);
  return [
    ...[hub, ocm].flatMap((each) => (each === null ? [] : [`Hub ${each.hub} at ${each.server}`])),
    `${live.clusters} of ${live.of} clusters live`,
    ...(hub === null || hub.jobs === null
      ? []
      : [`Jobs: ${hub.jobs.waiting} wait, ${hub.jobs.overdue.length} past their latest start`]),
    ...(rows.length === 0
      ? []
      : ['', ...columns(['CLUSTER', 'LOCATION', 'ZONE', 'DATA', 'READY', 'LEFT OUT BECAUSE'], rows)]),
  ];
}

function holdLine({ holds }: Findings): string {
  return holds.held === null
    ? `Held in member clusters: not known, ${holds.unknown ?? ''}`
    : `Held in member clusters: ${holds.held}`;
}

function priceLines({ prices }: Findings): readonly string[] {
  if (prices.length === 0) return [];
  const rows = prices.map(({ of, unit, price, source }) => [
    of,
    unit,
    price === null ? 'missing' : String(Number(price.toPrecision(4))),
    source ?? '-',
  ]);
  return ['', ...columns(['PRICE OF', 'PER', 'NOW', 'SOURCE'], rows)];
}
