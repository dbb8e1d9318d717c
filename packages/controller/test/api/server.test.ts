import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualClock, MINUTE, systemClock } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { startApi } from '../../src/api/server.ts';
import { UserError } from '../../src/config/user-error.ts';
import { testApi } from './client.ts';
import { fleetOf, placement, plane } from './fleet.ts';

let folder: string;
let tokens: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'windvane-api-'));
  tokens = join(folder, 'tokens.yaml');
  writeFileSync(
    tokens,
    `- { role: reader, token: reader-token-123456 }
- { role: scaler, token: scaler-token-123456, cluster: blue }
- { role: admin, token: admin-token-1234567 }
`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const silent = { info: () => undefined, error: () => undefined };

/** A plain GET that may send any Host header, which fetch does not allow. */
function get(
  url: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    request(`${url}${path}`, { headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    })
      .on('error', reject)
      .end();
  });
}

describe('health', () => {
  it('is alive and ready', async () => {
    const api = await testApi();
    expect(await get(api.url, '/healthz')).toEqual({ status: 200, body: 'ok\n' });
    expect(await get(api.url, '/readyz')).toEqual({ status: 200, body: 'ok\n' });
  });

  it('is alive but not ready without a map and with a lost hub, and says why', async () => {
    const lost = plane({ connected: () => false, problem: () => 'connection refused' });
    const api = await testApi(fleetOf({ map: () => null, planes: () => [lost] }));
    expect((await get(api.url, '/healthz')).status).toBe(200);
    expect(await get(api.url, '/readyz')).toEqual({
      status: 503,
      body: 'no version of the carbon map yet\nkarmada hub karmada: connection refused\n',
    });
  });

  it('stays ready when the store is lost', async () => {
    const store = { kind: 'redis', connected: () => false, history: async () => [] } as const;
    const api = await testApi(fleetOf({ store }));
    expect((await get(api.url, '/readyz')).status).toBe(200);
  });

  it('knows no other path, and serves no page from elsewhere', async () => {
    const api = await testApi();
    expect((await get(api.url, '/nothing')).status).toBe(404);
    const page = await get(api.url, '/graphql', { accept: 'text/html' });
    expect(page.body).not.toContain('<script');
  });
});

describe('errors', () => {
  it('hides what was not meant for callers and logs it whole', async () => {
    const cause = new Error('password hunter2 at /etc/secret');
    const broken = plane({
      clusters: () => {
        throw cause;
      },
    });
    const api = await testApi(fleetOf({ planes: () => [broken] }));
    const { errors } = await api.ask('{ clusters { name } }');
    expect(errors).toEqual([
      {
        message: 'Unexpected error.',
        path: ['clusters'],
        locations: [{ line: 1, column: 3 }],
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      },
    ]);
    expect(api.logged).toHaveLength(1);
    expect(api.logged[0]).toMatchObject({ originalError: cause });
  });

  it('shows mistakes in the query itself', async () => {
    const api = await testApi();
    expect((await api.ask('{ nothing }')).errors?.[0]?.message).toContain('Cannot query field "nothing"');
    expect((await api.ask('{ status {')).errors?.[0]?.message).toContain('Syntax Error');
    expect(api.logged).toEqual([]);
  });
});

