import { HOUR, SECOND } from '@windvane/carbon-map';
import type { KubeObject } from '@windvane/controller/kube';
import { startSandbox } from '@windvane/sandbox';
import { afterEach, describe, expect, it } from 'vitest';
import type { ClusterSide } from '../../src/cluster/cluster-side.ts';
import { type TestClock, testClock } from '../support/clock.ts';
import { type Cluster, connectCluster, manifest, one, startCluster, typeOf } from '../support/cluster.ts';
import { NOW, outlook, snapshotOf } from '../support/outlooks.ts';
import { startSide } from '../support/side.ts';

const JOB = typeOf('Job');
const silent = { info() {}, warn() {}, error() {} };

describe('the scaler in its cluster', () => {
  const stops: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).toReversed()) await stop();
  });

  async function side(cluster: Cluster, clock: TestClock, leading: () => boolean): Promise<ClusterSide> {
    const started = await startSide({
      api: cluster.api,
      clock,
      leading,
      scalerAddress: 'windvane-scaler.windvane-system.svc:6000',
      snapshot: () => snapshotOf(outlook({ present: 400, ahead: [400, 100, 400, 400] })),
      ownZone: () => 'DE',
      log: silent,
    });
    stops.push(() => started.stop());
    return started;
  }
  function job(name: string, annotations: Record<string, string>): KubeObject {
    return {
      kind: 'Job',
      metadata: { namespace: 'batch', name, labels: { 'windvane.dev/gate': 'true' }, annotations },
      spec: {
        suspend: true,
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'x' }] } },
      },
    };
  }
  /** Until the watch has told of everything and it is dealt with. */
  async function until(clock: TestClock, done: () => Promise<boolean>): Promise<void> {
    for (let turn = 0; turn < 500; turn += 1) {
      if (await done()) return;
      // A watch that was broken off by a leap in time waits a moment before it comes back.
      clock.set(clock.now() + SECOND);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error('it did not happen');
  }

  it('heals and lets go while it leads, and does neither while another one does', async () => {
    const clock = testClock(NOW);
    const cluster = await startCluster({ now: () => clock.now() });
    stops.push(() => cluster.stop());
    await cluster.namespace('batch');
    await cluster.namespace('ai-training');
    let leads = false;
    const started = await side(cluster, clock, () => leads);
    await cluster.create(
      ...manifest('examples/scaler/training.yaml'),
      job('now', {}),
      job('later', { 'windvane.dev/start-by': '4h' }),
    );
    await cluster.create(...manifest('deploy/scaler/admission-policy/policy.yaml'));
    await started.whenIdle();
    const get = (kind: string, namespace: string, name: string) =>
      cluster.user.get(typeOf(kind), { namespace, name });
    expect(Object((await get('Job', 'batch', 'now')).spec).suspend).toBe(true);
    leads = true;
    clock.set(NOW + 5 * SECOND);
    await until(clock, async () => Object((await get('Job', 'batch', 'now')).spec).suspend === false);
    await until(
      clock,
      async () =>
        (await get('Job', 'batch', 'later')).metadata.annotations?.['windvane.dev/planned-start'] !==
        undefined,
    );
    await until(
      clock,
      async () =>
        Object((await get('ScaledObject', 'ai-training', 'carbon-aware-training-job')).spec).triggers[0]
          .type === 'external',
    );
    expect(Object((await get('Job', 'batch', 'later')).spec).suspend).toBe(true);
    await started.whenIdle();
    const events = await cluster.user.list(typeOf('Event'), { namespace: 'batch' });
    expect(events.items.map((event) => Object(event).reason)).toEqual(
      expect.arrayContaining(['Released', 'Waiting']),
    );
    clock.set(NOW + 4 * HOUR);
    await until(clock, async () => Object((await get('Job', 'batch', 'later')).spec).suspend === false);
  });

  it('works without KEDA', async () => {
    const clock = testClock(NOW);
    const cluster = connectCluster(await startSandbox({ now: () => clock.now() }));
    stops.push(() => cluster.stop());
    await cluster.namespace('batch');
    const started = await side(cluster, clock, () => true);
    await cluster.create(job('now', {}));
    await until(
      clock,
      async () =>
        Object((await cluster.user.get(JOB, { namespace: 'batch', name: 'now' })).spec).suspend === false,
    );
    await started.whenIdle();
    expect((await cluster.user.list(typeOf('Event'))).items).toHaveLength(1);
  });

  it('lets Jobs of CronJobs go, which inherit label and annotations', async () => {
    const cronJob = one(
      manifest('examples/scaler/nightly-report.yaml').filter(({ kind }) => kind === 'CronJob'),
    );
    const { jobTemplate } = Object(cronJob.spec);
    const clock = testClock(NOW);
    const cluster = await startCluster({ now: () => clock.now() });
    stops.push(() => cluster.stop());
    await cluster.namespace('reports');
    await side(cluster, clock, () => true);
    await cluster.create(cronJob);
    // What the CronJob controller makes of it.
    const metadata = { ...jobTemplate.metadata, namespace: 'reports', name: 'nightly-report-1' };
    await cluster.create({ kind: 'Job', metadata, spec: jobTemplate.spec });
    const get = () => cluster.user.get(JOB, { namespace: 'reports', name: 'nightly-report-1' });
    await until(
      clock,
      async () => (await get()).metadata.annotations?.['windvane.dev/gate-status'] !== undefined,
    );
    expect(Object((await get()).spec).suspend).toBe(true);
    clock.set(NOW + 12 * HOUR);
    await until(clock, async () => Object((await get()).spec).suspend === false);
  });
});
