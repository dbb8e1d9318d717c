import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testApi } from '../api/client.ts';
import { fleetOf } from '../api/fleet.ts';
import { windvane } from './surroundings.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'windvane-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('map', () => {
  it('asks a running controller, cleanest first', async () => {
    const api = await testApi();
    const run = await windvane(['map', '--url', api.url, '--json']);
    expect(run.code).toBe(0);
    expect(run.err).toBe(
      `ZONE  NAME          G/KWH  DATA     SOURCE
FR    Name of FR    40     live     average, lifecycle; replay
DE    Name of DE    300    live     average, lifecycle; replay
PL    Name of PL    700    live     average, lifecycle; replay
US-A  Name of US-A  -      no data
`,
    );
    expect(run.json()).toMatchObject({
      zones: [{ id: 'FR', rank: 1 }, { id: 'DE' }, { id: 'PL' }, { id: 'US-A', intensity: null }],
    });
  });

  it('asks for the locations named, by the address in the environment', async () => {
    const api = await testApi();
    const run = await windvane(['map', 'EU'], { environment: { WINDVANE_HUB_URL: api.url } });
    expect(run.out.split('\n').map((line) => line.split(' ')[0])).toEqual(['ZONE', 'FR', 'DE', '']);
  });

  it("passes on the controller's answer to a bad name", async () => {
    const api = await testApi();
    const run = await windvane(['map', 'Atlantis', '--url', api.url]);
    expect([run.code, run.err]).toEqual([2, 'windvane: Atlantis is not known; did you mean DE?\n']);
  });

  it('asks the configured sources once, without a controller', async () => {
    const config = file('map.yaml', 'carbon: { zones: [PL], providers: [{ type: baseline }] }');
    const own = await windvane(['map', '--config', config]);
    expect(own.out).toMatch(/^ZONE .*\nPL +Poland +\d+ +baseline +average, lifecycle; baseline\n$/);
    const named = await windvane(['map', 'aws/eu-west-3', 'DE', '--config', config, '--json']);
    expect(named.json()).toMatchObject({
      zones: [
        { id: 'FR', rank: 1 },
        { id: 'DE', rank: 2 },
      ],
    });
    const wrong = await windvane(['map', 'aws/eu-wets-3', '--config', config]);
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('aws/eu-west-3');
  });
});

describe('clusters', () => {
  it('lists members, their places and why some are left out', async () => {
    const api = await testApi();
    const run = await windvane(['clusters', '--url', api.url]);
    expect(run.out).toBe(
      `NAME  HUB      LOCATION          ZONE  G/KWH  READY  LEFT OUT BECAUSE
blue  karmada  aws/eu-central-1  DE    300    yes
red   karmada  -                 -     -      yes    no location
`,
    );
  });

  it('sends the token that a file holds', async () => {
    const tokens = file('tokens.yaml', '- { role: reader, token: reader-token-123456 }');
    const api = await testApi(fleetOf(), tokens);
    const refused = await windvane(['clusters', '--url', api.url]);
    expect([refused.code, refused.err]).toEqual([
      2,
      `windvane: ${api.url} wants a valid token: name its file with --token-file or WINDVANE_HUB_TOKEN_FILE\n`,
    ]);
    const token = file('token', 'reader-token-123456\n');
    expect((await windvane(['clusters', '--url', api.url, '--token-file', token])).code).toBe(0);
    expect(
      (await windvane(['clusters', '--url', api.url], { environment: { WINDVANE_HUB_TOKEN_FILE: token } }))
        .code,
    ).toBe(0);
  });
});

describe('run', () => {
  it('serves the configured map until it is told to stop', async () => {
    const config = file('run.yaml', 'carbon: { zones: [DE] }\napi: { listen: "127.0.0.1:0" }\n');
    const stop = new AbortController();
    const running = windvane(['run', '--config', config, '--json'], { stop: stop.signal });
    // It stops only after it has started: the signal is looked at when everything runs.
    stop.abort();
    const run = await running;
    expect(run.code).toBe(0);
    expect(run.err).toContain('windvane is running');
    expect(run.err).toContain('serving the carbon map only');
    expect(run.json()).toMatchObject({ mode: 'observe', store: 'memory' });
  });

  it('refuses a kubeconfig that is not there', async () => {
    const config = file('bad.yaml', 'karmada: { kubeconfig: none }\n');
    const run = await windvane(['run', '--config', config]);
    expect(run.code).toBe(2);
    expect(run.err).toMatch(/^windvane: karmada: .*none cannot be read/);
  });
});
