import { HOUR } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import { examineJobs, jobProblems } from '../../src/doctor/jobs.ts';
import { job } from '../planes/karmada/support/manifests.ts';
import { testServers } from '../planes/karmada/support/servers.ts';
import { startWorld } from '../planes/karmada/support/world.ts';

const startBy = (length: string) => ({ annotations: { 'windvane.dev/start-by': length } });

for (const server of testServers('doctor, Jobs')) {
  describe(`what doctor says of Jobs, on ${server.name}`, () => {
    it('counts those that wait, and those past their latest start while no controller runs, the longest first', async () => {
      const world = await startWorld(server);
      try {
        await world.plane.stop();
        const ns = await world.namespace();
        const acting = { runOnceKinds: [], defaults: {}, mode: 'act' } as const;
        const examine = () => examineJobs(world.user, acting, world.clock.now());
        expect(jobProblems(await examine())).toEqual([]);
        await world.create(job(ns, 'late', startBy('2h')));
        await world.create(job(ns, 'later', startBy('1h')));
        await world.create(job(ns, 'patient', startBy('20h')));
        await world.create(job(ns, 'watched', { annotations: { 'windvane.dev/placement': 'off' } }));
        expect(await examine()).toEqual({ waiting: 3, overdue: [] });
        world.clock.advance(3 * HOUR);
        const found = await examine();
        expect(found.waiting).toBe(3);
        expect(found.overdue.map((each) => each.job)).toEqual([`Job ${ns}/later`, `Job ${ns}/late`]);
        expect(jobProblems(found)).toEqual([
          expect.stringContaining(`Job ${ns}/later and 1 more wait past the latest start`),
        ]);
        // What a hub only observes waits for its user.
        const watching = { ...acting, mode: 'observe' } as const;
        expect(await examineJobs(world.user, watching, world.clock.now())).toEqual({
          waiting: 0,
          overdue: [],
        });
        // The hub's own default counts where a Job says nothing.
        await world.create(job(ns, 'silent'));
        world.clock.advance(HOUR / 2);
        const silent = async (defaults: Readonly<Record<string, string>>) =>
          (await examineJobs(world.user, { ...acting, defaults }, world.clock.now())).overdue.some(
            (each) => each.job === `Job ${ns}/silent`,
          );
        expect([await silent({}), await silent({ 'start-by': '1h' })]).toEqual([true, false]);
      } finally {
        await world.stop();
      }
    });
  });
}
