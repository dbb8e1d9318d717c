import { setImmediate as turn } from 'node:timers/promises';
import { createVirtualClock, type VirtualClock } from '@windvane/carbon-map';
import { type Sandbox, startSandbox } from '@windvane/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectKube } from '../../src/kube/connect.ts';
import { KubeError } from '../../src/kube/errors.ts';
import {
  createLeaseElector,
  LEASE,
  type LeaseElector,
  type LeaseElectorOptions,
  removeLease,
  seizeLease,
} from '../../src/kube/lease.ts';

const NAME = { namespace: 'default', name: 'windvane-controller' };

let sandbox: Sandbox;
let clock: VirtualClock;
let api: LeaseElectorOptions['api'];
let told: string[];
let electors: LeaseElector[];

beforeEach(async () => {
  sandbox = await startSandbox({});
  clock = createVirtualClock(Date.parse('2026-03-01T00:00:00Z'));
  api = connectKube({
    kubeconfig: sandbox.kubeconfig(),
    limits: { inFlight: 64, writesPerSecond: 100_000, writeBurst: 100_000 },
  });
  told = [];
  electors = [];
});
afterEach(async () => {
  for (const each of electors) await each.stop();
  await sandbox.stop();
});

function elector(holder: string, more: Partial<LeaseElectorOptions> = {}): LeaseElector {
  const made = createLeaseElector({
    api,
    lease: NAME,
    holder,
    clock,
    elected: () => told.push(`${holder} elected`),
    lost: (reason) => told.push(`${holder} lost: ${reason}`),
    failed: () => {},
    ...more,
  });
  electors.push(made);
  return made;
}

/** Requests under way have been answered after this. */
async function settle(): Promise<void> {
  let version = -1;
  for (let quiet = 0; quiet < 60; quiet += 1) {
    await turn();
    if (sandbox.resourceVersion() !== version) quiet = 0;
    version = sandbox.resourceVersion();
  }
}

async function pass(millis: number): Promise<void> {
  for (const end = clock.now() + millis; clock.now() < end; ) {
    clock.advance(Math.min(1_000, end - clock.now()));
    await settle();
  }
}

const holderNow = async (): Promise<unknown> => {
  const { spec } = await api.get(LEASE, NAME);
  return typeof spec === 'object' && spec !== null && 'holderIdentity' in spec ? spec.holderIdentity : null;
};

/** An API that answers nothing any more once `cut` is called. */
function severable(): { api: LeaseElectorOptions['api']; cut: () => void } {
  let dead = false;
  const fail = (): void => {
    if (dead) throw new KubeError('unreachable', 'cut off');
  };
  return {
    cut: () => {
      dead = true;
    },
    api: {
      ...api,
      async get(...args) {
        fail();
        return api.get(...args);
      },
      async replace(...args) {
        fail();
        return api.replace(...args);
      },
    },
  };
}

describe('lease elector', () => {
  it('elects one of two, which keeps it by renewing', async () => {
    const [a, b] = [elector('a'), elector('b')];
    a.start();
    b.start();
    await pass(120_000);
    expect(told).toHaveLength(1);
    expect([a.leading(), b.leading()].filter(Boolean)).toHaveLength(1);
    expect(told).toEqual([`${String(await holderNow())} elected`]);
  });

  it('goes over at once when the holder stops, without counting on its clock', async () => {
    const [a, b] = [elector('a'), elector('b')];
    a.start();
    await settle();
    b.start();
    await pass(5_000);
    await a.stop();
    expect(a.leading()).toBe(false);
    await pass(3_000);
    expect(told).toEqual(['a elected', 'b elected']);
    const { spec } = await api.get(LEASE, NAME);
    expect(spec).toMatchObject({ holderIdentity: 'b', leaseTransitions: 1, leaseDurationSeconds: 15 });
  });

  it('goes over when the holder falls silent, and never are there two', async () => {
    const line = severable();
    const [a, b] = [elector('a', { api: line.api }), elector('b')];
    a.start();
    await settle();
    b.start();
    await pass(10_000);
    line.cut();
    let both = 0;
    for (let seconds = 0; seconds < 40; seconds += 1) {
      if (a.leading() && b.leading()) both += 1;
      await pass(1_000);
    }
    expect(both).toBe(0);
    expect(told).toEqual([
      'a elected',
      'a lost: the Lease default/windvane-controller could not be renewed in time',
      'b elected',
    ]);
  });

  it('rides out failures that are shorter than the duration', async () => {
    let failing = false;
    const flaky = {
      ...api,
      async get(...args: Parameters<typeof api.get>) {
        if (failing) throw new KubeError('server', 'busy');
        return api.get(...args);
      },
    };
    const a = elector('a', { api: flaky });
    a.start();
    await pass(3_000);
    failing = true;
    await pass(6_000);
    failing = false;
    await pass(30_000);
    expect(told).toEqual(['a elected']);
    expect(a.leading()).toBe(true);
  });

  it('stops for good when it is taken away, and does not take it back', async () => {
    const a = elector('a');
    a.start();
    await settle();
    await seizeLease(api, NAME, 'uninstall', clock.now(), 3_600_000);
    await pass(60_000);
    expect(told).toEqual([
      'a elected',
      'a lost: the Lease default/windvane-controller was taken away: uninstall holds it',
    ]);
    expect(await holderNow()).toBe('uninstall');
    await removeLease(api, NAME);
    await removeLease(api, NAME);
    await expect(api.get(LEASE, NAME)).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('is lost when the Lease is removed', async () => {
    const a = elector('a');
    a.start();
    await settle();
    await removeLease(api, NAME);
    await pass(5_000);
    expect(told.at(-1)).toContain('it was removed');
  });

  it('waits for the duration that the holder wrote, however long', async () => {
    await seizeLease(api, NAME, 'other', clock.now(), 60_000);
    const a = elector('a');
    a.start();
    await pass(55_000);
    expect(a.leading()).toBe(false);
    await pass(10_000);
    expect(a.leading()).toBe(true);
  });
});
