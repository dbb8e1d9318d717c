import { describe, expect, it } from 'vitest';
import { PROPAGATION_POLICY } from '../../../src/planes/karmada/resources.ts';
import { deployment, policy } from './support/manifests.ts';
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
  });
}
