import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/config.ts';
import { UserError } from '../../src/config/user-error.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'windvane-config-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function file(content: string): string {
  files += 1;
  const path = join(folder, `${files}.yaml`);
  writeFileSync(path, content);
  return path;
}

function linesOf(action: () => unknown): readonly string[] {
  try {
    action();
  } catch (error) {
    if (error instanceof UserError) return error.lines;
    throw error;
  }
  return [];
}

describe('hub configuration', () => {
  it('starts in observe, on yearly averages, in memory, on loopback', () => {
    expect(loadConfig(undefined, {})).toEqual({
      mode: 'observe',
      namespaces: ['*'],
      carbon: {
        providers: [{ name: 'baseline', type: 'baseline' }],
        chains: [],
        zones: [],
        refresh: 300_000,
        allowedAge: 7_200_000,
        locations: {},
      },
      store: { kind: 'memory' },
      prices: null,
      karmada: null,
      ocm: null,
      defaults: {},
      limits: { replicasPerHour: 10, shareOfReplicasPerHour: 0.25, stepsPerReceivingCluster: 5 },
      runOnceKinds: [],
      api: { listen: { host: '127.0.0.1', port: 4280 }, tokensFile: null, tls: null },
    });
  });

  it('an empty file is the same as none', () => {
    expect(loadConfig(file(''), {})).toEqual(loadConfig(undefined, {}));
    expect(loadConfig(file('# nothing\n'), {})).toEqual(loadConfig(undefined, {}));
  });

  it('a section with nothing below is the same as none', () => {
    const sections = ['carbon', 'store', 'prices', 'karmada', 'ocm', 'defaults', 'limits', 'dispatch', 'api'];
    const written = sections.map((section) => `${section}:\n  # all commented out\n`).join('');
    expect(loadConfig(file(written), {})).toEqual(loadConfig(undefined, {}));
    expect(loadConfig(file('ocm:\n  scores:\n'), {})).toEqual(loadConfig(undefined, {}));
  });

  it('reads every section, file names relative to the file', () => {
    writeFileSync(join(folder, 'token'), 'secret-token\n');
    const config = loadConfig(
      file(`
mode: act
namespaces: [batch]
carbon:
  refresh: 10m
  zones: [DE]
  locations: { dc-hamburg: DE }
  providers:
    - { type: electricity-maps, tokenFile: token }
    - { type: replay, file: day.csv }
    - type: baseline
store: { url: "redis://127.0.0.1:6379" }
karmada:
  kubeconfig: karmada.kubeconfig
  hub: eu
  clusterLocations: { blue: aws/eu-north-1 }
defaults: { max-step: 50, cooldown: 2h }
limits: { replicasPerHour: 40 }
api: { listen: "[::1]:0", tokensFile: tokens.yaml, tls: { certFile: tls/tls.crt, keyFile: /tls.key } }
`),
      {},
    );
    expect(config).toMatchObject({
      mode: 'act',
      namespaces: ['batch'],
      carbon: {
        refresh: 600_000,
        locations: { 'dc-hamburg': 'DE' },
        providers: [
          { type: 'electricity-maps', token: 'secret-token' },
          { type: 'replay', file: join(folder, 'day.csv') },
          { type: 'baseline' },
        ],
      },
      store: { kind: 'redis', url: 'redis://127.0.0.1:6379' },
      karmada: {
        kubeconfig: join(folder, 'karmada.kubeconfig'),
        context: null,
        hub: 'eu',
        clusterLocations: { blue: 'aws/eu-north-1' },
      },
      defaults: { 'max-step': '50', cooldown: '2h' },
      limits: { replicasPerHour: 40, shareOfReplicasPerHour: 0.25 },
      api: {
        listen: { host: '::1', port: 0 },
        tokensFile: join(folder, 'tokens.yaml'),
        tls: {
          cert: { path: join(folder, 'tls/tls.crt'), setting: 'api.tls.certFile' },
          key: { path: '/tls.key', setting: 'api.tls.keyFile' },
        },
      },
    });
  });

  it('is overruled by the environment', () => {
    const path = file('store: { url: "redis://file:1" }\nkarmada: { kubeconfig: a }\n');
    const config = loadConfig(undefined, {
      WINDVANE_CONFIG: path,
      WINDVANE_REDIS_URL: 'redis://:secret@environment:2',
      WINDVANE_KARMADA_KUBECONFIG: '/etc/b',
    });
    expect(config.store).toEqual({ kind: 'redis', url: 'redis://:secret@environment:2' });
    expect(config.karmada?.kubeconfig).toBe('/etc/b');
  });

  it('takes an empty variable as unset', () => {
    expect(loadConfig(undefined, { WINDVANE_REDIS_URL: ' ', WINDVANE_CONFIG: '' }).store).toEqual({
      kind: 'memory',
    });
  });

  it('keeps to memory when the file says so', () => {
    const config = loadConfig(file('store: { kind: memory }'), { WINDVANE_REDIS_URL: 'redis://h:1' });
    expect(config.store).toEqual({ kind: 'memory' });
  });

  it('finds the token in the environment', () => {
    const path = file('carbon: { providers: [{ type: electricity-maps, tokenEnv: MY_TOKEN }] }');
    expect(loadConfig(path, { MY_TOKEN: 'abc' }).carbon.providers).toEqual([
      { name: 'electricity-maps', type: 'electricity-maps', token: 'abc' },
    ]);
  });
});

