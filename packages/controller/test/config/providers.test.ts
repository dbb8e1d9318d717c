import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Environment, loadConfig } from '../../src/config/config.ts';
import { UserError } from '../../src/config/user-error.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'windvane-providers-'));
  writeFileSync(join(folder, 'secret'), 'hunter2\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

const load = (content: string, environment: Environment = {}) => {
  const path = join(folder, 'config.yaml');
  writeFileSync(path, content);
  return loadConfig(path, environment);
};

function mistakes(content: string, environment: Environment = {}): string {
  try {
    load(content, environment);
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return '';
}

describe('providers in the configuration', () => {
  it('takes every kind with its options, secrets from files and variables', () => {
    const { providers, chains } = load(
      `
carbon:
  allowedAge: 3h
  chains:
    - { zones: [GB, "DK-*"], providers: [uk-carbon-intensity, baseline] }
  providers:
    - { type: electricity-maps, tokenFile: secret, basis: direct, zones: [DE], rate: { requests: 30, per: 1h } }
    - { type: watttime, passwordFile: secret, signal: co2_aoer, places: { US-MIDA-PJM: { region: PJM_DC }, FR: { latitude: 48.9, longitude: 2.3 } } }
    - { type: uk-carbon-intensity, baseUrl: "http://127.0.0.1:1", regions: { GB-X: 13 }, timeout: 5s }
    - { type: energy-charts, countries: { DE: de }, maxAge: 4h }
    - { type: carbon-aware-sdk, baseUrl: "http://sdk:8090", signal: marginal, basis: direct, locations: { NL: { location: westeurope } }, tokenEnv: SDK }
    - { type: prometheus, name: lab, baseUrl: "http://prom:9090", signal: average, basis: lifecycle, queries: { SE: up }, usernameEnv: PROM_USER, passwordFile: secret, window: 2h, unit: lbCO2e per MWh }
    - { type: replay, file: day.csv, forecasts: ahead.csv }
    - { type: baseline }
`,
      { WATTTIME_USERNAME: 'ada', SDK: 'sdk-token', PROM_USER: 'grace' },
    ).carbon;
    expect(providers).toEqual([
      {
        name: 'electricity-maps',
        type: 'electricity-maps',
        token: 'hunter2',
        basis: 'direct',
        zones: ['DE'],
        rate: { requests: 30, per: 3_600_000 },
      },
      {
        name: 'watttime',
        type: 'watttime',
        username: 'ada',
        password: 'hunter2',
        signal: 'co2_aoer',
        places: { 'US-MIDA-PJM': { region: 'PJM_DC' }, FR: { latitude: 48.9, longitude: 2.3 } },
      },
      {
        name: 'uk-carbon-intensity',
        type: 'uk-carbon-intensity',
        baseUrl: 'http://127.0.0.1:1',
        regions: { 'GB-X': 13 },
        timeout: 5_000,
      },
      { name: 'energy-charts', type: 'energy-charts', countries: { DE: 'de' }, maxAge: 14_400_000 },
      {
        name: 'carbon-aware-sdk',
        type: 'carbon-aware-sdk',
        baseUrl: 'http://sdk:8090',
        pair: { signal: 'marginal', basis: 'direct' },
        locations: { NL: { location: 'westeurope' } },
        token: 'sdk-token',
      },
      {
        name: 'lab',
        type: 'prometheus',
        baseUrl: 'http://prom:9090',
        pair: { signal: 'average', basis: 'lifecycle' },
        queries: { SE: 'up' },
        username: 'grace',
        password: 'hunter2',
        window: 7_200_000,
        unit: 'lbCO2e per MWh',
      },
      {
        name: 'replay',
        type: 'replay',
        file: join(folder, 'day.csv'),
        forecasts: join(folder, 'ahead.csv'),
      },
      { name: 'baseline', type: 'baseline' },
    ]);
    expect(chains).toEqual([{ zones: ['GB', 'DK-*'], providers: ['uk-carbon-intensity', 'baseline'] }]);
  });

  it.each([
    ['[{ type: watttime, places: {} }]', /providers\[0\]: watttime needs a username: .*WATTTIME_USERNAME/],
    ['[{ type: watttime, places: {}, signal: percentile }]', /percentile is no intensity/],
    ['[{ type: watttime }]', /providers\[0\]\.places: write a region or coordinates by zone/],
    ['[{ type: baseline }, { type: baseline }]', /providers\[1\]: a provider "baseline" is there already/],
    ['[{ type: baseline, name: "A b" }]', /providers\[0\]\.name: write a name of lower-case/],
    ['[{ type: energy-charts, baseUrl: "ftp://x" }]', /baseUrl: is not a base URL: write https/],
    ['[{ type: energy-charts, token: abc }]', /unknown key "token": remove or correct it/],
    ['[{ type: energy-charts, rate: { requests: 1, per: 0s } }]', /rate\.per: must be longer than 0/],
    ['[{ type: energy-charts, maxAge: 4 }]', /maxAge: write a duration, for example 90m/],
    ['[{ type: prometheus, baseUrl: "http://p", queries: {}, basis: direct }]', /signal: write average or m/],
    [
      '[{ type: prometheus, baseUrl: "http://p", queries: {}, signal: average, basis: direct, usernameFile: secret }]',
      /providers\[0\]: prometheus needs both a username and a password, or neither/,
    ],
    [
      '[{ type: carbon-aware-sdk, baseUrl: "http://s", locations: {}, signal: average, basis: direct, tokenEnv: NONE }]',
      /providers\[0\]\.tokenEnv: NONE is not set: set it, or name a file with tokenFile/,
    ],
    [
      '[{ type: electricity-maps, tokenEnv: A, tokenFile: secret }]',
      /tokenFile and tokenEnv name the same secret/,
    ],
    ['[{ type: energy-charts, timeout: 0s }]', /timeout: must be longer than 0: write for example 10s/],
    ['[{ type: energy-charts, timeout: 25d }]', /timeout: must be at most 1h/],
    ['[{ type: uk-carbon-intensity, regions: { GB: 18 } }]', /regions are 1 to 17/],
  ])('%s', (providers, message) => {
    expect(mistakes(`carbon: { providers: ${providers} }`)).toMatch(message);
  });

  it('tells every missing secret at once', () => {
    const both = '[{ type: electricity-maps }, { type: watttime, places: {} }]';
    expect(mistakes(`carbon: { providers: ${both} }`).split('\n')).toHaveLength(2);
  });

  it('refuses a token that no header can carry, without repeating it', () => {
    const environment = { ELECTRICITY_MAPS_TOKEN: 'one\ntwo-hunter2', BEARER: 'häß-hunter2' };
    writeFileSync(join(folder, 'lines'), 'one\ntwo-hunter2\n');
    const told = mistakes(
      `carbon: { providers: [
        { type: electricity-maps, name: a },
        { type: electricity-maps, name: b, tokenFile: lines },
        { type: prometheus, baseUrl: "http://p", queries: {}, signal: average, basis: direct, tokenEnv: BEARER },
      ] }`,
      environment,
    );
    expect(told.split('\n')).toEqual([
      'carbon.providers[0]: ELECTRICITY_MAPS_TOKEN holds no token: put one line of ASCII in it',
      `carbon.providers[1].tokenFile: ${join(folder, 'lines')} holds no token: put one line of ASCII in it`,
      'carbon.providers[2].tokenEnv: BEARER holds no token: put one line of ASCII in it',
    ]);
  });

  it('refuses a chain of providers that are not there, or twice', () => {
    expect(mistakes('carbon: { chains: [{ zones: [DE], providers: [energy-chart] }] }')).toBe(
      'carbon.chains[0].providers[0]: no provider "energy-chart": there are baseline',
    );
    expect(mistakes('carbon: { chains: [{ zones: [DE], providers: [baseline, baseline] }] }')).toMatch(
      /providers\[1\]: "baseline" stands twice/,
    );
  });

  it('repeats no secret that stands where none belongs', () => {
    const told = mistakes(
      'carbon: { providers: [{ type: energy-charts, baseUrl: "https://me:hunter2@host/" }] }',
    );
    expect(told).toMatch(/baseUrl: holds a user or password/);
    expect(told).not.toContain('hunter2');
  });

  it.each(['tokenEnv', 'usernameEnv', 'passwordEnv'])('repeats no secret that stands in %s', (field) => {
    const withSecret = (secret: string): string =>
      mistakes(
        `carbon: { providers: [{ type: prometheus, baseUrl: "http://p", queries: {}, signal: average, basis: direct, ${field}: ${secret} }] }`,
      );
    expect(withSecret('hunter2-itself')).toMatch(
      new RegExp(`${field}: is not the name of an environment variable: write the name, never the secret`),
    );
    expect(withSecret('hunter2')).toMatch(new RegExp(`${field}: the variable that it names is not set`));
    expect(withSecret('hunter2-itself') + withSecret('hunter2')).not.toContain('hunter2');
  });
});

describe('addresses of the store', () => {
  it.each([
    'redis://h:1/2',
    'rediss://h',
    'redis+sentinel://a:1,b:2/mymaster',
    'rediss+cluster://a,b',
    'unix:///run/redis.sock',
  ])('%s', (url) => {
    expect(load(`store: { url: "${url}" }`).store).toEqual({ kind: 'redis', url });
  });

  it('adds the files for TLS, relative to the configuration', () => {
    const key = join(folder, 'secret');
    writeFileSync(join(folder, 'ca.pem'), 'PEM');
    const { store } = load(`store: { url: "rediss://h:1", tls: { caFile: ca.pem, keyFile: ${key} } }`);
    const query = new URLSearchParams({ ca: join(folder, 'ca.pem'), key }).toString();
    expect(store).toEqual({ kind: 'redis', url: `rediss://h:1?${query}` });
  });

  it('names a file for TLS that is not there', () => {
    expect(mistakes('store: { url: "rediss://h:1", tls: { caFile: nope.pem } }')).toBe(
      `store.tls.caFile: cannot read ${join(folder, 'nope.pem')} (ENOENT): name a file that this user may read`,
    );
  });

  it('refuses files for TLS beside an address without, and passwords of Sentinels in the file', () => {
    expect(mistakes('store: { url: "redis://h:1", tls: { caFile: secret } }')).toBe(
      'store.tls: needs an address with TLS: begin store.url with rediss://',
    );
    const told = mistakes('store: { url: "redis+sentinel://a/m?sentinelPassword=hunter2" }');
    expect(told).toMatch(/^store\.url: holds a password/);
    expect(told).not.toContain('hunter2');
  });
});
