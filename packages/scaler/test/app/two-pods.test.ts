import {
  createLocationResolver,
  createVirtualClock,
  DAY,
  HOUR,
  type Instant,
  MINUTE,
  SECOND,
  startOfHour,
} from '@windvane/carbon-map';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Scaler, startScaler } from '../../src/app/scaler.ts';
import type { HoldReport } from '../../src/source/hub/report.ts';
import { type Cluster, startCluster } from '../support/cluster.ts';
import { connectKeda } from '../support/keda.ts';
import { NOW, outlook } from '../support/outlooks.ts';

const silent = { info() {}, warn() {}, error() {} };
const address = 'windvane-scaler.windvane-system.svc:6000';
/** Clean for the first six hours of every day, in France never. */
const grams = (zone: string, at: Instant): number =>
  zone === 'FR' ? 300 + ((at / HOUR) % 7) : at % DAY < 6 * HOUR ? 100 : 400;

const TRIGGERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  target: { targetValue: '150', location: 'de' },
  ahead: { targetValue: '150', location: 'de', forecastWindow: '3h' },
  share: { percentile: '20', location: 'de' },
  delayed: { targetValue: '150', location: 'de', maxDelay: '5h', minRun: '2h' },
  never: { targetValue: '150', location: 'fr' },
  mistaken: { targetValue: 'abc', location: 'de', onMissingData: 'pause' },
};

/** Two pods of one scaler on one cluster, with the same sources; each with its own memory. */
async function world() {
  // The objects are older than what holds them now.
  const clock = createVirtualClock(NOW - 2 * DAY);
  const resolver = createLocationResolver();
  const cluster: Cluster = await startCluster({ now: () => clock.now() });
  onTestFinished(() => cluster.stop());
  await cluster.namespace('ai');
  await cluster.namespace('windvane-system');
  for (const [name, metadata] of Object.entries(TRIGGERS)) {
    await cluster.create({
      apiVersion: 'keda.sh/v1alpha1',
      kind: 'ScaledObject',
      metadata: { name, namespace: 'ai' },
      spec: {
        scaleTargetRef: { name: `${name}-workers` },
        maxReplicaCount: 7,
        triggers: [{ type: 'external', metadata: { ...metadata, scalerAddress: address } }],
      },
    });
  }

  clock.advance(2 * DAY);
  let known: { at: Instant; outlooks: ReadonlyMap<string, ReturnType<typeof outlook>> } | null = null;
  function outlooks(): ReadonlyMap<string, ReturnType<typeof outlook>> {
    const at = startOfHour(clock.now());
    if (known?.at !== at) known = { at, outlooks: outlooksAt(at) };
    return known.outlooks;
  }
  function outlooksAt(at: Instant): ReadonlyMap<string, ReturnType<typeof outlook>> {
    const hours = (zone: string, from: Instant, count: number): number[] =>
      Array.from({ length: count }, (_, hour) => grams(zone, from + hour * HOUR));
    return new Map(
      ['DE', 'FR'].map((zone) => [
        zone,
        outlook({
          zone,
          at,
          past: hours(zone, at - 30 * DAY, 720),
          present: grams(zone, at),
          ahead: hours(zone, at + HOUR, 48),
        }),
      ]),
    );
  }

  async function pod(holder: string): Promise<{ scaler: Scaler; reports: (readonly HoldReport[])[] }> {
    const reports: (readonly HoldReport[])[] = [];
    const scaler = await startScaler({
      clock,
      resolver,
      location: 'de',
      own: () => ({ outlooks, refresh: async () => {}, start: () => {}, stop: async () => {} }),
      hub: {
        source: () => ({
          load: async () => {},
          ask: async () => true,
          start: () => {},
          stop: async () => {},
          version: () => 0,
          zone: () => null,
          contactAt: () => null,
          shares: () => new Map(),
          frozen: () => false,
          outlooks: () => [],
        }),
        report: async (holds) => void reports.push(holds),
      },
      kube: { api: cluster.api, namespace: 'windvane-system', holder },
      listen: { host: '127.0.0.1', port: 0 },
      metricsListen: { host: '127.0.0.1', port: 0 },
      credentials: null,
      log: silent,
    });
    onTestFinished(() => scaler.stop());
    return { scaler, reports };
  }
  return { clock, cluster, pod };
}

const byName = (holds: readonly HoldReport[] = []): HoldReport[] =>
  holds.toSorted((a, b) => (a.name < b.name ? -1 : 1));

describe('two pods', () => {
  it('answer KEDA the same and report the same, whenever they were started and whoever was asked', async () => {
    const { clock, pod } = await world();
    const old = await pod('old');
    const asked = connectKeda(`127.0.0.1:${old.scaler.grpcPort}`);
    onTestFinished(() => asked.close());
    for (let hour = 0; hour < 9; hour += 1) {
      for (const [name, metadata] of Object.entries(TRIGGERS))
        await asked.poll({ namespace: 'ai', name, metadata: { ...metadata, scalerAddress: address } });
      clock.advance(HOUR);
    }
    // Started while work is held for hours, and asked by nobody.
    const young = await pod('young');
    const other = connectKeda(`127.0.0.1:${young.scaler.grpcPort}`);
    onTestFinished(() => other.close());
    const seen = new Set<number>();
    for (let look = 0; look < 30; look += 1) {
      clock.advance(37 * MINUTE);
      expect(byName(young.reports.at(-1))).toEqual(byName(old.reports.at(-1)));
      seen.add(young.reports.at(-1)?.length ?? 0);
      if (look % 6 !== 0) continue;
      for (const [name, metadata] of Object.entries(TRIGGERS)) {
        const trigger = { namespace: 'ai', name, metadata: { ...metadata, scalerAddress: address } };
        expect(await other.poll(trigger)).toEqual(await asked.poll(trigger));
      }
    }
    // It was no silence that agreed: clean hours and dirty ones, and runs after the longest delay.
    expect(seen.size).toBeGreaterThan(2);
  });

  it('report by themselves after a restart, with the same beginnings', async () => {
    const { clock, cluster, pod } = await world();
    const first = await pod('first');
    clock.advance(5 * HOUR);
    const before = byName(first.reports.at(-1));
    expect(before.map(({ name, reason, since }) => [name, reason, since])).toEqual([
      ['ahead-workers', 'Dirty', '2022-05-10T03:30:00.000Z'],
      ['delayed-workers', 'Dirty', expect.any(String)],
      ['mistaken-workers', 'Misconfigured', null],
      ['never-workers', 'TargetNeverReached', expect.any(String)],
      ['share-workers', 'Dirty', expect.any(String)],
      ['target-workers', 'Dirty', '2022-05-10T06:00:00.000Z'],
    ]);
    await first.scaler.stop();
    const second = await pod('second');
    clock.advance(MINUTE);
    expect(second.reports).toHaveLength(1);
    expect(byName(second.reports[0])).toEqual(before);
    // What is gone is held no longer.
    await cluster.user.delete(
      {
        group: 'keda.sh',
        version: 'v1alpha1',
        plural: 'scaledobjects',
        kind: 'ScaledObject',
        namespaced: true,
      },
      { namespace: 'ai', name: 'never' },
    );
    for (let turn = 0; second.reports.at(-1)?.length === before.length; turn += 1) {
      if (turn > 500) throw new Error('the deletion did not arrive');
      await new Promise((resolve) => setTimeout(resolve, 2));
      clock.advance(30 * SECOND);
    }
    expect(byName(second.reports.at(-1)).map(({ name }) => name)).not.toContain('never-workers');
  });
});
