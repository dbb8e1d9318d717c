import { HOUR } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { PROPAGATION_POLICY } from '../../../src/planes/karmada/resources.ts';
import { deployment, job, policy } from './support/manifests.ts';
import type { RecordedWrite } from './support/recording.ts';
import { testServers } from './support/servers.ts';
import { DEPLOYMENT, startWorld, type World } from './support/world.ts';

const PARIS_CLEAN = { DE: 400, FR: 50, 'US-MIDA-PJM': 350 };
const EVEN = { frankfurt: 1, paris: 1, virginia: 1 };

const isForce = (write: RecordedWrite): boolean => write.force && write.kind === 'PropagationPolicy';

/** Runs one adopting move whose controller dies at its n-th write, starts another, and says how it ended. */
async function dieAt(world: World, boundary: number): Promise<{ died: boolean; forces: number; ns: string }> {
  const ns = await world.namespace();
  await world.create(policy(ns, 'web', { weights: EVEN }));
  await world.settle();
  world.recording.clear();
  let writes = 0;
  world.recording.killAt(() => {
    writes += 1;
    return writes === boundary;
  });
  await world.create(deployment(ns, 'web', { replicas: 12 }));
  await world.settle();
  const died = world.recording.killed();
  let forces = world.recording.stored().filter(isForce).length;
  await world.restart();
  forces += world.recording.stored().filter(isForce).length;
  return { died, forces, ns };
}

for (const server of testServers('Karmada plane, crashes')) {
  describe(`a controller that dies, on ${server.name}`, () => {
    it('is resumed from every write of a move: one adoption, the found value kept, nothing left half done', async () => {
      const world = await startWorld(server);
      try {
        await world.wind(PARIS_CLEAN);
        let boundary = 1;
        for (; boundary < 60; boundary += 1) {
          const { died, forces, ns } = await dieAt(world, boundary);
          const written = await world.get(PROPAGATION_POLICY, ns, 'web');
          const view = world.view(ns, 'web');
          expect({
            boundary,
            forces,
            split: world.split(ns, 'web'),
            state: view?.state,
            hold: view?.hold,
            found: view?.found?.present,
            openMoves: view?.moves.filter((move) => move.finishedAt === null),
            step: written.metadata.annotations?.['windvane.dev/step'],
          }).toEqual({
            boundary,
            forces: 1,
            split: 'frankfurt 1, paris 10, virginia 1',
            state: 'Steady',
            hold: null,
            found: true,
            openMoves: [],
            step: undefined,
          });
          expect(JSON.stringify(view?.found?.value)).toContain('"weight":1}');
          await world.user.delete(DEPLOYMENT, { namespace: ns, name: 'web' });
          await world.user.delete(PROPAGATION_POLICY, { namespace: ns, name: 'web' });
          if (!died) break;
        }
        // The move has an end, and there were boundaries to die at before it.
        expect(boundary).toBeGreaterThan(8);
        expect(boundary).toBeLessThan(60);
      } finally {
        await world.stop();
      }
    }, 600_000);

    it('dispatches a Job once, from every write of its dispatch', async () => {
      const world = await startWorld(server);
      try {
        await world.wind(PARIS_CLEAN);
        let boundary = 1;
        for (; boundary < 30; boundary += 1) {
          const ns = await world.namespace();
          world.recording.clear();
          let writes = 0;
          world.recording.killAt(() => {
            writes += 1;
            return writes === boundary;
          });
          await world.create(job(ns, 'etl'));
          await world.settle();
          const died = world.recording.killed();
          const before = world.recording.stored().filter(({ kind }) => kind === 'PropagationPolicy').length;
          // The wind turns while nobody looks: what was dispatched stays where it is.
          const turned = before > 0 ? { ...PARIS_CLEAN, DE: 10 } : PARIS_CLEAN;
          await world.wind(turned);
          await world.restart();
          const after = world.recording.stored().filter(({ kind }) => kind === 'PropagationPolicy').length;
          const view = world.view(ns, 'etl');
          const there = world.karmada.members.names.filter(
            (name) => world.karmada.members.get(name, 'Job', ns, 'etl') !== undefined,
          );
          expect({
            boundary,
            made: before + after,
            there,
            state: view?.state,
            in: view?.dispatch?.cluster,
          }).toEqual({
            boundary,
            made: 1,
            there: ['paris'],
            state: 'Dispatched',
            in: 'paris',
          });
          await world.wind(PARIS_CLEAN);
          if (!died) break;
        }
        // Made, intent, policy, outcome, Event: there were boundaries to die at.
        expect(boundary).toBeGreaterThan(4);
        expect(boundary).toBeLessThan(30);
      } finally {
        await world.stop();
      }
    }, 120_000);

    it('starts what is overdue first, when it comes back', async () => {
      const made: string[] = [];
      const world = await startWorld(server, {
        heard: ({ kind, verb, name }) =>
          void (kind === 'PropagationPolicy' && verb === 'create' && made.push(name)),
      });
      try {
        await world.wind(PARIS_CLEAN);
        await world.plane.stop();
        const ns = await world.namespace();
        const at = (name: string, startBy: string) =>
          world.create(job(ns, name, { annotations: { 'windvane.dev/start-by': startBy } }));
        for (const name of ['a', 'b', 'c', 'd']) await at(`fresh-${name}`, '20h');
        for (const [name, startBy] of [
          ['w', '3h'],
          ['x', '1h'],
          ['y', '2h'],
          ['z', '0s'],
        ] as const) {
          await at(`overdue-${name}`, startBy);
        }
        await world.advance(4 * HOUR, HOUR);
        await world.restart();
        const order = made.map((name) => name.replace('windvane-dispatch-', '').replace(/-job-.*/, ''));
        expect(order.slice(0, 4)).toEqual(['overdue-z', 'overdue-x', 'overdue-y', 'overdue-w']);
        expect(order).toHaveLength(8);
        expect(world.view(ns, 'overdue-x')?.dispatch?.lateSeconds).toBe(3 * 3600);
      } finally {
        await world.stop();
      }
    });
  });
}
