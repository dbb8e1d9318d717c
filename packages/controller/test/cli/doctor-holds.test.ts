import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, testApi } from '../api/client.ts';
import { fleetOf } from '../api/fleet.ts';
import { type Run, windvane } from './surroundings.ts';

let folder: string;
let config: string;
let token: string;
let tokens: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'windvane-doctor-holds-'));
  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  config = file('windvane.yaml', 'carbon: { zones: [DE] }');
  token = file('token', 'reader-token-123456\n');
  tokens = file(
    'tokens.yaml',
    '- { role: reader, token: reader-token-123456 }\n- { role: scaler, token: scaler-token-123456, cluster: blue }',
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const doctor = (...args: readonly string[]): Promise<Run> =>
  windvane(['doctor', '--config', config, '--json', ...args]);

/** As the scaler of a member cluster does it. */
async function report(api: TestApi, ...reasons: readonly string[]): Promise<void> {
  const holds = reasons.map((reason, index) => ({
    namespace: 'ai',
    name: `train-${index}`,
    kind: 'Deployment',
    reason,
    replicas: 10,
    message: 'targetValue 150 is never reached in US-MIDA-PJM. "402" would do.',
  }));
  const { errors } = await api.ask(
    'mutation($holds: [HoldInput!]!) { reportHolds(cluster: "blue", holds: $holds) }',
    { holds },
    'scaler-token-123456',
  );
  expect(errors).toBeUndefined();
}

describe('doctor, about what scalers hold', () => {
  it('lists workloads whose target is never reached, with what would work', async () => {
    const api = await testApi(fleetOf(), tokens);
    await report(api, 'Dirty', 'TargetNeverReached');
    const run = await doctor('--url', api.url, '--token-file', token);
    const problem =
      'held for ever: Deployment ai/train-1 in cluster blue: targetValue 150 is never reached in US-MIDA-PJM. "402" would do.';
    expect(run.json()).toMatchObject({ ok: false, problems: [problem], holds: { held: 2, unknown: null } });
    expect(run.code).toBe(1);
    expect(run.err).toContain('Held in member clusters: 2');
    expect(run.err).toContain(`  ${problem}`);
  });

  it('finds nothing wrong with what waits for a clean hour', async () => {
    const api = await testApi(fleetOf(), tokens);
    await report(api, 'Dirty', 'NoShare');
    const run = await doctor('--url', api.url, '--token-file', token);
    expect([run.code, run.json()]).toEqual([0, expect.objectContaining({ ok: true, problems: [] })]);
  });

  it('asks where a controller with this configuration listens, when none is named', async () => {
    const api = await testApi(fleetOf(), tokens);
    await report(api, 'Dirty');
    const here = join(folder, 'here.yaml');
    writeFileSync(here, `carbon: { zones: [DE] }\napi: { listen: "${new URL(api.url).host}" }\n`);
    const run = await windvane(['doctor', '--config', here, '--json', '--token-file', token]);
    expect(run.json()).toMatchObject({ ok: true, holds: { held: 1 } });
  });

  it('says why a controller that was named does not tell', async () => {
    const api = await testApi(fleetOf(), tokens);
    const refused = await doctor('--url', api.url);
    expect(refused.code).toBe(1);
    expect(refused.err).toContain(`  ${api.url} wants a valid token: name its file with --token-file`);
    const nobody = await doctor('--url', 'http://127.0.0.1:1');
    expect(nobody.json()).toMatchObject({
      ok: false,
      problems: [expect.stringMatching(/^no controller answers at http:\/\/127\.0\.0\.1:1 /)],
      holds: { held: null },
    });
  });
});
