import { MINUTE } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { ScaledObjectRef } from '../../src/grpc/generated/externalscaler.ts';
import { NOW, outlook, snapshotOf } from '../support/outlooks.ts';
import { founding, serve } from '../support/serve.ts';

/** KEDA's client as it really behaves, over a real connection. */

const clean = snapshotOf(outlook({ present: 100, ahead: [100, 100] }));
const dirty = snapshotOf(outlook({ present: 400, ahead: [400, 400] }));

describe.each([
  ['KEDA of today', false],
  ['KEDA before 2.17, without floating numbers', true],
])('%s', (_, oldProto) => {
  it('reads a target of 1 and the allowed replicas, in the order of its loop', async () => {
    const served = await serve(clean);
    const keda = served.connect({ oldProto });
    expect(await keda.poll(founding, 3)).toEqual({
      metric: 's3-carbon-allowance',
      target: 1,
      value: 10,
      active: true,
      calls: ['GetMetricSpec', 'GetMetrics', 'IsActive'],
    });
    served.snapshot(dirty);
    served.clock.advance(MINUTE);
    expect(await keda.poll(founding, 3)).toMatchObject({ target: 1, value: 0, active: false });
  });

  it.each([
    ['no metadata at all', {}],
    ['a target that is no number', { targetValue: 'abc', location: 'de' }],
    ['a target of 0', { targetValue: '0', location: 'de' }],
    ['a place that does not exist', { targetValue: '150', location: 'atlantis' }],
    ['a country of many grids', { targetValue: '150', location: 'US' }],
    ['a maximum that is no number', { targetValue: '150', location: 'de', maxReplicas: '-3' }],
    ['nothing known of the zone', { targetValue: '150', location: 'fr' }],
    ['an environment that resolves to nothing', { targetValueFromEnv: 'NOWHERE', location: 'de' }],
    ['TLS settings', { ...founding.metadata, enableTLS: 'true', caCert: 'PEM', unsafeSsl: 'false' }],
  ])('never gets an error or a target of 0: %s', async (_case, metadata) => {
    const served = await serve(clean);
    const poll = await served.connect({ oldProto }).poll({ ...founding, metadata });
    expect(poll.target).toBeGreaterThan(0);
    expect(poll.value).toBeGreaterThanOrEqual(0);
    expect(poll.active).toBe(poll.value > 0);
    expect(served.failures).toEqual([]);
  });
});

describe('the wire', () => {
  it('is as documented: names and numbers of fields', () => {
    const bytes = ScaledObjectRef.encode({ name: 'n', namespace: 's', scalerMetadata: { k: 'v' } }).finish();
    expect(Buffer.from(bytes).toString('hex')).toBe('0a016e1201731a060a016b120176');
  });

  it('carries values from the environment under the key that named them', async () => {
    const served = await serve(dirty);
    const { targetValue: _, ...metadata } = founding.metadata;
    const trigger = {
      ...founding,
      metadata: { ...metadata, targetValueFromEnv: 'CARBON_TARGET' },
      environment: { CARBON_TARGET: '450' },
    };
    expect(await served.connect().poll(trigger)).toMatchObject({ value: 10, active: true });
  });

  it('answers the name that was asked for, whatever it is', async () => {
    const keda = (await serve(clean)).connect();
    for (const name of ['carbon-allowance', 'something-else', 'CARBON-ALLOWANCE']) {
      const { metricValues } = await keda.getMetrics(founding, name);
      expect(metricValues).toEqual([{ metricName: name, metricValue: 10, metricValueFloat: 10 }]);
    }
  });
});

describe('one answer for one poll', () => {
  it('does not change between metrics and activity, whatever the data does', async () => {
    const served = await serve(clean);
    const keda = served.connect();
    for (let round = 0; round < 20; round++) {
      const { metricValues } = await keda.getMetrics(founding, 'carbon-allowance');
      served.snapshot(round % 2 === 0 ? dirty : clean);
      const { result } = await keda.isActive(founding);
      expect(result).toBe((metricValues[0]?.metricValue ?? 0) > 0);
      served.clock.advance(MINUTE);
    }
  });

  it('is the same from two pods with the same data', async () => {
    const [one, two] = [await serve(dirty), await serve(dirty)];
    two.clock.advance(20_000);
    const other = { ...founding, metadata: { ...founding.metadata, maxDelay: '1h', minRun: '30m' } };
    const [first, second] = [one.connect(), two.connect()];
    for (let minute = 0; minute < 200; minute += 7) {
      expect(await second.poll(other), `${minute} min`).toEqual(await first.poll(other));
      one.clock.advance(7 * MINUTE);
      two.clock.advance(7 * MINUTE);
    }
    expect(one.clock.now()).toBeGreaterThan(NOW + 3 * 60 * MINUTE);
  });
});

describe('many callers', () => {
  it('answers hundreds of objects over one connection, each by its own metadata', async () => {
    const served = await serve(clean);
    const keda = served.connect();
    const polls = await Promise.all(
      Array.from({ length: 500 }, (_, index) => {
        const metadata = {
          ...founding.metadata,
          targetValue: index % 2 === 0 ? '150' : '50',
          maxReplicas: `${index}`,
        };
        return keda.poll({ namespace: `ns-${index % 10}`, name: `so-${index}`, metadata });
      }),
    );
    const values = polls.map(({ value }) => value);
    expect(values).toEqual(values.map((_, index) => (index % 2 === 0 ? index : 0)));
    expect(served.calls.get('GetMetrics')).toBe(500);
  });
});
