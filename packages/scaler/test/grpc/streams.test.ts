import { promisify } from 'node:util';
import { type ClientReadableStream, status } from '@grpc/grpc-js';
import { MINUTE } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { TICK } from '../../src/policy/decider.ts';
import { outlook, snapshotOf } from '../support/outlooks.ts';
import { founding, serve } from '../support/serve.ts';

const clean = snapshotOf(outlook({ present: 100, ahead: [100, 100] }));
const dirty = snapshotOf(outlook({ present: 400, ahead: [400, 400] }));

interface Heard {
  readonly told: boolean[];
  /** Status with which the stream ended; null while it is open. */
  ended: number | null;
}

/** Reads a stream as KEDA does: only what arrives counts, an end with OK is no fault. */
function listen(stream: ClientReadableStream<{ result: boolean }>): Heard {
  const heard: Heard = { told: [], ended: null };
  stream.on('data', ({ result }: { result: boolean }) => heard.told.push(result));
  stream.on('error', () => {});
  stream.on('status', ({ code }) => {
    heard.ended = code;
  });
  return heard;
}

describe('a stream of an external-push trigger', () => {
  it('tells the state at once, every change, and again that it is active', async () => {
    const served = await serve(clean);
    const heard = listen(served.connect().streamIsActive(founding));
    await expect.poll(() => heard.told).toEqual([true]);
    served.clock.advance(TICK);
    await expect.poll(() => heard.told).toEqual([true, true]);
    served.snapshot(dirty);
    served.clock.advance(TICK);
    await expect.poll(() => heard.told).toEqual([true, true, false]);
    // KEDA ignores false, or takes the workload down at once when it is older: it is said once.
    served.clock.advance(TICK);
    served.snapshot(clean);
    served.clock.advance(TICK);
    await expect.poll(() => heard.told).toEqual([true, true, false, true]);
    expect(heard.ended).toBeNull();
  });

  it('ends with OK after the age of a connection, and can be opened anew', async () => {
    const served = await serve(clean, { maxConnectionAge: 5 * MINUTE });
    const keda = served.connect();
    const heard = listen(keda.streamIsActive(founding));
    await expect.poll(() => heard.told.length).toBeGreaterThan(0);
    served.clock.advance(5 * MINUTE);
    await expect.poll(() => heard.ended).toBe(status.OK);
    const again = listen(keda.streamIsActive(founding));
    await expect.poll(() => again.told).toEqual([true]);
    expect(served.server.streams()).toBe(1);
  });

  it('is forgotten when KEDA cancels it', async () => {
    const served = await serve(clean);
    const stream = served.connect().streamIsActive(founding);
    const heard = listen(stream);
    await expect.poll(() => heard.told).toEqual([true]);
    stream.cancel();
    await expect.poll(() => served.server.streams()).toBe(0);
  });

  it('serves 2,500 at once: the first state, a change, and an end with OK', async () => {
    const served = await serve(clean);
    const keda = served.connect();
    const heard = Array.from({ length: 2_500 }, (_, index) =>
      listen(keda.streamIsActive({ ...founding, name: `so-${index}` })),
    );
    const count = (matches: (one: Heard) => boolean): number => heard.filter(matches).length;
    const patient = { timeout: 20_000 };
    await expect.poll(() => count(({ told }) => told[0] ?? false), patient).toBe(2_500);
    expect(served.server.streams()).toBe(2_500);
    // Calls of the scale loop go on beside them.
    expect(await keda.poll(founding)).toMatchObject({ value: 10 });
    served.snapshot(dirty);
    served.clock.advance(TICK);
    await expect.poll(() => count(({ told }) => !(told.at(-1) ?? true)), patient).toBe(2_500);
    await served.server.stop();
    await expect.poll(() => count(({ ended }) => ended === status.OK), patient).toBe(2_500);
  });

  it('comes back after a restart of the server, on the same connection of KEDA', async () => {
    const first = await serve(clean);
    const keda = first.connect({ client: { 'grpc.initial_reconnect_backoff_ms': 50 } });
    const heard = listen(keda.streamIsActive(founding));
    await expect.poll(() => heard.told).toEqual([true]);
    await first.server.stop();
    await expect.poll(() => heard.ended).toBe(status.OK);
    const second = await serve(dirty, { port: Number(first.address.split(':')[1]) });
    const ready = promisify(keda.raw.waitForReady.bind(keda.raw));
    await ready(Date.now() + 20_000);
    expect(await keda.poll(founding)).toMatchObject({ value: 0, active: false });
    const again = listen(keda.streamIsActive(founding));
    await expect.poll(() => again.told).toEqual([false]);
    expect(second.server.streams()).toBe(1);
  });
});

describe('a stream of metric specs', () => {
  it('tells what GetMetricSpec says, and stays open', async () => {
    const served = await serve(clean);
    const keda = served.connect();
    const stream = keda.raw.streamMetricSpec({ ...founding, scalerMetadata: founding.metadata });
    const specs: unknown[] = [];
    let ended: number | null = null;
    stream.on('data', (spec) => specs.push(spec));
    stream.on('error', () => {});
    stream.on('status', ({ code }) => {
      ended = code;
    });
    await expect.poll(() => specs).toEqual([await keda.getMetricSpec(founding)]);
    expect(ended).toBeNull();
    await served.server.stop();
    await expect.poll(() => ended).toBe(status.OK);
  });
});