describe('mistakes in the configuration', () => {
  it('names every one with file, line, field and remedy', () => {
    const path = file('mode: acting\ncarbon:\n  refresh: soon\nlimits:\n  replicasPerHour: 0\n');
    expect(linesOf(() => loadConfig(path, {}))).toEqual([
      `${path}:1: mode: write observe or act`,
      `${path}:3: carbon.refresh: "soon" is not a duration; write for example 90m, 1h30m or 2d`,
      `${path}:5: limits.replicasPerHour: must be at least 1`,
    ]);
  });

  it('names an unknown key where it stands', () => {
    const path = file('api:\n  listen: "127.0.0.1:1"\n  lisen: "x"\n');
    expect(linesOf(() => loadConfig(path, {}))).toEqual([
      `${path}:3: api: unknown key "lisen": did you mean "listen"?`,
    ]);
  });

  it.each([
    ['moed: act', ':1: unknown key "moed": did you mean "mode"?'],
    ['mode: act\nproviders: []', ':2: unknown key "providers": it belongs under carbon'],
    ['carbon:\n  refreh:\n    5m', ':2: carbon: unknown key "refreh": did you mean "refresh"?'],
    ['? [a, b]\n: c', ': unknown key "[ a, b ]": remove or correct it'],
  ])('says where the key of %j belongs', (content, message) => {
    const path = file(content);
    expect(linesOf(() => loadConfig(path, {}))).toEqual([`${path}${message}`]);
  });

  it.each([
    [
      'carbon: {}\nmode: *abc',
      ':2: is not YAML: no anchor "abc" stands before this alias: write a text that begins with * in quotes',
    ],
    [
      'mode: act\n---\nmode: act',
      ':2: is not YAML: a second document begins here: keep one, without the line ---',
    ],
    [
      `a: &a [x, x]\nb: &b [${'*a, '.repeat(9)}]\nc: &c [${'*b, '.repeat(9)}]\nd: [${'*c, '.repeat(9)}]`,
      ':2: is not YAML: its aliases stand for too much: write the values themselves',
    ],
  ])('is not YAML: %j', (content, message) => {
    const path = file(content);
    expect(linesOf(() => loadConfig(path, {}))).toEqual([`${path}${message}`]);
  });

  it.each([
    ['limits: { shareOfReplicasPerHour: much }', 'limits.shareOfReplicasPerHour: write a number'],
    ['limits: { replicasPerHour: 1.5 }', 'limits.replicasPerHour: write a whole number'],
    ['defaults: { max-surge: [1] }', 'defaults.max-surge: write a text or a number'],
    ['ocm: { scores: { deadBand: 60 } }', 'ocm.scores.deadBand: must be at most 50'],
    ['ocm: { scores: { publish: 1 } }', 'ocm.scores.publish: write true or false'],
    ['namespaces: batch', 'namespaces: write a list, for example [a, b]'],
    ['carbon: { zones: DE }', 'carbon.zones: write a list, for example [a, b]'],
    [
      'carbon: { zones: }',
      'carbon.zones: nothing stands behind it: write a list, for example [a, b], or remove the key',
    ],
    ['carbon: { providers: [{ type: replay }] }', 'carbon.providers[0].file: is missing: write a text'],
    ['store: redis', 'store: write keys and values'],
    ['carbon: { refresh: 25d }', 'carbon.refresh: must be at most 24h'],
    [
      'namespaces: [Bad_Name]',
      'namespaces[0]: is not the name of a namespace: write lower-case letters, digits and dashes, or "*" for all',
    ],
  ])('tells the remedy: %s', (content, message) => {
    const path = file(content);
    expect(linesOf(() => loadConfig(path, {}))).toEqual([`${path}:1: ${message}`]);
  });

  it('names an unknown provider', () => {
    const path = file('carbon:\n  providers:\n    - type: electricitymap\n');
    expect(linesOf(() => loadConfig(path, {}))).toEqual([
      `${path}:3: carbon.providers[0].type: type must be electricity-maps, watttime, uk-carbon-intensity, energy-charts, carbon-aware-sdk, prometheus, replay or baseline`,
    ]);
  });

  it.each([
    ['mode: [', /:\d+: is not YAML/],
    ['- a\n- b\n', /content: write keys and values/],
    ['hello', /content: write keys and values/],
    ['store: { kind: memory, url: "redis://h:1" }', /^store: kind memory has no use for url: remove it, or/],
    [
      'defaults: { windvane.dev/min-gain: 5 }',
      /^defaults\.windvane\.dev\/min-gain: write min-gain, without the/,
    ],
    [
      'defaults: { placement: follow-the-wind }',
      /^defaults: .*: the hub never opts in; annotate the workload/,
    ],
    [
      'karmada: { kubeconfig: a, hub: eu }\nocm: { kubeconfig: b, hub: eu }',
      /^ocm\.hub: "eu" is the name of the Karmada hub too: give each hub/,
    ],
    ['store: { kind: redis }', /^store: kind redis needs an address: set WINDVANE_REDIS_URL/],
    ['store: { url: "localhost:6379" }', /^store\.url: not the address of a Redis: write redis:/],
    ['store: { urlFile: missing }', /^store\.urlFile: cannot read .*missing \(ENOENT\): name a file/],
    ['carbon: { providers: [] }', /carbon\.providers: name at least one provider/],
    [
      'carbon: { providers: [{ type: electricity-maps }] }',
      /^carbon\.providers\[0\]: electricity-maps needs a token/,
    ],
    [
      'defaults: { max-stepp: 5 }',
      /^defaults: windvane\.dev\/max-stepp .*did you mean windvane\.dev\/max-step\?/,
    ],
    ['defaults: { max-step: much }', /^defaults: windvane\.dev\/max-step.*much/],
    ['api: { listen: "nowhere" }', /^api\.listen: "nowhere" is not an address/],
    ['api: { tls: { certFile: tls.crt } }', /api\.tls\.keyFile: /],
  ])('%j', (content, message) => {
    const lines = linesOf(() => loadConfig(file(content), {}));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(message);
  });

  it('a file that is not there', () => {
    expect(linesOf(() => loadConfig(join(folder, 'none.yaml'), {}))).toEqual([
      `${join(folder, 'none.yaml')}: cannot be read (ENOENT): name a file that exists and that this user may read`,
    ]);
  });

  it('an empty secret', () => {
    const secret = file('');
    const path = file(`store: { urlFile: ${secret} }`);
    expect(linesOf(() => loadConfig(path, {}))).toEqual([
      `store.urlFile: ${secret} is empty: put the secret in it`,
    ]);
  });

  it('never repeats a password', () => {
    const fromFile = linesOf(() => loadConfig(file('store: { url: "redis://:hunter2@h:1" }'), {}));
    expect(fromFile).toEqual([
      'store.url: holds a password: move it to WINDVANE_REDIS_URL or to a file named by store.urlFile',
    ]);
    const malformed = linesOf(() => loadConfig(undefined, { WINDVANE_REDIS_URL: 'http://:hunter2@h:1' }));
    expect(malformed.join()).not.toContain('hunter2');
    expect(malformed).toHaveLength(1);
    for (const sign of ['@', '/', '?']) {
      const url = `redis://user:hunter1${sign}hunter2@h:1`;
      const plain = linesOf(() => loadConfig(undefined, { WINDVANE_REDIS_URL: url })).join();
      expect(plain).toMatch(/^WINDVANE_REDIS_URL: not the address of a Redis: .*in (the|a) password/);
      expect(plain).not.toContain('hunter');
    }
  });

  it('reads kinds that run once, and tells what is wrong with one', () => {
    const kinds = (more: string) =>
      file(`dispatch: { kinds: [{ group: argoproj.io, version: v1alpha1, plural: workflows, ${more} }] }`);
    const good = kinds(
      'kind: Workflow, parallelism: spec.parallelism, requests: { cpu: 2 }, finished: { path: status.phase, words: [Succeeded] }',
    );
    expect(loadConfig(good, {}).runOnceKinds).toEqual([
      {
        type: {
          group: 'argoproj.io',
          version: 'v1alpha1',
          kind: 'Workflow',
          plural: 'workflows',
          namespaced: true,
        },
        parallelism: ['spec', 'parallelism'],
        podTemplate: null,
        requests: { cpu: '2' },
        finished: { path: ['status', 'phase'], words: ['Succeeded'] },
      },
    ]);
    const wrong = (more: string) => linesOf(() => loadConfig(kinds(more), {})).join();
    expect(wrong('kind: Job')).toContain('dispatch.kinds[0].kind');
    expect(wrong('kind: Job')).toContain('there already');
    expect(wrong('kind: W, parallelism: "$.spec"')).toContain('write a path of field names');
    expect(wrong('kind: W, requests: { cpu: lots }')).toContain('write a quantity');
  });
});