describe('who may ask', () => {
  it('refuses to be reachable by others without tokens, in one line', async () => {
    const starting = startApi({
      fleet: fleetOf(),
      listen: { host: '0.0.0.0', port: 0 },
      tokensFile: null,
      tls: null,
      clock: systemClock,
      log: silent,
    });
    const error: unknown = await starting.catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(UserError);
    expect(error).toHaveProperty('lines', [
      'api.listen: 0.0.0.0 can be reached from other machines, and no tokens are configured: name a file with api.tokensFile, or listen on 127.0.0.1',
    ]);
  });

  it('answers only local names without tokens', async () => {
    const api = await testApi();
    const query = `/graphql?query=${encodeURIComponent('{ status { mode } }')}`;
    expect((await get(api.url, query, { host: 'attacker.example' })).status).toBe(403);
    expect((await get(api.url, query, { host: 'localhost:4280' })).status).toBe(200);
    expect((await get(api.url, query)).body).toBe('{"data":{"status":{"mode":"act"}}}');
  });

  it('wants a token when there are some', async () => {
    const api = await testApi(fleetOf(), tokens);
    const query = `/graphql?query=${encodeURIComponent('{ clusters { name } }')}`;
    const as = (token: string): Promise<{ status: number; body: string }> =>
      get(api.url, query, { authorization: `Bearer ${token}` });
    expect((await get(api.url, query)).status).toBe(401);
    expect((await as('wrong-token-123456789')).status).toBe(401);
    expect((await as('reader-token-12345')).status).toBe(401);
    expect((await get(api.url, query, { authorization: 'Basic reader-token-123456' })).status).toBe(401);
    expect((await as('reader-token-123456')).status).toBe(200);
    expect((await as('admin-token-1234567')).status).toBe(200);
    expect((await get(api.url, '/healthz')).status).toBe(200);
  });

  it('shows a scaler the map and nothing of other clusters', async () => {
    const api = await testApi(fleetOf(), tokens);
    const token = 'scaler-token-123456';
    expect((await api.ask('{ cleanest(first: 1) { id } }', {}, token)).data).toEqual({
      cleanest: [{ id: 'FR' }],
    });
    for (const query of ['{ clusters { name } }', '{ placements { name } }', '{ status { mode } }']) {
      expect((await api.ask(query, {}, token)).errors?.[0]?.extensions?.['code']).toBe('FORBIDDEN');
    }
    expect((await get(api.url, '/metrics', { authorization: `Bearer ${token}` })).status).toBe(403);
  });

  it.each([
    ['[]', /holds no token/],
    ['plain text', /bad\.yaml: api\.tokensFile: write a list/],
    ['- { role: reader, token: short }', /bad\.yaml:1: api\.tokensFile\[0\]\.token: is too short/],
    ['- { role: king, token: reader-token-123456 }', /\[0\]\.role: write reader, scaler or admin/],
    [
      '- { role: scaler, token: scaler-token-123456 }',
      /\[0\]\.cluster: a scaler token must name its cluster/,
    ],
  ])('refuses the tokens file %j', async (content, message) => {
    const path = join(folder, 'bad.yaml');
    writeFileSync(path, content);
    const starting = startApi({
      fleet: fleetOf(),
      listen: { host: '127.0.0.1', port: 0 },
      tokensFile: path,
      tls: null,
      clock: systemClock,
      log: silent,
    });
    await expect(starting).rejects.toThrow(message);
    await expect(starting).rejects.toBeInstanceOf(UserError);
  });

  it('names the field of a tokens file that is not there', async () => {
    const tokensFile = join(folder, 'none.yaml');
    const starting = startApi({
      fleet: fleetOf(),
      listen: { host: '127.0.0.1', port: 0 },
      tokensFile,
      tls: null,
      clock: systemClock,
      log: silent,
    });
    await expect(starting).rejects.toThrow(`api.tokensFile: ${tokensFile}: cannot be read (ENOENT): name a`);
  });

  it('follows the tokens file: who was taken off may ask no more, and a torn one changes nothing', async () => {
    const tokensFile = join(folder, 'rotated.yaml');
    const tokenOf = (name: string): string => `${name}-token-1234567890`;
    const write = (...names: readonly string[]): void =>
      writeFileSync(
        tokensFile,
        names.map((name) => `- { role: reader, token: ${tokenOf(name)} }\n`).join(''),
      );
    write('old', 'kept');
    const clock = createVirtualClock(0);
    const told: string[] = [];
    const tell = (_details: unknown, message: string): void => void told.push(message);
    const api = await startApi({
      fleet: fleetOf(),
      listen: { host: '127.0.0.1', port: 0 },
      tokensFile,
      tls: null,
      clock,
      log: { info: tell, error: tell },
    });
    onTestFinished(() => api.stop());
    const query = `/graphql?query=${encodeURIComponent('{ clusters { name } }')}`;
    const as = async (name: string): Promise<number> =>
      (await get(api.url, query, { authorization: `Bearer ${tokenOf(name)}` })).status;
    const look = (count: number) =>
      expect
        .poll(() => {
          clock.advance(MINUTE);
          return told.length;
        })
        .toBe(count);
    expect([await as('old'), await as('kept'), await as('new')]).toEqual([200, 200, 401]);
    writeFileSync(tokensFile, '- { role: reader');
    await look(1);
    expect([await as('old'), await as('kept')]).toEqual([200, 200]);
    write('kept', 'new');
    await look(2);
    expect([await as('old'), await as('kept'), await as('new')]).toEqual([401, 200, 200]);
    expect(told).toEqual([
      'the tokens file of the API cannot be used; the one before stays',
      'the API took over a new tokens file',
    ]);
  });

  it('says in one line that the port is taken', async () => {
    const api = await testApi();
    const port = Number(new URL(api.url).port);
    const second = startApi({
      fleet: fleetOf(),
      listen: { host: '127.0.0.1', port },
      tokensFile: null,
      tls: null,
      clock: systemClock,
      log: silent,
    });
    await expect(second).rejects.toThrow(`api.listen: cannot listen on 127.0.0.1:${port} (EADDRINUSE)`);
  });
});

