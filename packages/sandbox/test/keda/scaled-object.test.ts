import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HPA, SCALED_OBJECT } from '../../src/keda/resources.ts';
import { DEPLOYMENT } from '../runtime/support/api.ts';
import { type FakeScaler, startFakeScaler } from './support/scaler.ts';
import { deployment, NS, scaledObject, startWorld, type World } from './support/world.ts';

const READY = { type: 'Ready', status: 'True', reason: 'ScaledObjectReady' };

describe('a ScaledObject', () => {
  let world: World;
  let scaler: FakeScaler;
  let queue = 0;
  let made = 0;
  beforeAll(async () => {
    world = await startWorld({
      sources: { queue: () => ({ value: queue, target: 5, active: queue > 0 }) },
    });
  });
  afterAll(() => world?.stop());
  afterEach(() => scaler?.stop());

  const external = (more: object = {}, metadata: object = {}) => ({
    type: 'external',
    metadata: { scalerAddress: scaler.address, ...metadata },
    ...more,
  });
  /** A Deployment with a ScaledObject of the same name. */
  async function given(replicas: number, triggers: readonly object[], more: object = {}): Promise<string> {
    made += 1;
    const name = `work-${made}`;
    await world.api.create(DEPLOYMENT, deployment(name, replicas));
    await world.api.create(SCALED_OBJECT, scaledObject(name, triggers, more));
    await world.keda.settled();
    return name;
  }
  /** As the user sees the whole object go. */
  const gone = async (name: string): Promise<void> => {
    await world.api.remove(SCALED_OBJECT, NS, name);
    await world.keda.settled();
  };
  const hpa = (name: string) => world.api.find(HPA, NS, `keda-hpa-${name}`);

  it('goes from 0 to its maximum while active, and back after the cooldown', async () => {
    scaler = await startFakeScaler();
    const name = await given(0, [external()], { cooldownPeriod: 60 });
    expect(await world.condition('ScaledObject', name, 'Ready')).toMatchObject(READY);
    expect((await hpa(name))?.spec).toMatchObject({
      minReplicas: 1,
      maxReplicas: 10,
      scaleTargetRef: { kind: 'Deployment', name },
      metrics: [
        {
          type: 'External',
          external: { metric: { name: 's0-carbon' }, target: { type: 'AverageValue', averageValue: '1' } },
        },
      ],
    });
    Object.assign(scaler, { value: 10, active: true });
    await world.advance(30);
    expect(await world.replicas(name)).toBeGreaterThanOrEqual(1);
    // 1, then at most 4 more or double in 15 seconds.
    await world.advance(15);
    expect(await world.replicas(name)).toBe(5);
    await world.advance(15);
    expect(await world.replicas(name)).toBe(10);
    expect(await world.condition('ScaledObject', name, 'Active')).toMatchObject({ status: 'True' });
    Object.assign(scaler, { value: 0, active: false });
    await world.advance(60);
    expect(await world.replicas(name)).toBe(10);
    await world.advance(60);
    expect(await world.replicas(name)).toBe(0);
    expect(await world.condition('ScaledObject', name, 'Active')).toMatchObject({ status: 'False' });
    await gone(name);
    expect(await world.api.find(SCALED_OBJECT, NS, name)).toBeUndefined();
    await world.advance(1);
    expect(await hpa(name)).toBeUndefined();
  });

  it('asks for spec, metrics and activity in this order, with the whole metadata', async () => {
    scaler = await startFakeScaler();
    const name = await given(0, [external({}, { location: 'de', keyFromEnv: 'KEY' })]);
    scaler.requests.length = 0;
    await world.advance(30);
    expect(scaler.requests.map(({ method }) => method)).toEqual(['GetMetricSpec', 'GetMetrics', 'IsActive']);
    const ref = { name, namespace: NS, scalerMetadata: { scalerAddress: scaler.address, location: 'de' } };
    expect(scaler.requests[0]?.request).toEqual(ref);
    expect(scaler.requests[1]?.request).toEqual({ scaledObjectRef: ref, metricName: 'carbon' });
    await gone(name);
  });

  it('stops running pods at the first poll of a new object that is not active', async () => {
    scaler = await startFakeScaler();
    const name = await given(3, [external()]);
    expect(await world.replicas(name)).toBe(0);
    await gone(name);
    const patient = await given(3, [external()], { initialCooldownPeriod: 90 });
    await world.advance(60);
    expect(await world.replicas(patient)).toBe(3);
    await world.advance(60);
    expect(await world.replicas(patient)).toBe(0);
    await gone(patient);
  });

  it('refuses a type that it does not know, in the words of KEDA', async () => {
    scaler = await startFakeScaler();
    Object.assign(scaler, { value: 10, active: true });
    const name = await given(2, [{ type: 'carbon-aware', metadata: { location: 'us-east-1' } }, external()]);
    expect(await world.condition('ScaledObject', name, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ScaledObjectCheckFailed',
      message:
        'failed to ensure HPA is correctly created for ScaledObject: no scaler found for type: carbon-aware',
    });
    expect(await hpa(name)).toBeUndefined();
    await world.advance(120);
    expect(await world.replicas(name)).toBe(2);
    await world.api.patch(SCALED_OBJECT, NS, name, { spec: { triggers: [external()] } });
    await world.advance(60);
    expect(await world.condition('ScaledObject', name, 'Ready')).toMatchObject(READY);
    expect(await world.replicas(name)).toBe(10);
    await gone(name);
  });

  it('keeps the replicas while the scaler fails, and goes on when it is back', async () => {
    scaler = await startFakeScaler();
    Object.assign(scaler, { value: 4, active: true });
    const name = await given(0, [external()], { cooldownPeriod: 0 });
    await world.advance(60);
    expect(await world.replicas(name)).toBe(4);
    scaler.failing = true;
    await world.advance(600);
    expect(await world.replicas(name)).toBe(4);
    expect(await world.condition('ScaledObject', name, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'TriggerError',
    });
    Object.assign(scaler, { failing: false, value: 0, active: false });
    await world.advance(60);
    expect(await world.condition('ScaledObject', name, 'Ready')).toMatchObject(READY);
    expect(await world.replicas(name)).toBe(0);
    await gone(name);
  });

  it('makes no autoscaler while nobody listens', async () => {
    scaler = await startFakeScaler();
    const port = Number(scaler.address.split(':')[1]);
    scaler.stop();
    const name = await given(2, [external()]);
    expect(await world.condition('ScaledObject', name, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ScaledObjectCheckFailed',
    });
    expect(await hpa(name)).toBeUndefined();
    scaler = await startFakeScaler(port);
    Object.assign(scaler, { value: 2, active: true });
    // Attempts get rarer, up to one in 1000 s; gRPC itself takes a moment of real time to connect again.
    for (let attempt = 0; attempt < 300 && (await hpa(name)) === undefined; attempt += 1)
      await world.advance(1000);
    expect(await world.condition('ScaledObject', name, 'Ready')).toMatchObject(READY);
    await gone(name);
  });

  it('takes the most of several triggers, and is active when one is', async () => {
    scaler = await startFakeScaler();
    queue = 35;
    const name = await given(0, [external(), { type: 'queue', metadata: {} }]);
    await world.advance(60);
    expect(await world.replicas(name)).toBe(7);
    queue = 0;
    await gone(name);
  });

  it('follows a formula instead', async () => {
    scaler = await startFakeScaler();
    queue = 35;
    const advanced = {
      scalingModifiers: {
        formula: 'carbon > 0 ? min(queue / 5, carbon) : 0',
        target: '1',
        activationTarget: '0',
      },
      horizontalPodAutoscalerConfig: { behavior: { scaleDown: { stabilizationWindowSeconds: 0 } } },
    };
    const triggers = [
      external({ name: 'carbon', useCachedMetrics: true }),
      { type: 'queue', name: 'queue', metadata: {} },
    ];
    const name = await given(0, triggers, { advanced, cooldownPeriod: 0 });
    expect((await hpa(name))?.spec.metrics).toHaveLength(1);
    await world.advance(60);
    // Demand alone starts nothing.
    expect(await world.replicas(name)).toBe(0);
    Object.assign(scaler, { value: 6, active: true });
    await world.advance(90);
    expect(await world.replicas(name)).toBe(6);
    scaler.value = 3;
    await world.advance(60);
    expect(await world.replicas(name)).toBe(3);
    queue = 0;
    await world.advance(60);
    expect(await world.replicas(name)).toBe(0);
    await gone(name);
  });

  it('obeys paused-replicas at once, and goes on without it', async () => {
    scaler = await startFakeScaler();
    Object.assign(scaler, { value: 4, active: true });
    const name = await given(0, [external()]);
    await world.advance(60);
    const annotate = (value: string | null) =>
      world.api.patch(SCALED_OBJECT, NS, name, {
        metadata: { annotations: { 'autoscaling.keda.sh/paused-replicas': value } },
      });
    await annotate('0');
    await world.keda.settled();
    expect(await world.replicas(name)).toBe(0);
    expect(await hpa(name)).toBeUndefined();
    expect(await world.condition('ScaledObject', name, 'Paused')).toMatchObject({ status: 'True' });
    await world.advance(120);
    expect(await world.replicas(name)).toBe(0);
    await annotate(null);
    await world.advance(90);
    expect(await world.replicas(name)).toBe(4);
    await gone(name);
  });

  it('hears a push at once, and leaves the end to the poll', async () => {
    scaler = await startFakeScaler();
    const name = await given(0, [external({ type: 'external-push' })], {
      pollingInterval: 3600,
      cooldownPeriod: 0,
    });
    for (let turn = 0; turn < 200 && scaler.streams() === 0; turn += 1) await world.advance(0);
    expect(await world.replicas(name)).toBe(0);
    scaler.push(true);
    for (let turn = 0; turn < 200 && (await world.replicas(name)) === 0; turn += 1) await world.advance(0);
    expect(await world.replicas(name)).toBe(1);
    scaler.push(false);
    await world.advance(60);
    expect(await world.replicas(name)).toBe(1);
    await gone(name);
  });
});

describe('the contract of KEDA 2.0 to 2.16', () => {
  it('knows whole numbers only', async () => {
    const world = await startWorld({ oldContract: true });
    const scaler = await startFakeScaler();
    try {
      Object.assign(scaler, { value: 3.7, active: true });
      await world.api.create(DEPLOYMENT, deployment('old', 0));
      const trigger = { type: 'external', metadata: { scalerAddress: scaler.address } };
      await world.api.create(SCALED_OBJECT, scaledObject('old', [trigger]));
      await world.advance(90);
      expect(await world.replicas('old')).toBe(3);
    } finally {
      scaler.stop();
      await world.stop();
    }
  });
});
