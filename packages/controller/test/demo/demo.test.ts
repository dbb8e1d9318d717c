import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOUR } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { carbonSource } from '../../src/demo/carbon-source.ts';
import { demoClusters } from '../../src/demo/fleet.ts';
import { demoZones, openWorld, type World } from '../../src/demo/world.ts';
import { windvane } from '../cli/surroundings.ts';

const summarySchema = z.strictObject({
  hours: z.number(),
  moves: z.number(),
  refused: z.number(),
  savedPercent: z.number(),
  clusters: z.array(z.strictObject({ name: z.string(), zone: z.string() })),
  workloads: z.array(
    z.strictObject({
      namespace: z.string(),
      name: z.string(),
      kind: z.string(),
      mode: z.string(),
      state: z.string(),
      reason: z.string().nullable(),
      split: z.array(z.strictObject({ cluster: z.string(), replicas: z.number() })),
    }),
  ),
});
type Summary = z.output<typeof summarySchema>;

const eu = demoClusters.filter((cluster) => cluster.eu).map(({ name }) => name);

async function demo(...args: string[]): Promise<{ summary: Summary; story: string }> {
  const run = await windvane(['demo', '--once', '--json', ...args]);
  expect(run.err).not.toContain('windvane: ');
  expect(run.code).toBe(0);
  return { summary: summarySchema.parse(run.json()), story: run.err };
}

function workload(summary: Summary, name: string): Summary['workloads'][number] {
  const found = summary.workloads.find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`${name} is missing`);
  return found;
}

function expectRulesKept(summary: Summary): void {
  expect(summary.moves).toBeGreaterThan(0);
  expect(summary.savedPercent).toBeGreaterThan(0);
  expect(summary.refused).toBe(2);
  expect(summary.clusters).toHaveLength(7);
  expect(workload(summary, 'pay')).toMatchObject({ state: 'Blocked', reason: 'RealTime' });
  expect(workload(summary, 'search')).toMatchObject({ state: 'Blocked', reason: 'ServesTraffic' });
  expect(workload(summary, 'thumbs')).toMatchObject({ mode: 'observe', state: 'Observing', reason: null });
  // What may not move stands where Karmada put it: two in each cluster.
  for (const name of ['pay', 'search', 'thumbs']) {
    expect(workload(summary, name).split.map(({ replicas }) => replicas)).toEqual([2, 2, 2, 2, 2, 2, 2]);
  }
  for (const { cluster } of workload(summary, 'train').split) expect(eu).toContain(cluster);
  const total = (name: string): number =>
    workload(summary, name).split.reduce((sum, { replicas }) => sum + replicas, 0);
  expect([total('render'), total('train')]).toEqual([28, 16]);
  // The Job was started whole, in one place.
  const index = workload(summary, 'index');
  expect(index).toMatchObject({ kind: 'Job', mode: 'act', state: 'Dispatched', reason: null });
  expect(index.split.map(({ replicas }) => replicas)).toEqual([4]);
  // The Placement has as many clusters as it asks for.
  const encode = workload(summary, 'encode');
  expect(encode).toMatchObject({ kind: 'Placement', mode: 'act', reason: null });
  expect(encode.split.map(({ replicas }) => replicas)).toEqual([1, 1]);
}

describe('the demo', () => {
  it('ends the same every time, and keeps to the rules', async () => {
    const first = await demo('--hours', '8');
    expect(first.summary.hours).toBe(8);
    expectRulesKept(first.summary);
    expect(first.story).toContain('made-up days shaped on real yearly averages');
    const second = await demo('--hours', '8');
    expect(second).toEqual(first);
  }, 120_000);

  const traces = new URL('../../../../../shared/traces/intensity.csv', import.meta.url).pathname;
  const absent = existsSync(traces) ? '' : ` (skipped: ${traces} is not there)`;
  it.skipIf(absent !== '')(
    `follows recorded intensities${absent}`,
    async () => {
      const { summary } = await demo('--traces', traces, '--from', '2022-06-01T00:00Z', '--hours', '12');
      expectRulesKept(summary);
    },
    120_000,
  );
});

const redis = spawnSync('redis-server', ['--version']).status === 0;

describe.skipIf(!redis)(
  `the demo with Redis${redis ? '' : ' (skipped: no redis-server on this machine)'}`,
  () => {
    let folder: string;
    let server: ChildProcess;
    let socket: string;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'windvane-demo-redis-'));
      socket = join(folder, 'redis.sock');
      server = spawn('redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await new Promise<void>((resolve) => {
        server.stdout?.on('data', (chunk: Buffer) => {
          if (chunk.toString().includes('eady to accept connections')) resolve();
        });
      });
    });
    afterAll(() => {
      server.kill();
      rmSync(folder, { recursive: true, force: true });
    });

    it('gives the same summary as without, and leaves nothing behind', async () => {
      const memory = await demo('--hours', '3');
      expect(await demo('--hours', '3', '--redis', `unix://${socket}`)).toEqual(memory);
      const left = await new Promise<string>((resolve, reject) => {
        const client = connect(socket, () => client.write('DBSIZE\r\n'));
        client.once('data', (data) => {
          resolve(data.toString());
          client.destroy();
        });
        client.once('error', reject);
      });
      expect(left).toBe(':0\r\n');
    }, 120_000);
  },
);

describe("the demo's hub", () => {
  const policy = async (world: World, namespace: string, name: string): Promise<string> => {
    const path = `/apis/policy.karmada.io/v1alpha1/namespaces/${namespace}/propagationpolicies/${name}`;
    return (await fetch(`${world.hub.sandbox.url}${path}`)).text();
  };

  it('is never written where it must not be', async () => {
    const source = await carbonSource({ traces: null, from: null, hours: 2 }, [...demoZones().values()]);
    const faults: string[] = [];
    const world = await openWorld(source, null, {
      info: () => {},
      warn: () => {},
      error: (_, message) => faults.push(message),
    });
    onTestFinished(() => world.stop());
    const untouched = ['thumbs', 'pay', 'search'].map((name): [string, string] => [
      name === 'thumbs' ? 'media' : 'shop',
      name,
    ]);
    const before = await Promise.all(untouched.map(([namespace, name]) => policy(world, namespace, name)));
    const render = await policy(world, 'media', 'render');
    for (let hour = 0; hour < 2; hour += 1) {
      await world.controller.refresh();
      await world.settle();
      await world.clock.runTo(source.from + (hour + 1) * HOUR, () => world.settle());
    }
    expect(await Promise.all(untouched.map(([namespace, name]) => policy(world, namespace, name)))).toEqual(
      before,
    );
    expect(await policy(world, 'media', 'render')).not.toBe(render);
    expect(faults).toEqual([]);
  }, 60_000);
});
