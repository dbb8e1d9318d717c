import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ADD_ON_PLACEMENT_SCORE } from '../../src/planes/ocm/resources.ts';
import { FREEZE_KEY } from '../../src/planes/shared/freeze.ts';
import { CONFIG_MAP } from '../../src/planes/shared/resources.ts';
import { placement } from '../planes/ocm/support/objects.ts';
import { type OcmWorld, startOcmWorld } from '../planes/ocm/support/world.ts';
import { windvane } from './surroundings.ts';

const SCALE = { cleanGramsPerKwh: 0, dirtyGramsPerKwh: 800, deadBand: 5 };
const addOn = (resourceName: string, scoreName: string) => ({
  mode: 'Exact',
  configurations: [{ scoreCoordinate: { type: 'AddOn', addOn: { resourceName, scoreName } }, weight: 1 }],
});

describe('restore and uninstall on a hub of Open Cluster Management', () => {
  let world: OcmWorld;
  let folder: string;
  let kubeconfig: string;
  beforeEach(async () => {
    world = await startOcmWorld({ config: { scores: SCALE } });
    folder = mkdtempSync(join(tmpdir(), 'windvane-ocm-'));
    kubeconfig = join(folder, 'kubeconfig');
    writeFileSync(kubeconfig, world.kubeconfig);
    await world.wind({ DE: 20, FR: 110, 'SE-SE3': 120, 'US-MIDA-PJM': 400 });
  });
  afterEach(async () => {
    await world.stop();
    rmSync(folder, { recursive: true });
  });

  const run = (...args: readonly string[]) => windvane([...args, '--json', '--kubeconfig', kubeconfig]);
  const scores = async (): Promise<string[]> => {
    const { items } = await world.user.list(ADD_ON_PLACEMENT_SCORE);
    return [...new Set(items.map(({ metadata }) => metadata.name))].sort();
  };
  const frozen = async (): Promise<boolean> =>
    (await world.user.list(CONFIG_MAP, { namespace: 'windvane-system' })).items.some(
      ({ metadata }) => `${metadata.namespace}/${metadata.name}` === FREEZE_KEY,
    );

  it('stops with code 2 while a Placement draws on the published scores, and goes on with --force', async () => {
    const namespace = await world.train();
    const reads = { numberOfClusters: 1, prioritizerPolicy: addOn('windvane', 'carbon') };
    await world.create(placement(namespace, 'reader', reads, {}));
    await world.die();
    const first = await run('uninstall');
    expect(first.code).toBe(2);
    expect(first.json()).toMatchObject({ complete: false, inUse: [`Placement ${namespace}/reader`] });
    expect(first.err).toContain(`Placement ${namespace}/reader still draws on the published scores`);
    expect(await scores()).toEqual(['windvane']);
    expect(await frozen()).toBe(true);
    const second = await run('uninstall', '--force');
    expect(second.code).toBe(0);
    expect(second.json()).toMatchObject({ complete: true, inUse: [] });
    expect(await scores()).toEqual([]);
    expect(await frozen()).toBe(false);
  });

  it('ends with code 1 where work does not become available in time, and is done with --force', async () => {
    const namespace = await world.train({ spec: { prioritizerPolicy: addOn('mine', 's') } });
    await world.wind({ DE: 300, FR: 20, 'SE-SE3': 310, 'US-MIDA-PJM': 400 });
    expect(await world.decided(namespace, 'train')).toBe('paris');
    await world.die();
    // Without its own scores the first name wins, and there the work does not come.
    world.ocm.setWorkPlan(({ cluster }) => (cluster === 'frankfurt' ? { readyAfter: null } : {}));
    const restored = await run('restore', '--all', '--timeout', '1s');
    expect(restored.code).toBe(1);
    expect(restored.json()).toMatchObject({ restored: [{ outcome: 'timeout' }] });
    const removed = await run('uninstall', '--timeout', '1s');
    expect(removed.code).toBe(1);
    expect(removed.json()).toMatchObject({ complete: false, inUse: [] });
    expect(removed.err).toContain('Not complete: everything stays frozen');
    expect(await frozen()).toBe(true);
    expect(await world.decided(namespace, 'train')).toContain('paris');
    const forced = await run('uninstall', '--force');
    expect(forced.code).toBe(0);
    expect((await world.placement(namespace, 'train'))['spec']).toMatchObject({
      numberOfClusters: 1,
      prioritizerPolicy: addOn('mine', 's'),
    });
    expect(await scores()).toEqual([]);
  });
});
