import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runProgram } from '../../src/cli/program.ts';
import { startStandIn } from './sources.ts';
import { collector } from './surroundings.ts';

const SECRETS = [
  'planted-token-1',
  'planted-user-2',
  'planted-password-3',
  'planted-bearer-4',
  'planted-hub-token-5',
];

describe('a running controller', () => {
  it('shows no secret in logs, metrics or answers, whatever its sources say', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'windvane-secrets-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const file = (name: string, text: string): string => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    };
    // Repeats every secret that it could have heard, as an error and as a document.
    let answers = 0;
    const source = await startStandIn((path) => ({
      status: answers++ % 2 === 0 ? 500 : 200,
      headers: { 'x-said': SECRETS.join(' ') },
      body: { path, said: SECRETS, zone: SECRETS[0] },
    }));
    onTestFinished(() => source.close());
    const tokens = file('tokens', `- { token: ${SECRETS[4]}, role: admin }\n`);
    const config = file(
      'windvane.yaml',
      `
carbon:
  zones: [DE, NL]
  providers:
    - { type: electricity-maps, tokenEnv: EM, baseUrl: "${source.url}" }
    - { type: watttime, usernameEnv: WT, passwordFile: ${file('password', SECRETS[2] ?? '')}, places: { DE: { region: X } }, baseUrl: "${source.url}" }
    - { type: prometheus, tokenEnv: BEARER, signal: average, basis: lifecycle, queries: { NL: up }, baseUrl: "${source.url}" }
    - { type: baseline }
api: { listen: "127.0.0.1:0", tokensFile: ${tokens} }
`,
    );
    const [stdout, stderr, stop] = [collector(), collector(), new AbortController()];
    const said = (): string => stdout.text() + stderr.text();
    const run = runProgram(['run', '--config', config, '--json'], {
      stdout: stdout.stream,
      stderr: stderr.stream,
      environment: { EM: SECRETS[0] ?? '', WT: SECRETS[1] ?? '', BEARER: SECRETS[3] ?? '' },
      heedStop: () => stop.signal,
    });
    // A run that ends by itself has said why.
    const ended = run.then((code) => Promise.reject(new Error(`ended with ${code}: ${said()}`)));
    ended.catch(() => {});
    const url = await Promise.race([ended, soon(() => /"api":"([^"]+)[/]graphql"/.exec(said())?.[1])]);
    const headers = { authorization: `Bearer ${SECRETS[4]}`, 'content-type': 'application/json' };
    const ask = async (query: string, more: object = {}): Promise<string> => {
      const request = { method: 'POST', headers, body: JSON.stringify({ query }), ...more };
      return (await fetch(`${url}/graphql`, request)).text();
    };
    await soon(async () =>
      /"version":[1-9]|"mapVersion":[1-9]/.test(await ask('{ status { mapVersion } }')) ? true : undefined,
    );
    const heard = [
      await ask('{ carbonMap { id intensity { source } } status { mode } }'),
      await ask('{ nothing }'),
      await ask('{ status { mode } }', {
        headers: { authorization: 'Bearer wrong', 'content-type': 'application/json' },
      }),
      await (await fetch(`${url}/metrics`, { headers })).text(),
      await (await fetch(`${url}/healthz`)).text(),
    ];
    stop.abort();
    expect(await run).toBe(0);
    expect(heard[0]).toContain('baseline');
    expect(source.asked.length).toBeGreaterThan(2);
    expect(source.asked.join()).not.toContain('planted');
    for (const text of [...heard, said()]) {
      for (const secret of SECRETS) {
        expect(text).not.toContain(secret);
        expect(text).not.toContain(Buffer.from(secret).toString('base64').slice(0, -3));
      }
    }
  });
});

/** Waits for something outside of the test to be there. */
async function soon<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await Promise.resolve(look()).catch(() => undefined);
    if (found !== undefined) return found;
    await pause(20);
  }
}
