import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '@windvane/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeApi } from '../../src/kube/api.ts';
import { connectKube } from '../../src/kube/connect.ts';
import { CONFIG_MAP, NAMESPACE } from '../../src/planes/shared/resources.ts';
import { serve } from './sources.ts';
import { windvane } from './surroundings.ts';

const FREEZE = { namespace: 'windvane-system', name: 'windvane-freeze' };
let sandbox: Sandbox;
let folder: string;
let kubeconfig: string;
let api: KubeApi;

beforeAll(async () => {
  sandbox = await startSandbox({});
  folder = mkdtempSync(join(tmpdir(), 'windvane-freeze-'));
  kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, sandbox.kubeconfig());
  api = connectKube({ path: kubeconfig });
});
afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

describe('a server that is no API server', () => {
  const NOT_KUBERNETES = ', not like Kubernetes: check the server in the kubeconfig';
  it.each([
    [404, '<html>404</html>', ` answered 404${NOT_KUBERNETES}`],
    [404, '404 page not found', ` answered 404${NOT_KUBERNETES}`],
    [500, 'oops', ` answered 500${NOT_KUBERNETES}`],
    [503, '', ' answered 503; it refuses for now: try again'],
    [429, 'later', ' answered 429; it refuses for now: try again'],
    [
      200,
      '{}',
      ' does not answer like Kubernetes (create Namespace windvane-system: the answer is not an object): check the server in the kubeconfig',
    ],
    [
      200,
      '[]',
      ' does not answer like Kubernetes (create Namespace windvane-system: the answer is not an object): check the server in the kubeconfig',
    ],
    [401, '', ': create Namespace windvane-system: Unauthorized; check the credentials in the kubeconfig'],
  ])('that answers %i %s is told in one line', async (status, body, words) => {
    const url = await serve((_request, response) => void response.writeHead(status).end(body));
    const other = join(folder, 'other');
    writeFileSync(other, sandbox.kubeconfig().replaceAll(api.server, url));
    const line = `API server ${url}${words}\n`;
    const frozen = await windvane(['freeze', '--kubeconfig', other]);
    expect([frozen.code, frozen.err]).toEqual([2, `windvane: ${line}`]);
  });

  it('is no hub to run on either', async () => {
    const url = await serve((_request, response) => void response.writeHead(503).end());
    const other = join(folder, 'other');
    writeFileSync(other, sandbox.kubeconfig().replaceAll(api.server, url));
    const config = join(folder, 'other.yaml');
    writeFileSync(config, `karmada: { kubeconfig: ${other} }`);
    const run = await windvane(['run', '--config', config]);
    expect([run.code, run.err]).toEqual([
      2,
      `windvane: karmada: API server ${url} answered 503; it refuses for now: try again\n`,
    ]);
  });
});

describe('freeze and unfreeze', () => {
  it('makes namespace and ConfigMap, and says how to go on', async () => {
    const run = await windvane(['freeze', '--reason', 'release day', '--kubeconfig', kubeconfig, '--json']);
    expect(run.json()).toEqual({ frozen: true, reason: 'release day', server: api.server });
    expect(run.err).toContain('windvane unfreeze');
    expect(await api.get(CONFIG_MAP, FREEZE)).toMatchObject({
      data: { frozen: 'true', reason: 'release day' },
    });
    // Karmada would otherwise copy the namespace into every member.
    expect((await api.get(NAMESPACE, { name: 'windvane-system' })).metadata.labels).toMatchObject({
      'namespace.karmada.io/skip-auto-propagation': 'true',
    });
  });

  it('freezes again with another reason, also over a ConfigMap that somebody set to false', async () => {
    await api.mergePatch(CONFIG_MAP, FREEZE, { data: { frozen: 'false', note: 'kept' } });
    const run = await windvane(['freeze'], { environment: { WINDVANE_KARMADA_KUBECONFIG: kubeconfig } });
    expect([run.code, run.err]).toEqual([0, '']);
    expect(await api.get(CONFIG_MAP, FREEZE)).toMatchObject({
      data: { frozen: 'true', reason: 'windvane freeze', note: 'kept' },
    });
  });

  it('unfreezes, and again without complaint', async () => {
    const first = await windvane(['unfreeze', '--kubeconfig', kubeconfig, '--json']);
    expect(first.json()).toEqual({ frozen: false, wasFrozen: true, server: api.server });
    await expect(api.get(CONFIG_MAP, FREEZE)).rejects.toMatchObject({ kind: 'not-found' });
    const again = await windvane(['unfreeze', '--kubeconfig', kubeconfig]);
    expect([again.code, again.out]).toEqual([0, `Nothing was frozen: ${api.server}\n`]);
  });

  it.each([
    [['freeze', '--kubeconfig', '/none'], /\/none cannot be read/],
    [['unfreeze', '--context', 'nope'], /no context "nope"/],
    [['freeze', '--reason'], /argument missing/],
  ])('%j is told with its remedy', async (args, message) => {
    const more = args.includes('--kubeconfig') ? [] : ['--kubeconfig', kubeconfig];
    const run = await windvane([...args.slice(0, 1), ...more, ...args.slice(1)]);
    expect(run.code).toBe(2);
    expect(run.err).toMatch(message);
  });
});