describe('metrics', () => {
  const lines = async (url: string): Promise<string[]> =>
    (await get(url, '/metrics')).body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  it('shows intensities, ages and refusals as they are now', async () => {
    let placements = [placement('web', { state: 'Blocked', reason: 'RealTime' })];
    const api = await testApi(fleetOf({ planes: () => [plane({ placements: () => placements })] }));
    expect(await lines(api.url)).toEqual([
      'windvane_carbon_intensity_grams_per_kwh{zone="DE",signal="average",basis="lifecycle",source="replay"} 300',
      'windvane_carbon_intensity_grams_per_kwh{zone="FR",signal="average",basis="lifecycle",source="replay"} 40',
      'windvane_carbon_intensity_grams_per_kwh{zone="PL",signal="average",basis="lifecycle",source="replay"} 700',
      'windvane_reading_age_seconds{zone="DE"} 1800',
      'windvane_reading_age_seconds{zone="FR"} 1800',
      'windvane_reading_age_seconds{zone="PL"} 1800',
      'windvane_placement_blocked{reason="RealTime"} 1',
    ]);
    placements = [];
    expect((await lines(api.url)).join()).not.toContain('windvane_placement_blocked');
  });

  it('counts the Jobs that wait to be started, and those whose latest start has passed', async () => {
    const job = (name: string, latestStart: string, more: Parameters<typeof placement>[1] = {}) =>
      placement(name, {
        kind: 'Job',
        state: 'Waiting',
        dispatch: {
          job: name,
          latestStart,
          plannedStart: null,
          policy: null,
          cluster: null,
          dispatchedAt: null,
          lateSeconds: 0,
        },
        ...more,
      });
    const [past, future] = ['2026-06-01T12:00:00Z', '2026-06-01T13:00:00Z'];
    const placements = [
      job('waits', future),
      job('overdue', past),
      // A freeze does not hold back a latest start, nor does a cluster that is not Ready.
      job('frozen', past, { state: 'Frozen' }),
      job('nowhere', past, { state: 'Blocked', reason: 'NotReadyCluster' }),
      job('outside', past, { state: 'Blocked', reason: 'TooFewClusters' }),
      // Nobody is to start these.
      job('watched', past, { state: 'Blocked', reason: 'NotDispatched', mode: 'observe' }),
      job('suspended', past, { state: 'Blocked', reason: 'SuspendedTemplate' }),
      placement('web'),
    ];
    const api = await testApi(fleetOf({ planes: () => [plane({ placements: () => placements })] }));
    const counted = (await lines(api.url)).filter((line) => line.startsWith('windvane_jobs'));
    expect(counted).toEqual([
      'windvane_jobs_waiting{hub="karmada"} 5',
      'windvane_jobs_overdue{hub="karmada"} 4',
    ]);
  });

  it('counts each move of a unit once, and none from before the start', async () => {
    const move = (decision: string, finishedAt: string | null) => ({
      decision,
      startedAt: '2026-06-01T11:00:00Z',
      finishedAt,
      result: finishedAt === null ? null : ('completed' as const),
      from: {},
      to: {},
    });
    const moves = [
      move('old', '2026-06-01T11:10:00Z'),
      move('new', '2026-06-01T13:00:00Z'),
      move('running', null),
    ];
    const both = plane({ placements: () => [placement('a', { moves }), placement('b', { moves })] });
    const api = await testApi(fleetOf({ planes: () => [both] }));
    const counted = async (): Promise<string[]> =>
      (await lines(api.url)).filter((line) => line.startsWith('windvane_moves_total'));
    expect(await counted()).toEqual(['windvane_moves_total{plane="karmada",result="completed"} 1']);
    expect(await counted()).toEqual(['windvane_moves_total{plane="karmada",result="completed"} 1']);
  });

  it('counts moves of either plane, and writes of published scores with renewals apart', async () => {
    const ended = '2026-06-01T13:00:00Z';
    const ocm = plane({
      kind: 'ocm',
      hub: 'fleet',
      placements: () => [
        placement('a', {
          hub: 'fleet',
          moves: [
            {
              decision: 'd1',
              startedAt: ended,
              finishedAt: ended,
              result: 'rolled-back',
              from: { a: 1 },
              to: { b: 1 },
            },
          ],
        }),
      ],
      scoreWrites: () => ({ scores: 3, renewals: 40 }),
    });
    const api = await testApi(fleetOf({ planes: () => [plane({ placements: () => [] }), ocm] }));
    for (const _ of [1, 2]) {
      const told = (await lines(api.url)).filter((line) => /^windvane_(moves|published_score)/.test(line));
      expect(told).toEqual([
        'windvane_moves_total{plane="ocm",result="rolled-back"} 1',
        'windvane_published_score_writes_total{hub="fleet",kind="score"} 3',
        'windvane_published_score_writes_total{hub="fleet",kind="renewal"} 40',
      ]);
    }
  });
});
