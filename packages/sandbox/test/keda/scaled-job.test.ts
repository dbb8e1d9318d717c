import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SCALED_JOB } from '../../src/keda/resources.ts';
import { demandOf, jobsToCreate } from '../../src/keda/scaled-job/strategy.ts';
import { JOB } from '../runtime/support/api.ts';
import { type FakeScaler, startFakeScaler } from './support/scaler.ts';
import { NS, scaledJob, startWorld, type World } from './support/world.ts';

const MINUTE = 60_000;

describe('a ScaledJob', () => {
  let world: World;
  let scaler: FakeScaler;
  let finishes: number | null = null;
  beforeAll(async () => {
    scaler = await startFakeScaler();
    world = await startWorld({ jobDuration: () => finishes });
  });
  afterAll(async () => {
    scaler?.stop();
    await world?.stop();
  });

  const trigger = () => ({ type: 'external', metadata: { scalerAddress: scaler.address } });
  const jobs = async (name: string) =>
    (await world.api.list(JOB, NS)).filter(
      ({ metadata }) => metadata.labels?.['scaledjob.keda.sh/name'] === name,
    );

  it('keeps as many Jobs running as the value says, and leaves them alone afterwards', async () => {
    finishes = 2 * MINUTE;
    Object.assign(scaler, { value: 2, active: true });
    await world.api.create(SCALED_JOB, scaledJob('fill', [trigger()]));
    await world.advance(90);
    expect(await jobs('fill')).toHaveLength(2);
    // A Job that finished is replaced while the trigger is active.
    await world.advance(60);
    expect(await jobs('fill')).toHaveLength(4);
    Object.assign(scaler, { value: 0, active: false });
    await world.advance(600);
    const all = await jobs('fill');
    expect(all).toHaveLength(4);
    expect(all.every(({ status }) => status.succeeded === 1)).toBe(true);
    await world.api.remove(SCALED_JOB, NS, 'fill');
  });

  it('ends running Jobs when its spec changes, unless the rollout is gradual', async () => {
    finishes = null;
    Object.assign(scaler, { value: 3, active: true });
    for (const [name, rollout] of [
      ['strict', {}],
      ['gentle', { rollout: { strategy: 'gradual' } }],
    ] as const) {
      await world.api.create(SCALED_JOB, scaledJob(name, [trigger()], rollout));
      await world.advance(30);
      const before = (await jobs(name)).map(({ metadata }) => metadata.uid);
      expect(before).toHaveLength(3);
      await world.api.patch(SCALED_JOB, NS, name, { spec: { maxReplicaCount: 4 } });
      await world.keda.settled();
      const kept = (await jobs(name)).filter(({ metadata }) => before.includes(metadata.uid));
      expect(kept).toHaveLength(name === 'strict' ? 0 : 3);
      await world.api.remove(SCALED_JOB, NS, name);
    }
  });

  it('starts nothing while paused, and refuses metricType and unknown types', async () => {
    const paused = scaledJob('paused', [trigger()]);
    paused.metadata.annotations = { 'autoscaling.keda.sh/paused': 'true' };
    await world.api.create(SCALED_JOB, paused);
    await world.api.create(SCALED_JOB, scaledJob('typed', [{ ...trigger(), metricType: 'Value' }]));
    await world.api.create(SCALED_JOB, scaledJob('unknown', [{ type: 'carbon-aware', metadata: {} }]));
    await world.advance(60);
    expect(await jobs('paused')).toEqual([]);
    expect(await world.condition('ScaledJob', 'typed', 'Ready')).toMatchObject({ status: 'False' });
    expect(await world.condition('ScaledJob', 'unknown', 'Ready')).toMatchObject({
      reason: 'ScaledJobCheckFailed',
      message: 'no scaler found for type: carbon-aware',
    });
  });
});

describe('how many Jobs', () => {
  const queue = (value: number) => ({ active: true, value, target: 1 });
  const idle = { active: false, value: 0, target: 1 };

  it.each([
    ['max', [queue(5), queue(2)], 5],
    ['min', [queue(5), queue(2)], 2],
    ['sum', [queue(5), queue(2)], 7],
    ['avg', [queue(5), queue(3)], 4],
    ['max', [idle, queue(2)], 2],
    // `min` is no AND: what is inactive is skipped, and an active 0 counts only as the last one.
    ['min', [queue(5), idle], 5],
    ['min', [queue(5), queue(0)], 0],
    ['min', [queue(0), queue(5)], 5],
  ])('%s of %j is %d', (calculation, triggers, expected) => {
    const demand = demandOf(triggers, calculation, 100);
    expect(jobsToCreate(demand, 0, 100)).toBe(expected);
  });

  it.each([
    [{ active: true, queueLength: 10, maxValue: 3 }, 1, 2],
    [{ active: true, queueLength: 1, maxValue: 3 }, 0, 1],
    [{ active: true, queueLength: 10, maxValue: 3 }, 5, 0],
    [{ active: true, queueLength: 2.5, maxValue: 2.5 }, 0, 3],
  ])('%j with %d running: %d', (demand, running, expected) => {
    expect(jobsToCreate(demand, running, 3)).toBe(expected);
  });
});
