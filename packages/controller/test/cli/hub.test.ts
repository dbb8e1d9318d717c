import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualClock, SECOND } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createHubClient } from '../../src/cli/hub-client.ts';
import { testApi } from '../api/client.ts';
import { fleetOf } from '../api/fleet.ts';
import { serve } from './sources.ts';
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

describe('a controller that is asked', () => {
  it.each([
    ['http://admin:s3cret@127.0.0.1:1', 'holds a user or password: leave it out, and name --token-file'],
    ['http://127.0.0.1:1/?token=s3cret', 'write the base URL of the hub, for example http://127.0.0.1:4280'],
    ['admin:s3cret@127.0.0.1', 'write the base URL of the hub, for example http://127.0.0.1:4280'],
  ])('at an address that is refused, and not repeated: %s', async (url, words) => {
    const flag = await windvane(['map', '--url', url]);
    expect([flag.code, flag.err]).toEqual([2, `windvane: --url: ${words}\n`]);
    const variable = await windvane(['map'], { environment: { WINDVANE_HUB_URL: url } });
    expect([variable.code, variable.err]).toEqual([2, `windvane: WINDVANE_HUB_URL: ${words}\n`]);
  });

  it('at its usual address when the variables are empty', async () => {
    const run = await windvane(['map'], {
      environment: { WINDVANE_HUB_URL: '', WINDVANE_HUB_TOKEN_FILE: '' },
    });
    expect(run.err).not.toContain('WINDVANE_HUB_URL:');
  });

  it('with a token that no header can carry: it is not sent, and not shown', async () => {
    const token = file('two-lines', 'line1\nline2s3cret\n');
    const words = `${token} holds no token: put one line of ASCII in it`;
    const flag = await windvane(['map', '--url', 'http://127.0.0.1:1', '--token-file', token]);
    expect([flag.code, flag.err]).toEqual([2, `windvane: --token-file: ${words}\n`]);
    const variable = await windvane(['map'], { environment: { WINDVANE_HUB_TOKEN_FILE: token } });
    expect(variable.err).toBe(`windvane: WINDVANE_HUB_TOKEN_FILE: ${words}\n`);
  });

  it.each(['{}', '{"data":null}', '[]', 'null', '<html>', '{"data":{"carbonMap":[{"id":5}]}}'])(
    'and answers %s is none',
    async (body) => {
      const url = await serve((_request, response) => response.end(body));
      for (const verb of ['map', 'clusters']) {
        const run = await windvane([verb, '--url', url]);
        expect([run.code, run.err]).toEqual([
          2,
          `windvane: ${url} does not answer like a Windvane controller: check --url\n`,
        ]);
      }
    },
  );

  it.each([
    ['nothing', () => {}],
    ['half an answer', (_request, response) => void response.write('{')],
  ] satisfies [string, RequestListener][])('and says %s is given up', async (_, listener) => {
    let asked = (): void => {};
    const heard = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const url = await serve((request, response) => {
      listener(request, response);
      asked();
    });
    const clock = createVirtualClock(0);
    const asking = createHubClient({ url }, {}, clock).ask('{ x }', {}, z.unknown());
    asking.catch(() => {});
    await heard;
    clock.advance(10 * SECOND);
    await expect(asking).rejects.toThrow(`no controller answers at ${url} (no answer in time): start one`);
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
