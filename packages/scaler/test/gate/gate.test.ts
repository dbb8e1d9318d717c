import { HOUR, MINUTE } from '@windvane/carbon-map';
import type { KubeObject } from '@windvane/controller/kube';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGate, type GateNote } from '../../src/gate/gate.ts';
import type { ZoneOutlook } from '../../src/policy/snapshot.ts';
import { type TestClock, testClock } from '../support/clock.ts';
import { type Cluster, startCluster, typeOf } from '../support/cluster.ts';
import { NOW, outlook } from '../support/outlooks.ts';

const JOB = typeOf('Job');
const NAME = { namespace: 'batch', name: 'report' };

describe('the Job gate', () => {
  let cluster: Cluster;
  let clock: TestClock;
  let known: ZoneOutlook | null;
  let frozen: boolean;
  let notes: GateNote[];
  let reconcile: ReturnType<typeof createGate>;
  beforeEach(async () => {
    clock = testClock(NOW);
    cluster = await startCluster({ now: () => clock.now() });
    await cluster.namespace('batch');
    known = outlook({ present: 400, ahead: [400, 100, 400, 400, 400, 400] });
    frozen = false;
    notes = [];
    reconcile = open();
  });
  afterEach(() => cluster.stop());

  function open(): ReturnType<typeof createGate> {
    return createGate({
      api: cluster.api,
      clock,
      outlook: () => known,
      frozen: () => frozen,
      tell: async (_job, note) => void notes.push(note),
      failed: (error) => {
        throw error;
      },
    });
  }
  async function given(
    annotations: Record<string, string> = { 'windvane.dev/start-by': '4h' },
    labels: object = {},
  ): Promise<void> {
    await cluster.user.create(JOB, {
      metadata: { ...NAME, labels: { 'windvane.dev/gate': 'true', ...labels }, annotations },
      spec: {
        suspend: true,
        template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'x' }] } },
      },
    });
  }
  const job = (): Promise<KubeObject> => cluster.user.get(JOB, NAME);
  const look = async () => reconcile(await job());
  const suspended = async (): Promise<unknown> => Object((await job()).spec).suspend;

  it('waits for the best hour, says so, and lets the Job go in it', async () => {
    await given();
    expect(await look()).toEqual({ requeueAfter: 5 * MINUTE });
    const waiting = await job();
    expect(waiting.metadata.annotations).toMatchObject({
      'windvane.dev/planned-start': new Date(NOW + 2 * HOUR).toISOString(),
      'windvane.dev/gate-status': expect.stringMatching(
        /^Waits 2 h for this cluster, 100 g\/kWh expected instead of 400 now/,
      ),
    });
    expect(notes.map(({ reason }) => reason)).toEqual(['Waiting']);
    clock.set(NOW + 2 * HOUR - MINUTE);
    expect(await look()).toEqual({ requeueAfter: MINUTE });
    expect(await suspended()).toBe(true);
    clock.set(NOW + 2 * HOUR);
    known = outlook({ at: NOW + 2 * HOUR, present: 100, ahead: [400, 400, 400, 400] });
    expect(await look()).toEqual({});
    const gone = await job();
    expect(Object(gone.spec).suspend).toBe(false);
    expect(gone.metadata.annotations).toMatchObject({
      'windvane.dev/released-at': new Date(NOW + 2 * HOUR).toISOString(),
    });
    expect(notes.at(-1)).toMatchObject({ type: 'Normal', reason: 'Released' });
  });

  it('writes nothing while the plan stays as it is', async () => {
    await given();
    await look();
    const { resourceVersion } = (await job()).metadata;
    clock.set(NOW + 10 * MINUTE);
    await look();
    expect((await job()).metadata.resourceVersion).toBe(resourceVersion);
    expect(notes).toHaveLength(1);
  });

  it('follows a newer forecast', async () => {
    await given();
    await look();
    known = outlook({ present: 400, ahead: [400, 400, 50, 400, 400] });
    await look();
    expect((await job()).metadata.annotations?.['windvane.dev/planned-start']).toBe(
      new Date(NOW + 3 * HOUR).toISOString(),
    );
  });

  it('lets a Job go at its latest start, whatever is known and however frozen', async () => {
    await given();
    known = null;
    frozen = true;
    expect(await look()).toMatchObject({ requeueAfter: 5 * MINUTE });
    expect(await suspended()).toBe(true);
    clock.set(NOW + 4 * HOUR - MINUTE);
    expect(await look()).toEqual({ requeueAfter: MINUTE });
    clock.set(NOW + 4 * HOUR);
    await look();
    expect(await suspended()).toBe(false);
    expect(notes.at(-1)?.message).toBe('Starts now, without data on the grid: its latest start is here.');
  });

  it('keeps to its plan while nothing is known', async () => {
    await given();
    await look();
    const planned = (await job()).metadata.annotations;
    known = null;
    clock.set(NOW + HOUR);
    expect(await look()).toEqual({ requeueAfter: 5 * MINUTE });
    expect((await job()).metadata.annotations).toEqual(planned);
    clock.set(NOW + 2 * HOUR - MINUTE);
    expect(await look()).toEqual({ requeueAfter: MINUTE });
    frozen = true;
    clock.set(NOW + 2 * HOUR);
    expect(await look()).toEqual({ requeueAfter: 5 * MINUTE });
    expect(await suspended()).toBe(true);
    frozen = false;
    await look();
    expect(await suspended()).toBe(false);
    expect(notes.at(-1)?.message).toBe('Starts now as planned: nothing newer is known of the grid.');
  });

  it('starts nothing early while frozen', async () => {
    await given();
    known = outlook({ present: 50, ahead: [400, 400, 400, 400, 400] });
    frozen = true;
    await look();
    expect(await suspended()).toBe(true);
    frozen = false;
    await look();
    expect(await suspended()).toBe(false);
  });

  it('starts at once where it may not wait', async () => {
    await given({});
    await look();
    expect(await suspended()).toBe(false);
  });

  it('goes on where another process left off', async () => {
    await given();
    await look();
    reconcile = open();
    clock.set(NOW + HOUR);
    // Within a hundredth of the plan that the Job carries: no change of mind.
    known = outlook({ at: NOW + HOUR, present: 400, ahead: [100, 99.5, 400, 400] });
    await look();
    expect((await job()).metadata.annotations?.['windvane.dev/planned-start']).toBe(
      new Date(NOW + 2 * HOUR).toISOString(),
    );
  });

  it('never suspends, and never lets go twice', async () => {
    await given({});
    await look();
    await cluster.user.mergePatch(JOB, NAME, { spec: { suspend: true } });
    await look();
    expect(await suspended()).toBe(true);
    expect(notes.filter(({ reason }) => reason === 'Released')).toHaveLength(1);
  });

  it('does not decide on a Job that changed meanwhile', async () => {
    await given({});
    const before = await job();
    await cluster.user.mergePatch(JOB, NAME, {
      metadata: { annotations: { 'windvane.dev/start-by': '4h' } },
    });
    await expect(reconcile(before)).rejects.toThrow(/patch Job/);
    expect(await suspended()).toBe(true);
    await cluster.user.delete(JOB, NAME);
    expect(await reconcile(before)).toEqual({});
  });

  it.each([
    ['karmada.io/managed', 'true', 'UseDispatch', 'Warning'],
    ['kueue.x-k8s.io/queue-name', 'q', 'LeftToKueue', 'Normal'],
    ['windvane.dev/gate', 'yes', 'BadAnnotation', 'Warning'],
  ] as const)('leaves a Job with %s alone and says why, once', async (label, value, reason, type) => {
    await given({ 'windvane.dev/start-by': '1h' }, { [label]: value });
    await look();
    clock.set(NOW + 2 * HOUR);
    await look();
    expect(await suspended()).toBe(true);
    expect(notes).toEqual([{ type, reason, message: expect.any(String) }]);
    expect((await job()).metadata.annotations).toEqual({ 'windvane.dev/start-by': '1h' });
  });

  it('says which label it would know', async () => {
    await given({}, { 'windvane.dev/gate': 'yes' });
    await look();
    expect(notes.map(({ message }) => message)).toEqual([
      'windvane.dev/gate must be "true", got "yes": this Job stays suspended until the label is mended or taken away with suspend',
    ]);
  });

  it('says what it could not read', async () => {
    await given({ 'windvane.dev/start-by': 'soon' });
    await look();
    expect(notes[0]).toMatchObject({ type: 'Warning', reason: 'BadAnnotation' });
    expect(await suspended()).toBe(false);
  });
});
