import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOUR, type Instant, type Reading } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FleetView } from '../../src/api/fleet-view.ts';
import { createScalerDesk } from '../../src/scalers/desk.ts';
import { type TestApi, testApi } from './client.ts';
import { fleetOf, HOUR_START, NOW, placement, plane } from './fleet.ts';

let folder: string;
let tokens: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'windvane-scaler-api-'));
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

const read = (api: TestApi, query: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${api.url}/scaler/v1/view${query}`, { headers });
const bearer = (role: string): Record<string, string> => ({
  authorization: `Bearer ${{ reader: 'reader-token-123456', scaler: 'scaler-token-123456', admin: 'admin-token-1234567' }[role] ?? role}`,
});

/** Readings of DE for three hours of which the middle one is missing, two in the first. */
const history: FleetView['store']['history'] = async (zone, pair) =>
  zone !== 'DE'
    ? []
    : [
        [HOUR_START - 3 * HOUR, 100],
        [HOUR_START - 3 * HOUR + HOUR / 2, 200],
        [HOUR_START - HOUR, 300],
      ].map(
        ([validFrom = 0, gramsPerKwh = 0]): Reading => ({
          ...pair,
          zone,
          gramsPerKwh,
          source: 'test',
          estimated: false,
          validFrom,
          validTo: validFrom + HOUR,
          fetchedAt: validFrom,
        }),
      );
const store = { kind: 'memory', connected: () => true, history } as const;
const iso = (at: Instant): string => new Date(at).toISOString();

describe('GET /scaler/v1/view', () => {
  it("holds the cluster's own zone with past, present and expected intensity", async () => {
    const api = await testApi(fleetOf({ store }));
    const response = await read(api, '?cluster=blue');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('application/json');
    const view = await response.json();
    expect(view).toMatchObject({
      version: 7,
      frozen: false,
      cluster: { name: 'blue', zone: 'DE' },
      zones: [
        {
          id: 'DE',
          current: {
            gramsPerKwh: 300,
            signal: 'average',
            basis: 'lifecycle',
            data: 'live',
            validFrom: iso(HOUR_START),
          },
          forecast: {
            resolution: '1h',
            points: expect.arrayContaining([expect.objectContaining({ gramsPerKwh: 200 })]),
          },
          history: { start: iso(HOUR_START - 3 * HOUR), values: [150, null, 300] },
        },
      ],
    });
  });

  it('adds the zones that are asked for, and has them kept in the map', async () => {
    const fleet = fleetOf();
    const api = await testApi(fleet);
    expect(await (await read(api, '?cluster=blue&zones=FR,PL,XX')).json()).toMatchObject({
      zones: [{ id: 'DE' }, { id: 'FR' }, { id: 'PL' }],
    });
    expect(fleet.scalers.wanted()).toEqual(expect.arrayContaining(['FR', 'PL']));
  });

  it('answers 304 as long as nothing changed', async () => {
    let frozen = false;
    const api = await testApi(fleetOf({ frozen: () => frozen }));
    const first = await read(api, '?cluster=blue');
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[\w-]{22}"$/);
    const same = await read(api, '?cluster=blue', { 'if-none-match': etag });
    expect([same.status, await same.text(), same.headers.get('etag')]).toEqual([304, '', etag]);
    expect((await read(api, '?cluster=blue', { 'if-none-match': `"other", W/${etag}` })).status).toBe(304);
    frozen = true;
    const changed = await read(api, '?cluster=blue', { 'if-none-match': etag });
    expect(changed.status).toBe(200);
    expect(changed.headers.get('etag')).not.toBe(etag);
  });

  it('gives a cluster its shares: 0 only of what stands', async () => {
    const split = (share: number, replicas = 0) => [
      { cluster: 'blue', zone: 'DE', replicas, share, gramsPerKwh: 300, reason: '' },
    ];
    const left = {
      decision: 'd0',
      startedAt: '2026-06-01T08:00:00Z',
      finishedAt: '2026-06-01T09:00:00Z',
      result: 'completed' as const,
      from: { blue: 4 },
      to: { red: 4 },
    };
    const placements = [
      placement('some', { split: split(0.75, 3) }),
      placement('none', { split: split(0), moves: [left] }),
      placement('coming', { split: split(0), state: 'Moving' }),
      placement('observed', { split: split(0), mode: 'observe', state: 'Observing' }),
      placement('elsewhere', { split: split(1).map((entry) => ({ ...entry, cluster: 'red' })) }),
    ];
    const api = await testApi(fleetOf({ planes: () => [plane({ placements: () => placements })] }));
    const view = await (await read(api, '?cluster=blue')).json();
    expect(view).toMatchObject({
      shares: [
        { namespace: 'batch', name: 'none', kind: 'Deployment', share: 0, since: '2026-06-01T09:00:00.000Z' },
        { namespace: 'batch', name: 'some', kind: 'Deployment', share: 0.75, since: null },
      ],
    });
  });

  it('serves a scaler its own cluster and no other', async () => {
    const api = await testApi(fleetOf(), tokens);
    expect((await read(api, '?cluster=blue', bearer('scaler'))).status).toBe(200);
    expect((await read(api, '?cluster=blue', bearer('admin'))).status).toBe(200);
    expect((await read(api, '?cluster=blue', bearer('wrong'))).status).toBe(401);
    expect((await read(api, '?cluster=blue')).status).toBe(401);
    const other = await read(api, '?cluster=red', bearer('scaler'));
    expect([other.status, await other.text()]).toEqual([
      403,
      'This token is for the cluster blue, not for the one asked for.\n',
    ]);
  });

  it('says what is wrong with a question', async () => {
    const api = await testApi();
    const answer = async (query: string): Promise<unknown> => {
      const response = await read(api, query);
      return [response.status, await response.text()];
    };
    expect(await answer('')).toEqual([400, 'Name the cluster: ?cluster=NAME\n']);
    expect(await answer('?cluster=blue&zones=<script>')).toEqual([
      400,
      'zones holds a name that is no zone code\n',
    ]);
    const posted = await fetch(`${api.url}/scaler/v1/view?cluster=blue`, { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('answers before the first version of the map', async () => {
    const api = await testApi(fleetOf({ map: () => null }));
    expect(await (await read(api, '?cluster=blue')).json()).toMatchObject({ version: 0, zones: [] });
  });
});

describe('scalerView', () => {
  it('is the same by GraphQL', async () => {
    const api = await testApi(fleetOf({ store }));
    const { data, errors } = await api.ask(`{ scalerView(cluster: "blue", zones: ["FR"]) {
      version issuedAt frozen cluster { name zone }
      zones { id name current { gramsPerKwh signal basis source estimated validFrom validTo fetchedAt data }
        forecast { source issuedAt resolution points { at gramsPerKwh } } history { start values } }
      shares { namespace name kind share since } } }`);
    expect(errors).toBeUndefined();
    expect(data?.['scalerView']).toEqual(await (await read(api, '?cluster=blue&zones=FR')).json());
  });

  it('refuses other clusters to a scaler', async () => {
    const api = await testApi(fleetOf(), tokens);
    const ask = (cluster: string) =>
      api.ask(
        'query($c: String!) { scalerView(cluster: $c) { version } }',
        { c: cluster },
        'scaler-token-123456',
      );
    expect((await ask('blue')).data).toEqual({ scalerView: { version: 7 } });
    expect((await ask('red')).errors?.[0]).toMatchObject({
      message: 'this token is for the cluster blue, not for red',
      extensions: { code: 'FORBIDDEN' },
    });
  });
});

describe('reportHolds', () => {
  const REPORT = 'mutation($c: String!, $h: [HoldInput!]!) { reportHolds(cluster: $c, holds: $h) }';
  const held = {
    namespace: 'batch',
    name: 'train',
    kind: 'Deployment',
    since: '2026-06-01T10:00:00Z',
    until: '2026-06-01T15:00:00Z',
    reason: 'Dirty',
    replicas: 4,
    message: 'DE is dirty.',
  };

  it('is shown as holds and on the placement of the workload', async () => {
    const api = await testApi(fleetOf({ scalers: createScalerDesk({ now: () => NOW }) }), tokens);
    const told = await api.ask(REPORT, { c: 'blue', h: [held] }, 'scaler-token-123456');
    expect(told).toEqual({ data: { reportHolds: 1 } });
    const fields = 'cluster namespace name kind since until reason replicas message reportedAt';
    const shown = {
      ...held,
      since: '2026-06-01T10:00:00.000Z',
      until: '2026-06-01T15:00:00.000Z',
      cluster: 'blue',
      reportedAt: iso(NOW),
    };
    const all = await api.ask(`{ holds { ${fields} } }`, {}, 'reader-token-123456');
    expect(all.data).toEqual({ holds: [shown] });
    const one = await api.ask(
      `{ placement(namespace: "batch", name: "train", kind: "deployment") { holds { ${fields} } } }`,
      {},
      'reader-token-123456',
    );
    expect(one.data).toEqual({ placement: { holds: [shown] } });
    const another = await api.ask(
      '{ placement(namespace: "apps", name: "train", kind: "Deployment") { holds { reason } } }',
      {},
      'reader-token-123456',
    );
    expect(another.data).toEqual({ placement: { holds: [] } });
  });

  it('is for scalers of that cluster and admins', async () => {
    const api = await testApi(fleetOf(), tokens);
    const code = async (cluster: string, token: string): Promise<unknown> =>
      (await api.ask(REPORT, { c: cluster, h: [] }, token)).errors?.[0]?.extensions?.['code'];
    expect(await code('red', 'scaler-token-123456')).toBe('FORBIDDEN');
    expect(await code('blue', 'reader-token-123456')).toBe('FORBIDDEN');
    expect(await code('red', 'admin-token-1234567')).toBeUndefined();
    expect(
      (await api.ask('{ holds { name } }', {}, 'scaler-token-123456')).errors?.[0]?.extensions?.['code'],
    ).toBe('FORBIDDEN');
  });

  it('names the field of a report that cannot be taken', async () => {
    const api = await testApi();
    const message = async (change: object): Promise<unknown> =>
      (await api.ask(REPORT, { c: 'blue', h: [{ ...held, ...change }] })).errors?.[0]?.message;
    expect(await message({ name: '' })).toBe('holds.0.name must not be empty');
    expect(await message({ replicas: -1 })).toBe('holds.0.replicas must not be negative');
    expect(await message({ reason: '<b>' })).toBe('holds.0.reason must be a CamelCase word');
    expect(await message({ since: 'yesterday' })).toContain('"yesterday" is not an instant');
  });
});
