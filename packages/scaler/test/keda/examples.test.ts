import {
  createLocationResolver,
  createVirtualClock,
  SECOND,
  startOfHour,
  type VirtualClock,
} from '@windvane/carbon-map';
import { type KedaStandIn, startKedaStandIn } from '@windvane/sandbox';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Scaler, startScaler } from '../../src/app/scaler.ts';
import type { ClusterSide } from '../../src/cluster/cluster-side.ts';
import { type Cluster, manifest, startCluster, typeOf } from '../support/cluster.ts';
import { NOW, outlook } from '../support/outlooks.ts';
import { startSide } from '../support/side.ts';

const silent = { info() {}, warn() {}, error() {} };

describe('the examples under KEDA', () => {
  let clock: VirtualClock;
  let cluster: Cluster;
  let scaler: Scaler;
  let side: ClusterSide;
  let keda: KedaStandIn;
  let grams: number;
  let ahead: number;
  let messages: number;
  let backlog: number;
  beforeEach(async () => {
    [grams, ahead, messages, backlog] = [400, 400, 0, 0];
    clock = createVirtualClock(NOW);
    scaler = await startScaler({
      clock,
      resolver: createLocationResolver(),
      location: 'de',
      own: () => ({
        outlooks: () =>
          new Map(
            ['US-CAL-CISO', 'DE', 'GB'].map((zone) => [
              zone,
              outlook({
                zone,
                at: startOfHour(clock.now()),
                present: grams,
                ahead: Array(24).fill(ahead),
                past: Array(24).fill(400),
              }),
            ]),
          ),
        refresh: async () => {},
        start: () => {},
        stop: async () => {},
      }),
      hub: null,
      kube: null,
      listen: { host: '127.0.0.1', port: 0 },
      metricsListen: { host: '127.0.0.1', port: 0 },
      credentials: null,
      log: silent,
    });
    cluster = await startCluster({ now: () => clock.now() });
    await cluster.create(...manifest('deploy/scaler/admission-policy/policy.yaml'));
    side = await startSide({
      ...scaler,
      api: cluster.api,
      clock,
      leading: () => true,
      scalerAddress: 'windvane-scaler.windvane-system.svc:6000',
      log: silent,
    });
    keda = await startKedaStandIn({
      kubeconfig: cluster.sandbox.kubeconfig(),
      clock: { now: () => clock.now(), after: (delay, task) => void clock.after(delay, task) },
      resolveAddress: () => `127.0.0.1:${scaler.grpcPort}`,
      resourceVersion: cluster.version,
      sources: {
        rabbitmq: () => ({ value: messages, target: 1, active: messages > 0 }),
        prometheus: () => ({ value: backlog, target: 100, active: backlog > 0 }),
      },
    });
  });
  afterEach(async () => {
    await keda.stop();
    await side.stop();
    await cluster.stop();
    await scaler.stop();
  });

  async function given(path: string): Promise<void> {
    await cluster.create(...manifest(path));
    await keda.settled();
  }
  async function pass(seconds: number): Promise<void> {
    for (let left = seconds; left > 0; left -= 7.5) {
      clock.advance(7.5 * SECOND);
      await keda.settled();
      await side.whenIdle();
    }
  }
  const replicas = async (namespace: string, name: string): Promise<number> =>
    Object((await cluster.user.get(typeOf('Deployment'), { namespace, name })).spec).replicas;
  const jobs = async (namespace: string) =>
    (await cluster.user.list(typeOf('Job'), { namespace })).items.map((job) => Object(job.spec));

  it('queue: as many as the queue needs, and none while the grid is dirty', async () => {
    messages = 40;
    await given('examples/scaler/queue.yaml');
    await pass(120);
    expect(await replicas('encoding', 'encoder')).toBe(0);
    grams = 100;
    await pass(120);
    expect(await replicas('encoding', 'encoder')).toBe(8);
    messages = 1000;
    await pass(120);
    expect(await replicas('encoding', 'encoder')).toBe(20);
    grams = 400;
    await pass(90);
    expect(await replicas('encoding', 'encoder')).toBe(0);
    // Without anything to do, clean hours start nothing.
    [grams, messages] = [100, 0];
    await pass(60);
    expect(await replicas('encoding', 'encoder')).toBe(0);
  });

  it('queue: stays as it is while the scaler is away', async () => {
    [grams, messages] = [100, 40];
    await given('examples/scaler/queue.yaml');
    await pass(120);
    await scaler.stop();
    grams = 400;
    await pass(600);
    expect(await replicas('encoding', 'encoder')).toBe(8);
  });

  it('scaled job: keeps its Jobs running in clean hours, and starts none in dirty ones', async () => {
    ahead = 100;
    await given('examples/scaler/scaled-job.yaml');
    await pass(60);
    expect(await jobs('simulation')).toEqual([]);
    grams = 100;
    await pass(60);
    expect(await jobs('simulation')).toHaveLength(3);
    // What runs is left to end.
    grams = 400;
    await pass(120);
    expect(await jobs('simulation')).toHaveLength(3);
  });

  it('demand job: the demand makes the Jobs, and the gate lets them go', async () => {
    [messages, ahead] = [4, 100];
    await given('examples/scaler/demand-job.yaml');
    await pass(60);
    expect((await jobs('thumbnails')).map(({ suspend }) => suspend)).toEqual([true, true, true, true]);
    [grams, ahead] = [100, 400];
    await pass(330);
    expect((await jobs('thumbnails')).map(({ suspend }) => suspend)).toEqual([false, false, false, false]);
  });

  it('strict cap: cuts to the number that is allowed, and keeps a floor', async () => {
    backlog = 4000;
    await given('examples/scaler/strict-cap.yaml');
    await pass(60);
    expect(await replicas('indexing', 'indexer')).toBe(2);
    grams = 100;
    await pass(120);
    expect(await replicas('indexing', 'indexer')).toBe(18);
    backlog = 1700;
    await pass(60);
    // Within the usual tolerance it would have stayed at 18.
    expect(await replicas('indexing', 'indexer')).toBe(17);
    grams = 400;
    await pass(90);
    expect(await replicas('indexing', 'indexer')).toBe(2);
  });
});
