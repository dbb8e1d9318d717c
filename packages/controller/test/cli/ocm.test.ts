import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { NAMESPACE } from '../../src/planes/shared/resources.ts';
import { FOLLOW } from '../planes/ocm/support/objects.ts';
import { type OcmWorld, startOcmWorld } from '../planes/ocm/support/world.ts';
import { windvane } from './surroundings.ts';

/** What a person at the terminal sees. */
async function run(...args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  const { code, out, err } = await windvane(args);
  return { code, text: `${out}${err}` };
}

describe('the command line on a hub of Open Cluster Management', () => {
  let world: OcmWorld;
  let folder: string;
  let kubeconfig: string;
  let config: string;
  let namespace: string;

  beforeAll(async () => {
    world = await startOcmWorld();
    folder = mkdtempSync(join(tmpdir(), 'windvane-ocm-'));
    kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, world.kubeconfig);
    config = join(folder, 'windvane.yaml');
    writeFileSync(config, `ocm: {kubeconfig: ${kubeconfig}}\n`);
    await world.user.create(NAMESPACE, { metadata: { name: 'windvane-system' } });
    await world.wind({ DE: 20, FR: 110, 'SE-SE3': 120, 'US-MIDA-PJM': 400 });
    namespace = await world.train();
  });
  afterAll(async () => {
    await world.stop();
    rmSync(folder, { recursive: true });
  });

  it('explains a Placement by what follows it', async () => {
    const { code, text } = await run(
      'explain',
      'Placement/train',
      '-n',
      namespace,
      '--kubeconfig',
      kubeconfig,
    );
    expect(code).toBe(0);
    expect(text).toContain(`ManifestWorkReplicaSet ${namespace}/train: Steady, mode act`);
    expect(text).toContain('frankfurt');
  });

  it('explains an observed Placement by what OCM chooses now, and would choose under Windvane', async () => {
    const observed = await world.train({
      annotations: { ...FOLLOW, 'windvane.dev/placement': 'observe' },
    });
    const { text } = await run('explain', 'Placement/train', '-n', observed, '--kubeconfig', kubeconfig);
    expect(text).toMatch(
      /OCM chooses paris now; under Windvane it would choose frankfurt, for \d+\.\d % less/,
    );
  });

  it('names the Placement that was asked for when nothing speaks of it', async () => {
    const asked = ['explain', 'placement/typo', '-n', namespace, '--kubeconfig', kubeconfig];
    const { code, text } = await run(...asked);
    expect(code).toBe(2);
    expect(text).toContain(`Placement ${namespace}/typo has no CarbonPlacement`);
  });

  it('lists the clusters, each where it stands', async () => {
    const { code, text } = await run('clusters', '--config', config);
    expect(code).toBe(0);
    for (const word of ['frankfurt', 'SE-SE3', 'virginia']) expect(text).toContain(word);
  });

  it('examines the hub', async () => {
    const { text } = await run('doctor', '--config', config);
    expect(text).toContain('Hub ocm at');
    expect(text).toContain('of 4 clusters live');
  });

  it('says what restore and uninstall would do', async () => {
    const { text: restore } = await run('restore', '--all', '--dry-run', '--kubeconfig', kubeconfig);
    expect(restore).toContain(
      `would remove the prioritizerPolicy, as none was found, on Placement ${namespace}/train`,
    );
    const { text: uninstall } = await run('uninstall', '--dry-run', '--kubeconfig', kubeconfig);
    expect(uninstall).toContain('would delete AddOnPlacementScore windvane-placements in 4 clusters');
    expect(await world.scores(namespace, 'train')).toMatchObject({ frankfurt: 100 });
  });
});
