import { createVirtualClock } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { patient } from '../../src/app/patient-plane.ts';
import { PLACEMENT } from '../../src/planes/ocm/resources.ts';
import type { Plane } from '../../src/planes/plane.ts';
import { MissingKindError } from '../../src/planes/shared/world.ts';

const log = { info() {}, warn() {}, error() {} };
const missing = () => new MissingKindError('https://hub', PLACEMENT, 'hub of Open Cluster Management');

/** A plane that starts when its kinds are there. */
function plane(served: () => boolean, otherwise: () => Error = missing): Plane & { starts(): number } {
  let starts = 0;
  return {
    kind: 'ocm',
    hub: 'test',
    async start() {
      starts += 1;
      if (!served()) throw otherwise();
    },
    async stop() {},
    connected: served,
    problem: () => null,
    frozen: () => null,
    clusters: () => [],
    placements: () => [],
    mapChanged() {},
    idle: () => true,
    starts: () => starts,
  };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('a plane beside others', () => {
  it('waits for kinds that are missing, tells them, and starts when they appear', async () => {
    const clock = createVirtualClock(0);
    let served = false;
    const inner = plane(() => served);
    const waiting = patient(inner, clock, log);
    await waiting.start();
    expect(waiting.problem()).toContain('does not serve placements.cluster.open-cluster-management.io');
    clock.advanceTo(30_000);
    await turn();
    expect(inner.starts()).toBe(2);
    served = true;
    clock.advanceTo(60_000);
    await turn();
    expect(waiting.problem()).toBeNull();
    clock.advanceTo(600_000);
    await turn();
    expect(inner.starts()).toBe(3);
  });

  it('passes every other failure on', async () => {
    const inner = plane(
      () => false,
      () => new Error('no route'),
    );
    await expect(patient(inner, createVirtualClock(0), log).start()).rejects.toThrow('no route');
  });

  it('asks no more once it is stopped', async () => {
    const clock = createVirtualClock(0);
    const inner = plane(() => false);
    const waiting = patient(inner, clock, log);
    await waiting.start();
    await waiting.stop();
    clock.advanceTo(600_000);
    await turn();
    expect(inner.starts()).toBe(1);
  });
});
