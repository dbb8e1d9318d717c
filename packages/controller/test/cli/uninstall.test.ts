import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { karmadaDefinitions, type Sandbox, startSandbox } from '@windvane/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeApi } from '../../src/kube/api.ts';
import { connectKube } from '../../src/kube/connect.ts';
import { CARBON_PLACEMENT } from '../../src/planes/shared/resources.ts';
import { windvane } from './surroundings.ts';

const definition = new URL('../../../../deploy/hub/crd/carbonplacements.windvane.dev.yaml', import.meta.url);
let sandbox: Sandbox;
let folder: string;
let kubeconfig: string;
let api: KubeApi;

beforeAll(async () => {
  sandbox = await startSandbox({ crds: [...karmadaDefinitions, readFileSync(definition, 'utf8')] });
  folder = mkdtempSync(join(tmpdir(), 'windvane-uninstall-'));
  kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, sandbox.kubeconfig());
  api = connectKube({ path: kubeconfig });
});
afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

describe('uninstall', () => {
  it('lists what it would do, and does none of it', async () => {
    const run = await windvane(['uninstall', '--dry-run', '--json', '--kubeconfig', kubeconfig]);
    expect(run.json()).toEqual({
      dryRun: true,
      would: [
        'freeze everything',
        'take the Lease from the controller',
        'delete 0 CarbonPlacements with their CustomResourceDefinition',
        'delete the Lease and the freeze',
      ],
    });
    expect(await api.serves(CARBON_PLACEMENT)).toBe(true);
  });

  it('removes the definition unless it is to be kept, and can be run again', async () => {
    const kept = await windvane(['uninstall', '--keep-crd', '--kubeconfig', kubeconfig]);
    expect([kept.code, kept.err]).toEqual([0, '']);
    expect(await api.serves(CARBON_PLACEMENT)).toBe(true);
    for (const _ of [1, 2]) {
      const run = await windvane(['uninstall', '--json', '--kubeconfig', kubeconfig]);
      expect(run.json()).toMatchObject({ dryRun: false, complete: true });
      expect(run.err).toContain('Nothing of Windvane is left');
      expect(await api.serves(CARBON_PLACEMENT)).toBe(false);
    }
  });

  it('tells a server that is away with its remedy', async () => {
    const away = join(folder, 'away');
    writeFileSync(away, sandbox.kubeconfig().replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:1'));
    const run = await windvane(['uninstall', '--kubeconfig', away]);
    expect(run.code).toBe(2);
    expect(run.err).toContain('cannot be reached');
  });
});
