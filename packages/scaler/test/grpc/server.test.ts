import { createLocationResolver, createVirtualClock, MINUTE } from '@windvane/carbon-map';
import { afterEach, describe, expect, it } from 'vitest';
import { type GrpcServer, startGrpc } from '../../src/grpc/server.ts';
import { createDecider } from '../../src/policy/decider.ts';
import type { ScalerSnapshot } from '../../src/policy/snapshot.ts';
import { connectKeda, type KedaClient } from '../support/keda.ts';
import { NOW, outlook, snapshotOf } from '../support/outlooks.ts';

const founding = {
  namespace: 'ai-training',
  name: 'carbon-aware-training-job',
  metadata: {
    scalerAddress: 'windvane-scaler:6000',
    metricType: 'carbonIntensity',
    targetValue: '150',
    location: 'de',
    forecastWindow: '1h',
    maxReplicas: '10',
  },
};

let server: GrpcServer | null = null;
let keda: KedaClient | null = null;

afterEach(async () => {
  keda?.close();
  await server?.stop();
});

async function serve(
  snapshot: () => ScalerSnapshot,
): Promise<{ keda: KedaClient; advance: (by: number) => void }> {
  const clock = createVirtualClock(NOW);
  const decider = createDecider({
    clock,
    resolver: createLocationResolver(),
    snapshot,
    ownZone: () => null,
    facts: () => null,
  });
  server = await startGrpc({
    listen: { host: '127.0.0.1', port: 0 },
    credentials: null,
    clock,
    decide: decider.decide,
    metrics: { call: () => {} },
    failed: () => {},
  });
  keda = connectKeda(`127.0.0.1:${server.port}`);
  return { keda, advance: (by) => clock.advance(by) };
}

describe('the gRPC server', () => {
  it('answers a poll: one metric, a target above 0, whole and floating numbers alike', async () => {
    const { keda: client } = await serve(() => snapshotOf(outlook({ present: 100, ahead: [100, 100] })));
    expect(await client.getMetricSpec(founding)).toEqual({
      metricSpecs: [{ metricName: 'carbon-allowance', targetSize: 1, targetSizeFloat: 1 }],
    });
    expect(await client.getMetrics(founding, 'carbon-allowance')).toEqual({
      metricValues: [{ metricName: 'carbon-allowance', metricValue: 10, metricValueFloat: 10 }],
    });
    expect(await client.isActive(founding)).toEqual({ result: true });
  });

  it('holds while the grid is dirty', async () => {
    const { keda: client } = await serve(() => snapshotOf(outlook({ present: 100, ahead: [400, 400] })));
    expect((await client.getMetrics(founding, 'carbon-allowance')).metricValues[0]?.metricValue).toBe(10);
    const dirty = await serve(() => snapshotOf(outlook({ present: 400, ahead: [400, 400] })));
    expect((await dirty.keda.getMetrics(founding, 'carbon-allowance')).metricValues).toEqual([
      { metricName: 'carbon-allowance', metricValue: 0, metricValueFloat: 0 },
    ]);
    expect(await dirty.keda.isActive(founding)).toEqual({ result: false });
  });

  it('decides anew at the next tick', async () => {
    let now = snapshotOf(outlook({ present: 100, ahead: [100] }));
    const { keda: client, advance } = await serve(() => now);
    expect(await client.isActive(founding)).toEqual({ result: true });
    now = snapshotOf(outlook({ present: 400, ahead: [400] }));
    expect(await client.isActive(founding)).toEqual({ result: true });
    advance(MINUTE);
    expect(await client.isActive(founding)).toEqual({ result: false });
  });
});
