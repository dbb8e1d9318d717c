import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { karmadaDefinitions, type Sandbox, startSandbox } from '@windvane/sandbox';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Answer, britain, energyCharts, type StandIn, startStandIn } from './sources.ts';
import { type Run, windvane } from './surroundings.ts';

/** Nothing listens there, and nothing may. */
const NOWHERE = 'http://127.0.0.1:1';
const SECRETS = ['planted-token-1', 'planted-user-2', 'planted-password-3', 'planted-redis-4'];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'windvane-doctor-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const open: StandIn[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((server) => server.close()));
});
async function api(answer: (path: string) => Answer): Promise<string> {
  const server = await startStandIn(answer);
  open.push(server);
  return server.url;
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const doctor = (
  config: string,
  environment: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
): Promise<Run> =>
  windvane(['doctor', '--config', file('doctor.yaml', config), '--json', ...args], { environment });

const withZones = z.object({ zones: z.array(z.record(z.string(), z.unknown())) });
const zonesIn = (run: Run) => withZones.parse(run.json()).zones;
const zone = (id: string, more: object): unknown => expect.objectContaining({ zone: id, ...more });
const keyless = (britishUrl: string, europeanUrl: string, more = '', britishMore = ''): string => `
  - { type: uk-carbon-intensity, baseUrl: "${britishUrl}"${britishMore} }
  - { type: energy-charts, baseUrl: "${europeanUrl}" }
  ${more}`;

describe('doctor, without any key', () => {
  it('and without a network: every zone is served with its yearly average, and says so', async () => {
    const run = await doctor(
      `carbon:\n  zones: [DE, NL, PL]\n  providers:${keyless(NOWHERE, NOWHERE, '- { type: baseline }')}`,
    );
    const zones = zonesIn(run);
    expect(zones.map(({ data, source }) => [data, source])).toEqual(
      Array.from({ length: 3 }, () => ['baseline', 'baseline']),
    );
    expect(zones.every(({ gramsPerKwh }) => Number(gramsPerKwh) > 0)).toBe(true);
    expect(run.err).toContain('On yearly averages: DE, NL, PL');
    expect(run.err).not.toContain('Live');
    // The source that cannot be reached is to be mended: what the averages stand in for is said.
    expect(run.code).toBe(1);
    expect(run.err).toMatch(/energy-charts \(DE, NL, PL\): .*check its address, the network/);
    const map = await windvane(['map', '--config', join(folder, 'doctor.yaml'), '--json']);
    expect(zonesIn(map)).toEqual(
      Array.from({ length: 3 }, () =>
        expect.objectContaining({
          intensity: expect.objectContaining({ data: 'baseline', estimated: true }),
        }),
      ),
    );
  });

  it('and with nothing but averages configured: nothing is wrong', async () => {
    const run = await doctor('carbon: { zones: [DE] }');
    expect([run.code, run.json()]).toEqual([0, expect.objectContaining({ ok: true, problems: [] })]);
    expect(run.err).toContain('No problem found.');
  });

  it('a tie goes to average/lifecycle: the continent is live, Britain falls to its average', async () => {
    const urls = [await api(britain(150)), await api(energyCharts(300))] as const;
    const run = await doctor(
      `carbon:\n  zones: [DE, GB]\n  chains: [{ zones: ["GB-*"], providers: [baseline] }]\n  providers:${keyless(...urls, '- { type: baseline }')}`,
    );
    const pair = 'average/lifecycle';
    expect(run.json()).toMatchObject({ ok: true, pair });
    expect(zonesIn(run)).toEqual(
      expect.arrayContaining([
        zone('DE', { data: 'live', gramsPerKwh: 300, source: 'energy-charts', pair }),
        zone('GB', {
          data: 'baseline',
          source: 'baseline',
          passedOver: expect.arrayContaining([
            {
              provider: 'uk-carbon-intensity',
              why: 'answers in average/direct; zones are compared in average/lifecycle',
            },
          ]),
        }),
      ]),
    );
    expect(run.err).toContain(
      'Zones are compared in average/lifecycle: 1 zone has a fresh reading in it (average/direct: 1; the order decides a tie).',
    );
    expect(run.err).toMatch(/^Live: DE$/m);
    expect(run.err).toMatch(/^On yearly averages: GB, /m);
  });

  it('most zones win: Britain and its regions are live, the continent has no data in their pair', async () => {
    const urls = [await api(britain(150)), await api(energyCharts(300))] as const;
    const run = await doctor(
      `carbon:\n  zones: [DE, GB]\n  providers:${keyless(...urls, '- { type: baseline }', ', regions: { GB-NIR: 13, GB-ORK: 1 }')}`,
    );
    const pair = 'average/direct';
    expect(run.json()).toMatchObject({ ok: false, pair });
    const zones = zonesIn(run);
    expect(zones).toContainEqual(zone('GB', { data: 'live', gramsPerKwh: 150, pair }));
    expect(zones).toContainEqual(zone('DE', { data: 'none', gramsPerKwh: null, source: null }));
    expect(run.err).toMatch(/^Live: GB, /m);
    expect(run.err).toMatch(/^No data in this pair, neither fed nor drained: DE$/m);
    expect(run.err).toContain('zone DE: no source answers in average/direct; add one that does to its chain');
    expect(run.code).toBe(1);
  });
});

describe('doctor on keys, limits and clocks', () => {
  const withKey = (url: string, more = ''): string => `
carbon:
  zones: [DE, NL]
  providers:
    - { type: electricity-maps, tokenEnv: EM, baseUrl: "${url}"${more} }
    - { type: baseline }`;

  it.each([
    [401, 'the key is missing or not valid; check the file or variable that its key comes from'],
    [403, 'the key may not read this zone or signal; list the zones that the key may read'],
    [429, 'too many requests; give it a "rate" below its limit'],
  ])('tells %d with the remedy', async (status, words) => {
    const url = await api(() => ({ status, body: { error: 'planted-token-1' } }));
    const run = await doctor(withKey(url), { EM: 'planted-token-1' });
    expect(run.code).toBe(1);
    expect(run.err).toMatch(new RegExp(`electricity-maps \\([A-Z, ]+\\): .*answered ${status}`));
    expect(run.err).toContain(words);
    expect(run.err).toMatch(/^DE +baseline /m);
  });

  it('tells a clock that is off, and the requests that are left', async () => {
    const date = new Date(Date.now() + 10 * 60_000).toUTCString();
    const url = await api((path) => ({
      ...energyCharts(300)(path),
      headers: { date, 'x-ratelimit-remaining': '17' },
    }));
    const run = await doctor(
      `carbon: { zones: [DE], providers: [{ type: energy-charts, baseUrl: "${url}" }] }`,
    );
    expect(run.err).toMatch(
      /clock: this machine is (59\d|60\d) s behind energy-charts; synchronize its clock/,
    );
    expect(run.json()).toMatchObject({ ok: false, sources: [{ name: 'energy-charts', quotaLeft: '17' }] });
  });

  it('asks for present readings only: forecasts and history cost quota, too', async () => {
    const server = await startStandIn(energyCharts(300));
    open.push(server);
    await doctor(`carbon: { zones: [DE], providers: [{ type: energy-charts, baseUrl: "${server.url}" }] }`);
    expect(server.asked).toHaveLength(1);
  });

  it('keeps to the configured rate, and says which zones it did not ask for', async () => {
    const server = await startStandIn(energyCharts(300));
    open.push(server);
    const run = await doctor(
      `carbon:\n  zones: [DE, NL, PL]\n  providers: [{ type: energy-charts, baseUrl: "${server.url}", rate: { requests: 2, per: 1h } }]`,
    );
    expect(server.asked).toHaveLength(2);
    expect(run.err).toMatch(
      /energy-charts \([A-Z]{2}\): not asked: its rate allows 2 requests at once; zones take turns at it/,
    );
    expect(zonesIn(run).filter(({ data }) => data === 'live')).toHaveLength(2);
  });

  it('shows no secret, whatever fails', async () => {
    const url = await api((path) => ({ status: 401, body: { path, secrets: SECRETS } }));
    const password = file('password', 'planted-password-3\n');
    const run = await doctor(
      `
carbon:
  zones: [DE, NL]
  providers:
    - { type: electricity-maps, tokenEnv: EM, baseUrl: "${url}" }
    - { type: watttime, usernameEnv: WT, passwordFile: ${password}, places: { DE: { region: X } }, baseUrl: "${url}" }
    - { type: prometheus, tokenEnv: EM, signal: average, basis: lifecycle, queries: { NL: up }, baseUrl: "${NOWHERE}" }
store: { kind: redis }
`,
      {
        EM: 'planted-token-1',
        WT: 'planted-user-2',
        WINDVANE_REDIS_URL: 'redis://:planted-redis-4@127.0.0.1:1',
      },
    );
    expect(run.code).toBe(1);
    const said = run.out + run.err;
    for (const each of [
      'electricity-maps',
      'watttime',
      'prometheus',
      'store: cannot use Redis at redis://',
    ]) {
      expect(said).toContain(each);
    }
    for (const secret of SECRETS) expect(said).not.toContain(secret);
    expect(said).not.toContain(Buffer.from('planted-user-2:planted-password-3').toString('base64'));
  });
});

describe('doctor on names, prices and mistakes', () => {
  it('names unknown locations with near misses, and examines the rest', async () => {
    const run = await doctor(`
carbon:
  zones: [DE, aws/eu-wets-3]
  chains: [{ zones: [Atlantis], providers: [baseline] }]
`);
    expect(run.code).toBe(1);
    expect(run.err).toMatch(
      /carbon\.zones: location "aws\/eu-wets-3" is not known \(did you mean .*aws\/eu-west-3/,
    );
    expect(run.err).toMatch(/carbon\.chains\[0\]\.zones: .*Atlantis/);
    expect(run.err).toMatch(/^DE +baseline /m);
  });

  it('shows prices, and a missing one as missing', async () => {
    const run = await doctor(`
carbon: { zones: [DE, NL] }
prices: { currency: EUR, electricity: [{ type: static, prices: { DE: 0.21 } }] }
`);
    expect(run.err).toMatch(/^DE +kWh +0\.21 +static$/m);
    expect(run.err).toMatch(/^NL +kWh +missing +-$/m);
    expect(run.err).toContain('no price per kWh of NL: no source of prices covers it; add it to one');
    expect(run.code).toBe(1);
  });

  it.each([
    ['carbon: { providers: [{ type: electricity-maps }] }', /needs a token/],
    ['carbon: { locations: { here: Nowhere } }', /carbon\.locations: .*Nowhere/],
    ['karmada: { kubeconfig: none }', /karmada: .*none cannot be read/],
  ])('%s is a mistake of the user', async (config, message) => {
    const run = await doctor(config);
    expect([run.code, run.out]).toEqual([2, '']);
    expect(run.err).toMatch(message);
  });
});

describe('doctor and clusters on a hub', () => {
  let hub: Sandbox;
  let kubeconfig: string;
  beforeAll(async () => {
    hub = await startSandbox({ crds: karmadaDefinitions });
    kubeconfig = file('kubeconfig', hub.kubeconfig());
    const places = {
      blue: { provider: 'aws', region: 'eu-central-1' },
      red: {},
      white: { region: 'mars-1' },
    };
    for (const [name, place] of Object.entries(places)) {
      const response = await fetch(`${hub.url}/apis/cluster.karmada.io/v1alpha1/clusters`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          apiVersion: 'cluster.karmada.io/v1alpha1',
          kind: 'Cluster',
          metadata: { name },
          spec: { syncMode: 'Push', ...place },
        }),
      });
      if (!response.ok) throw new Error(await response.text());
    }
  });
  afterAll(() => hub.stop());

  it('counts the clusters that are live, and names those without a place', async () => {
    const url = await api(energyCharts(300));
    const run = await doctor(
      `carbon: { providers: [{ type: energy-charts, baseUrl: "${url}" }] }\nkarmada: { clusterLocations: { red: PL } }`,
      {},
      ['--kubeconfig', kubeconfig],
    );
    expect(run.json()).toMatchObject({
      live: { clusters: 2, of: 3 },
      clusters: [
        { name: 'blue', zone: 'DE', data: 'live' },
        { name: 'red', zone: 'PL', data: 'live' },
        { name: 'white', zone: null, data: null },
      ],
    });
    expect(run.err).toContain('2 of 3 clusters live');
    expect(run.err).toMatch(/cluster white: .*mars-1/);
    expect(run.code).toBe(1);
  });

  it('says which rule of the shipped roles is missing', async () => {
    const guarded = await startSandbox({ crds: karmadaDefinitions, users: ['windvane'] });
    try {
      const path = file('windvane.kubeconfig', guarded.kubeconfig('windvane'));
      const run = await doctor('carbon: { zones: [DE] }', {}, ['--kubeconfig', path]);
      expect(run.code).toBe(1);
      expect(run.err).toMatch(/hub karmada: .*cannot list resource "clusters"/);
      expect(run.err).toMatch(
        /hub karmada: may not list, watch, create, patch, delete overridepolicies.policy.karmada.io \(to pin .*kubectl apply -k/,
      );
    } finally {
      await guarded.stop();
    }
  });

  it('an API server that is away is a problem, not the end', async () => {
    const away = file('away', hub.kubeconfig().replaceAll(hub.url, NOWHERE));
    const run = await doctor('carbon: { zones: [DE] }', {}, ['--kubeconfig', away]);
    expect([run.code, run.err]).toEqual([1, expect.stringMatching(/hub karmada: .*cannot be reached/)]);
    expect(run.err).toMatch(/^DE +baseline /m);
  });

  it('clusters --config reads the hub itself', async () => {
    const config = file('clusters.yaml', `karmada: { kubeconfig: ${kubeconfig} }`);
    const run = await windvane(['clusters', '--config', config]);
    expect([run.code, run.err]).toEqual([0, '']);
    expect(run.out).toMatch(/^blue +karmada +aws\/eu-central-1 +DE +\d+ +no *$/m);
    expect(run.out).toMatch(/^red +karmada +- +- +- +no +nothing says where it stands/m);
    const none = await windvane(['clusters', '--config', file('none.yaml', '')]);
    expect([none.code, none.err]).toEqual([
      2,
      expect.stringContaining('names no kubeconfig: set karmada.kube'),
    ]);
  });
});
