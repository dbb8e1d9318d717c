import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { HOUR, MINUTE, systemClock } from '@windvane/carbon-map';
import type { Sandbox } from '@windvane/sandbox';
import { type ApiServer, startApi } from '../api/server.ts';
import type { ControllerLog } from '../app/controller.ts';
import type { ExitCode, Output } from '../cli/output.ts';
import { carbonSource } from './carbon-source.ts';
import { type DemoWorkload, demoWorkloads } from './fleet.ts';
import type { Happening } from './happening.ts';
import { type DemoOptions, demoOptions, type RawDemoOptions } from './options.ts';
import { createRecorder } from './recorder.ts';
import { createScreen } from './screen.ts';
import type { Snapshot } from './snapshot.ts';
import { summaryLines, summaryOf } from './summary.ts';
import { demoZones, openWorld, type World } from './world.ts';

const DEFAULT_PORT = 4280;
/** How often the picture is looked at, in the demo's time. */
const TICK: number = 15 * MINUTE;

/** `windvane demo`: a whole fleet in this process, for as many hours as asked, then the summary. */
export async function runDemo(raw: RawDemoOptions, output: Output, stop: AbortSignal): Promise<ExitCode> {
  const options = demoOptions(raw, output.interactive);
  const zones = demoZones();
  const source = await carbonSource(options, [...zones.values()]);
  output.line(`Starting ${zones.size} clusters and ${demoWorkloads.length} workloads in this process ...`);
  const world = await openWorld(source, options.redis, faultsTo(output));
  try {
    const api = await serve(options, world);
    try {
      const recorder = createRecorder({
        fleet: world.controller.fleet,
        zones,
        running: (workload) => replicasOf(world, workload),
        from: source.from,
        hours: options.hours,
        source: source.label,
      });
      const snapshot = await play({ options, world, recorder, output, stop, from: source.from });
      for (const line of summaryLines(snapshot)) output.line(line);
      if (!options.once && api !== null && !stop.aborted) await keepServing(api, world, output, stop);
      if (options.json) output.json(summaryOf(snapshot));
    } finally {
      await api?.stop();
    }
  } finally {
    await world.stop();
  }
  return 0;
}

interface Play {
  readonly options: DemoOptions;
  readonly world: World;
  readonly recorder: ReturnType<typeof createRecorder>;
  readonly output: Output;
  readonly stop: AbortSignal;
  readonly from: number;
}

/** Plays the hours one by one and returns the last moment. */
async function play({ options, world, recorder, output, stop, from }: Play): Promise<Snapshot> {
  const screen = createScreen(output);
  let fresh: Happening[] = [];
  const settle = async (): Promise<void> => {
    await world.settle();
    fresh.push(...recorder.look());
  };
  try {
    await settle();
    for (let hour = 0; hour < options.hours && !stop.aborted; hour += 1) {
      await world.controller.refresh();
      await settle();
      const start = from + hour * HOUR;
      for (let at = start; at < start + HOUR && !stop.aborted; at += TICK) {
        const begun = performance.now();
        const shown = fresh;
        fresh = [];
        if (output.interactive || at === start || shown.length > 0) {
          screen.show(await recorder.snapshot(hour), shown);
        }
        await world.clock.runTo(at + TICK, settle);
        await keepPace(options.speed, performance.now() - begun, stop);
      }
    }
    const last = await recorder.snapshot(options.hours);
    screen.show(last, fresh);
    return last;
  } finally {
    screen.close();
  }
}

/** Waits out what is left of a tick's share of real time. */
async function keepPace(speed: number | null, spent: number, stop: AbortSignal): Promise<void> {
  if (speed === null) return;
  const share = (TICK / HOUR / speed) * 1_000 - spent;
  if (share > 0) await pause(share, undefined, { signal: stop }).catch(() => {});
}

function serve(options: DemoOptions, world: World): Promise<ApiServer | null> {
  if (options.once && options.port === null) return Promise.resolve(null);
  return startApi({
    fleet: world.controller.fleet,
    listen: { host: '127.0.0.1', port: options.port ?? DEFAULT_PORT },
    tokensFile: null,
    tls: null,
    clock: systemClock,
    log: { info: () => {}, error: () => {} },
  });
}

async function keepServing(api: ApiServer, world: World, output: Output, stop: AbortSignal): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'windvane-demo-'));
  const kubeconfigOf = (name: string, sandbox: Sandbox): string => {
    const path = join(folder, name);
    writeFileSync(path, sandbox.kubeconfig(), { mode: 0o600 });
    return path;
  };
  const query =
    '{ placements { name state reason split { cluster replicas gramsPerKwh } decision { text } } }';
  output.line('');
  output.line(
    `The demo's time stands still now. GraphQL goes on answering at ${api.url}/graphql, for example:`,
  );
  output.line(
    `  curl -s ${api.url}/graphql -H 'content-type: application/json' -d '${JSON.stringify({ query })}'`,
  );
  output.line('Its hubs speak Kubernetes:');
  output.line(
    `  kubectl --kubeconfig ${kubeconfigOf('karmada', world.hub.sandbox)} get cpl,propagationpolicies -A`,
  );
  output.line(
    `  kubectl --kubeconfig ${kubeconfigOf('ocm', world.ocm.sandbox)} get cpl,placementdecisions -A`,
  );
  output.line('Ctrl-C ends it.');
  try {
    await new Promise<void>((resolve) => {
      if (stop.aborted) resolve();
      else stop.addEventListener('abort', () => resolve(), { once: true });
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Pods that run, by cluster, zeros left out. */
function replicasOf(
  world: World,
  { namespace, name, kind }: Pick<DemoWorkload, 'namespace' | 'name' | 'kind'>,
): Readonly<Record<string, number>> {
  if (kind === 'Placement') {
    const { ready } = world.ocm.standIns.clusters.places(namespace, name);
    return Object.fromEntries(ready.map((cluster) => [cluster, 1]));
  }
  const { clusters } = world.hub.standIns.members.totals(namespace, name, kind);
  return Object.fromEntries(
    Object.entries(clusters)
      .filter(([, { replicas }]) => replicas > 0)
      .map(([cluster, { replicas }]) => [cluster, replicas]),
  );
}

/** Nothing should fail in the demo; what does is told. */
function faultsTo(output: Output): ControllerLog {
  return {
    info: () => {},
    warn: () => {},
    error: (details, message) => {
      const { err, ...rest } = details;
      output.error(`${message} ${JSON.stringify(rest)}${err instanceof Error ? `: ${err.message}` : ''}`);
    },
  };
}
