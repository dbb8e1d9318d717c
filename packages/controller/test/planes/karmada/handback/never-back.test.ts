import { MINUTE } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../../src/kube/resource.ts';
import { restore } from '../../../../src/planes/karmada/handback/restore.ts';
import { uninstall } from '../../../../src/planes/karmada/handback/uninstall.ts';
import { OVERRIDE_POLICY, PROPAGATION_POLICY } from '../../../../src/planes/karmada/resources.ts';
import { deployment, job, policy } from '../support/manifests.ts';
import { record } from '../support/recording.ts';
import { type TestServer, testServers } from '../support/servers.ts';
import { startWorld, type World } from '../support/world.ts';
import { PARIS_CLEAN, paceIn, policyOf, tracesOn } from './support.ts';

const EVEN = { frankfurt: 1, paris: 1, virginia: 1 };

/** More writes than any scene here has. */
const ENOUGH = 60;

/**
 * Plays a scene in a world of its own for each write of a controller, at which it dies, until there is none left.
 * @param scene says whether the controller died
 * @returns how many writes it died at
 */
async function atEveryWrite(
  server: TestServer,
  scene: (world: World, boundary: number) => Promise<boolean>,
): Promise<number> {
  for (let boundary = 1; boundary < ENOUGH; boundary += 1) {
    const world = await startWorld(server);
    try {
      await world.wind(PARIS_CLEAN);
      if (!(await scene(world, boundary))) return boundary - 1;
    } finally {
      await world.stop();
    }
  }
  throw new Error(`it still writes after ${ENOUGH} writes`);
}

/** Lets a controller die at its n-th write for a workload that is made; says whether it came to that. */
async function dieAt(world: World, boundary: number, workload: KubeObject): Promise<boolean> {
  let writes = 0;
  world.recording.killAt(() => {
    writes += 1;
    return writes === boundary;
  });
  await world.create(workload);
  await world.settle();
  return world.recording.killed();
}

/** Clusters in which the Job stands, policies of its namespace, and marks of Windvane on them. */
async function standing(world: World, ns: string) {
  const { members } = world.karmada;
  const { items } = await world.user.list(PROPAGATION_POLICY, { namespace: ns });
  return {
    jobIn: members.names.filter((name) => members.get(name, 'Job', ns, 'etl') !== undefined).length,
    policies: items.length,
    marks: items.flatMap(tracesOn),
  };
}
const STARTED_ONCE = { jobIn: 1, policies: 1, marks: [] };

for (const server of testServers('Karmada plane, never back')) {
  describe(`a controller that dies and never comes back, on ${server.name}`, () => {
    it('leaves nothing that an uninstallation does not take away, at whatever write it died', async () => {
      const boundaries = await atEveryWrite(server, async (world, boundary) => {
        const ns = await world.namespace();
        await world.create(policy(ns, 'web', { weights: EVEN }));
        await world.settle();
        const { spec } = await policyOf(world, ns);
        const died = await dieAt(world, boundary, deployment(ns, 'web', { replicas: 12 }));
        expect(await uninstall(world.person(), { keepCrd: false }, paceIn(world))).toBe(true);
        await world.advance(2 * MINUTE, MINUTE);
        const after = await policyOf(world, ns);
        expect({ boundary, spec: after['spec'], traces: tracesOn(after) }).toEqual({
          boundary,
          spec,
          traces: [],
        });
        expect((await world.user.list(OVERRIDE_POLICY)).items).toEqual([]);
        expect(world.karmada.members.totals(ns, 'web').replicas).toBe(12);
        return died;
      });
      expect(boundaries).toBeGreaterThanOrEqual(8);
    }, 600_000);

    it('has its Job started once by an uninstallation, at whatever write of the dispatch it died', async () => {
      const boundaries = await atEveryWrite(server, async (world, boundary) => {
        const ns = await world.namespace();
        // Its status tells that the hub acts: a hub that was only seen to observe is not taken to have wished a start.
        await world.create(job(await world.namespace(), 'earlier'));
        await world.settle();
        const died = await dieAt(world, boundary, job(ns, 'etl'));
        expect(await uninstall(world.person(), { keepCrd: false }, paceIn(world))).toBe(true);
        await world.settle();
        expect({ boundary, ...(await standing(world, ns)) }).toEqual({ boundary, ...STARTED_ONCE });
        return died;
      });
      // Made, intent, policy, outcome.
      expect(boundaries).toBeGreaterThanOrEqual(4);
    }, 600_000);

    it('leaves nothing behind a restore that was killed at any write and never run again', async () => {
      const boundaries = await atEveryWrite(server, async (world, boundary) => {
        const ns = await world.namespace();
        await world.create(policy(ns, 'web', { weights: EVEN }));
        await world.settle();
        const { spec } = await policyOf(world, ns);
        await world.create(deployment(ns, 'web', { replicas: 12 }));
        await world.create(job(ns, 'etl', { annotations: { 'windvane.dev/start-by': '20h' } }));
        await world.settle();
        await world.advance(2 * MINUTE, MINUTE);
        await world.plane.stop();
        const dying = record(world.recording.api);
        let writes = 0;
        dying.killAt(() => {
          writes += 1;
          return writes === boundary;
        });
        await restore(dying.api, { kind: 'all', namespace: ns }, paceIn(world)).catch(() => undefined);
        expect(await uninstall(world.person(), { keepCrd: false }, paceIn(world))).toBe(true);
        await world.advance(2 * MINUTE, MINUTE);
        const after = await policyOf(world, ns);
        expect({
          boundary,
          spec: after['spec'],
          traces: tracesOn(after),
          ...(await standing(world, ns)),
        }).toEqual({ boundary, spec, traces: [], ...STARTED_ONCE, policies: 2 });
        return dying.killed();
      });
      expect(boundaries).toBeGreaterThanOrEqual(4);
    }, 600_000);
  });
}
