import { setImmediate as turn } from 'node:timers/promises';
import { type CarbonMap, createVirtualClock, type VirtualClock } from '@windvane/carbon-map';
import { type Sandbox, startSandbox } from '@windvane/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createElection, type Election } from '../../src/app/election.ts';
import type { KubeApi } from '../../src/kube/api.ts';
import { connectKube } from '../../src/kube/connect.ts';
import { LEASE, removeLease } from '../../src/kube/lease.ts';
import { noOutlook } from '../../src/outlook/outlook.ts';
import type { Plane } from '../../src/planes/plane.ts';
import { CONFIG_MAP } from '../../src/planes/shared/resources.ts';
import { cluster, placement } from '../api/fleet.ts';

const NAME = { namespace: 'default', name: 'windvane-controller' };
const MAP: CarbonMap = {
  version: 1,
  at: 0,
  pair: { signal: 'average', basis: 'lifecycle' },
  pairSince: null,
  zones: {},
};

let sandbox: Sandbox;
let clock: VirtualClock;
let api: KubeApi;
let running: Plane[];

beforeEach(async () => {
  sandbox = await startSandbox({});
  clock = createVirtualClock(Date.parse('2026-03-01T00:00:00Z'));
  api = connectKube({
    kubeconfig: sandbox.kubeconfig(),
    limits: { inFlight: 64, writesPerSecond: 100_000, writeBurst: 100_000 },
  });
  running = [];
});
afterEach(async () => {
  for (const plane of running) await plane.stop();
  await sandbox.stop();
});

interface Replica {
  readonly election: Election;
  readonly plane: Plane;
  readonly maps: number[];
  readonly log: string[];
}

function replica(mayRun = true): Replica {
  const maps: number[] = [];
  const log: string[] = [];
  const note = (_: unknown, message: string): void => void log.push(message);
  const election = createElection({
    api,
    lease: NAME,
    mayRun: async () => mayRun,
    clock,
    log: { info: note, warn: note, error: note },
  });
  const plane = election.elect({
    kind: 'karmada',
    hub: 'karmada',
    start: async () => {},
    stop: async () => {},
    connected: () => true,
    problem: () => null,
    frozen: () => null,
    clusters: () => [cluster('blue')],
    placements: () => [placement('web', {})],
    mapChanged: ({ version }) => void maps.push(version),
    idle: () => true,
  });
  running.push(plane);
  return { election, plane, maps, log };
}

async function pass(millis: number): Promise<void> {
  for (const end = clock.now() + millis; clock.now() < end; ) {
    clock.advance(Math.min(1_000, end - clock.now()));
    let version = -1;
    for (let quiet = 0; quiet < 60; quiet += 1) {
      await turn();
      if (sandbox.resourceVersion() !== version) quiet = 0;
      version = sandbox.resourceVersion();
    }
  }
}

describe('election of the replica that writes', () => {
  it('lets one write, and the other once the first is gone; both serve', async () => {
    const [a, b] = [replica(), replica()];
    await a.plane.start();
    await pass(1_000);
    await b.plane.start();
    await pass(10_000);
    a.plane.mapChanged(MAP, noOutlook);
    b.plane.mapChanged(MAP, noOutlook);
    expect([a.election.leading(), b.election.leading()]).toEqual([true, false]);
    const map = { metadata: { namespace: 'default', name: 'mark' } };
    await a.election.gate(api).create(CONFIG_MAP, map);
    const standing = b.election.gate(api);
    const name = map.metadata;
    await expect(standing.create(CONFIG_MAP, map)).rejects.toThrow('another replica leads');
    await expect(standing.replace(CONFIG_MAP, map)).rejects.toThrow('another replica leads');
    await expect(standing.apply(CONFIG_MAP, map)).rejects.toThrow('another replica leads');
    await expect(standing.mergePatch(CONFIG_MAP, name, {})).rejects.toThrow('another replica leads');
    await expect(standing.jsonPatch(CONFIG_MAP, name, [])).rejects.toThrow('another replica leads');
    await expect(standing.delete(CONFIG_MAP, name)).rejects.toThrow('another replica leads');
    expect((await standing.get(CONFIG_MAP, name)).metadata.name).toBe('mark');
    expect(b.plane.placements()).toHaveLength(1);

    await a.plane.stop();
    expect(a.election.leading()).toBe(false);
    await pass(5_000);
    expect(b.election.leading()).toBe(true);
    // The new leader looks at everything again.
    expect(b.maps).toEqual([1, 1]);
    await standing.delete(CONFIG_MAP, name);
  });

  it('writes nothing once the Lease was taken away, and stands for election again', async () => {
    const a = replica();
    await a.plane.start();
    await pass(1_000);
    await removeLease(api, NAME);
    await pass(4_000);
    expect(a.log).toContain('this replica no longer leads and writes nothing');
    await pass(5_000);
    expect(a.election.leading()).toBe(true);
  });

  it('does not stand where nothing may be written, and leaves no Lease there', async () => {
    const a = replica(false);
    await a.plane.start();
    await pass(60_000);
    expect(a.election.leading()).toBe(false);
    expect((await api.list(LEASE)).items).toEqual([]);
  });
});
