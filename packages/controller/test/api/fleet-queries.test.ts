import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { testApi } from './client.ts';
import { cluster, fleetOf, placement, plane } from './fleet.ts';

describe('clusters', () => {
  it('lists the members of every hub with their zones', async () => {
    const eu = plane({ hub: 'eu', clusters: () => [cluster('green', { hub: 'eu', zone: 'FR' })] });
    const api = await testApi(fleetOf({ planes: () => [plane(), eu] }));
    const { data, errors } = await api.ask(
      '{ clusters { name hub plane location ready excluded zone { id intensity { gramsPerKwh } } headroom { pods } } }',
    );
    expect(errors).toBeUndefined();
    const common = { plane: 'karmada', ready: true, headroom: null };
    expect(data?.['clusters']).toEqual([
      {
        ...common,
        name: 'green',
        hub: 'eu',
        location: 'aws/eu-central-1',
        excluded: null,
        zone: { id: 'FR', intensity: { gramsPerKwh: 40 } },
      },
      {
        ...common,
        name: 'blue',
        hub: 'karmada',
        location: 'aws/eu-central-1',
        excluded: null,
        zone: { id: 'DE', intensity: { gramsPerKwh: 300 } },
      },
      { ...common, name: 'red', hub: 'karmada', location: null, excluded: 'no location', zone: null },
    ]);
  });
});

const namesSchema = z.object({ placements: z.array(z.object({ namespace: z.string(), name: z.string() })) });

describe('placements', () => {
  const names = (data: unknown): string[] =>
    namesSchema.parse(data).placements.map((p) => `${p.namespace}/${p.name}`);

  it('gives the whole status', async () => {
    const moves = [
      {
        decision: 'd0',
        startedAt: '2026-06-01T10:00:00Z',
        finishedAt: '2026-06-01T10:05:00Z',
        result: 'rolled-back' as const,
        from: { blue: 4 },
        to: { blue: 3, red: 1 },
      },
    ];
    const one = placement('train', { moves, saved: { grams: 12.5, percent: 3 } });
    const api = await testApi(fleetOf({ planes: () => [plane({ placements: () => [one] })] }));
    const { data, errors } =
      await api.ask(`{ placements { hub namespace name kind mode state reason data replicas
      split { cluster zone replicas share gramsPerKwh reason }
      decision { id at target gain moveCost confidence runnerUp text }
      step moves { decision startedAt finishedAt result from to } found { present value } saved { grams percent }
      hold { reason annotationsHash at } conditions { type status reason message lastTransitionTime observedGeneration }
      observedGeneration } }`);
    expect(errors).toBeUndefined();
    expect(data?.['placements']).toEqual([
      {
        ...one,
        // GraphQL names hold no hyphen.
        moves: [{ ...moves[0], result: 'rolled_back' }],
        conditions: [{ ...one.conditions[0], observedGeneration: null }],
      },
    ]);
  });

  it('tells how a Job waits or was started', async () => {
    const dispatch = {
      job: 'uid-1',
      latestStart: '2026-06-01T18:00:00.000Z',
      plannedStart: '2026-06-01T15:00:00.000Z',
      policy: null,
      cluster: null,
      dispatchedAt: null,
      lateSeconds: 0,
    };
    const started = {
      ...dispatch,
      plannedStart: null,
      policy: 'windvane-dispatch-etl-job-1',
      cluster: 'blue',
      dispatchedAt: '2026-06-01T18:00:30.000Z',
      lateSeconds: 30,
    };
    const placements = [
      placement('etl', { kind: 'Job', state: 'Dispatched', dispatch: started }),
      placement('night', { kind: 'Job', state: 'Waiting', dispatch }),
      placement('web'),
    ];
    const api = await testApi(fleetOf({ planes: () => [plane({ placements: () => placements })] }));
    const { data, errors } = await api.ask(
      '{ placements { name dispatch { latestStart plannedStart policy cluster dispatchedAt lateSeconds } } }',
    );
    expect(errors).toBeUndefined();
    const { job: _, ...waits } = dispatch;
    const { job: __, ...runs } = started;
    expect(data?.['placements']).toEqual([
      { name: 'etl', dispatch: runs },
      { name: 'night', dispatch: waits },
      { name: 'web', dispatch: null },
    ]);
  });

  it('filters by hub, namespace, state and reason', async () => {
    const api = await testApi();
    const ask = async (filter: string): Promise<string[]> =>
      names((await api.ask(`{ placements${filter} { namespace name } }`)).data);
    expect(await ask('')).toEqual(['apps/train', 'batch/train', 'batch/web']);
    expect(await ask('(namespace: "batch")')).toEqual(['batch/train', 'batch/web']);
    expect(await ask('(state: Blocked)')).toEqual(['batch/web']);
    expect(await ask('(reason: RealTime)')).toEqual(['batch/web']);
    expect(await ask('(reason: Frozen)')).toEqual([]);
    expect(await ask('(hub: "karmada", namespace: "apps", state: Observing)')).toEqual(['apps/train']);
    expect(await ask('(hub: "other")')).toEqual([]);
  });

  it('refuses a state that does not exist', async () => {
    const api = await testApi();
    expect((await api.ask('{ placements(state: Flying) { name } }')).errors?.[0]?.message).toContain(
      'Flying',
    );
  });

  it('finds one by namespace, name and kind in any case', async () => {
    const api = await testApi();
    const ask = async (kind: string, name = 'train'): Promise<unknown> =>
      (
        await api.ask(
          'query($k: String!, $n: String!) { placement(namespace: "apps", name: $n, kind: $k) { mode } }',
          {
            k: kind,
            n: name,
          },
        )
      ).data?.['placement'];
    expect(await ask('Deployment')).toEqual({ mode: 'observe' });
    expect(await ask('deployment')).toEqual({ mode: 'observe' });
    expect(await ask('Job')).toBeNull();
    expect(await ask('Deployment', 'web')).toBeNull();
  });
});

describe('status', () => {
  it('says what is connected and how good the data is', async () => {
    const lost = plane({ hub: 'eu', connected: () => false, problem: () => 'connection refused' });
    const api = await testApi(
      fleetOf({
        mode: 'observe',
        frozen: () => true,
        store: { kind: 'redis', connected: () => false, history: async () => [] },
        planes: () => [plane(), lost],
      }),
    );
    const { data } = await api.ask(
      '{ status { mode frozen data mapVersion store { kind connected } planes { name hub connected problem } } }',
    );
    expect(data?.['status']).toEqual({
      mode: 'observe',
      frozen: true,
      data: 'live',
      mapVersion: 7,
      store: { kind: 'redis', connected: false },
      planes: [
        { name: 'karmada', hub: 'karmada', connected: true, problem: null },
        { name: 'karmada', hub: 'eu', connected: false, problem: 'connection refused' },
      ],
    });
  });
});
