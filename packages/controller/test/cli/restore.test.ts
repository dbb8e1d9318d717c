import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { karmadaDefinitions, type Sandbox, startSandbox } from '@windvane/sandbox';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { KubeApi } from '../../src/kube/api.ts';
import { connectKube } from '../../src/kube/connect.ts';
import { PROPAGATION_POLICY } from '../../src/planes/karmada/resources.ts';
import { policy } from '../planes/karmada/support/manifests.ts';
import { windvane } from './surroundings.ts';

const definition = new URL('../../../../deploy/hub/crd/carbonplacements.windvane.dev.yaml', import.meta.url);
const WEB = { namespace: 'default', name: 'web' };
const FOUND = JSON.stringify({ present: false, value: null, optIn: 'x', forced: false });
let sandbox: Sandbox;
let folder: string;
let kubeconfig: string;
let api: KubeApi;

beforeAll(async () => {
  sandbox = await startSandbox({ crds: [...karmadaDefinitions, readFileSync(definition, 'utf8')] });
  folder = mkdtempSync(join(tmpdir(), 'windvane-restore-'));
  kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, sandbox.kubeconfig());
  api = connectKube({ path: kubeconfig, manager: 'somebody' });
});
afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  await api.delete(PROPAGATION_POLICY, WEB).catch(() => {});
  await api.create(
    PROPAGATION_POLICY,
    policy('default', 'web', { annotations: { 'windvane.dev/found': FOUND } }),
  );
});

describe('restore', () => {
  it('says what it would write, and writes nothing', async () => {
    const before = await api.get(PROPAGATION_POLICY, WEB);
    const args = ['restore', 'PropagationPolicy/web', '--dry-run', '--json'];
    const run = await windvane([...args, '--kubeconfig', kubeconfig]);
    expect(run.code).toBe(0);
    expect(run.err).toContain(
      'would remove the weights, as none were found, on PropagationPolicy default/web',
    );
    expect(run.json()).toMatchObject({
      dryRun: true,
      restored: [{ policy: 'PropagationPolicy default/web' }],
    });
    expect(await api.get(PROPAGATION_POLICY, WEB)).toEqual(before);
  });

  it('takes the marks away, and is content when there are none left', async () => {
    const run = await windvane(['restore', '--all', '--json'], {
      environment: { WINDVANE_KARMADA_KUBECONFIG: kubeconfig },
    });
    expect(run.json()).toEqual({
      dryRun: false,
      restored: [{ policy: 'PropagationPolicy default/web', workloads: [], outcome: 'restored' }],
    });
    expect((await api.get(PROPAGATION_POLICY, WEB)).metadata.annotations ?? {}).toEqual({});
    const again = await windvane(['restore', '--all', '--kubeconfig', kubeconfig]);
    expect([again.code, again.out]).toEqual([0, 'Windvane steers nothing here.\n']);
  });

  it.each([
    [['restore'], /say what to restore: KIND\/NAME/],
    [['restore', 'web'], /"web" names no workload/],
    [['restore', 'Deployment/web', '--all'], /not both/],
    [['restore', '--all', '--timeout', 'soon'], /--timeout: "soon" is no duration/],
    [['restore', 'Deployment/none'], /Windvane steers nothing that is called Deployment\/none in default/],
    [['restore', 'PropagationPolicy/web', '-n', 'other'], /steers nothing .* in other/],
  ])('%j is told with its remedy', async (args, message) => {
    const run = await windvane([...args, '--kubeconfig', kubeconfig]);
    expect(run.code).toBe(2);
    expect(run.err).toMatch(message);
  });
});
