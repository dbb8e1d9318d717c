import { HOUR } from '@windvane/carbon-map';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { restore } from '../../../../src/planes/karmada/handback/restore.ts';
import { planUninstall, uninstall } from '../../../../src/planes/karmada/handback/uninstall.ts';
import { PROPAGATION_POLICY } from '../../../../src/planes/karmada/resources.ts';
import { job } from '../support/manifests.ts';
import { record } from '../support/recording.ts';
import { testServers } from '../support/servers.ts';
import { type Seen, startWorld, type World } from '../support/world.ts';
import { paceIn, tracesOn } from './support.ts';

const NOW = { DE: 400, FR: 50, 'US-MIDA-PJM': 300 };
const LATER = { DE: Array.from({ length: 24 }, (_, hour) => (hour < 5 ? 400 : 10)) };
const waiting = { annotations: { 'windvane.dev/start-by': '20h' } };

for (const server of testServers('Karmada plane, handing Jobs back')) {
  describe(`Jobs and the end of Windvane, on ${server.name}`, () => {
    let world: World;
    let ns: string;
    const states = () => ['over', 'runs', 'waits', 'watched'].map((name) => world.view(ns, name)?.state);
    beforeEach(async () => {
      world = await startWorld(server, { jobDuration: HOUR });
      await world.forecast(NOW, LATER);
      ns = await world.namespace();
      await world.create(job(ns, 'over'));
      await world.settle();
      await world.advance(2 * HOUR, HOUR);
      await world.create(job(ns, 'runs'));
      await world.create(job(ns, 'waits', waiting));
      await world.create(job(ns, 'watched', { annotations: { 'windvane.dev/placement': 'observe' } }));
      await world.settle();
    });
    afterEach(() => world.stop());

    async function policies(): Promise<readonly Seen[]> {
      const { items } = await world.user.list(PROPAGATION_POLICY, { namespace: ns });
      return items.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
    }
    const of = (policy: Seen): string => policy.metadata.ownerReferences?.[0]?.name ?? '';

    it('uninstall starts what waits, leaves what runs to its Job without a mark, and takes the rest away', async () => {
      expect(states()).toEqual(['Done', 'Dispatched', 'Waiting', 'Blocked']);
      const copy = world.karmada.members.get('paris', 'Job', ns, 'runs')?.metadata.uid;
      expect(copy).toBeDefined();
      await world.plane.stop();
      expect(await uninstall(world.user, { keepCrd: false }, paceIn(world))).toBe(true);
      await world.settle();
      const left = await policies();
      expect(left.map(of)).toEqual(['runs', 'waits']);
      for (const policy of left) {
        expect(tracesOn(policy)).toEqual([]);
        expect(Object.keys(policy.metadata.labels ?? {}).filter((key) => key.includes('windvane'))).toEqual(
          [],
        );
      }
      expect(world.karmada.members.get('paris', 'Job', ns, 'runs')?.metadata.uid).toBe(copy);
      // The planned place, though its hour has not come.
      expect(world.karmada.members.get('frankfurt', 'Job', ns, 'waits')).toBeDefined();
      expect(
        world.karmada.members.names.filter((name) => world.karmada.members.get(name, 'Job', ns, 'watched')),
      ).toEqual([]);
      // Once more changes nothing.
      const versions = left.map(({ metadata }) => metadata.resourceVersion);
      expect(await uninstall(world.user, { keepCrd: false }, paceIn(world))).toBe(true);
      expect((await policies()).map(({ metadata }) => metadata.resourceVersion)).toEqual(versions);
    });

    it('uninstall says beforehand what becomes of every Job', async () => {
      const would = (await planUninstall(world.user, { keepCrd: false })).join('\n');
      expect(would).toContain(`start Job ${ns}/waits at once`);
      expect(would).toMatch(/take Windvane's marks off PropagationPolicy .*runs-job/);
      expect(would).toMatch(/delete PropagationPolicy .*over-job/);
      expect(would).not.toContain('watched');
    });

    it('uninstall that can start a Job nowhere is not complete, unless it is told to wait for nothing', async () => {
      await world.plane.stop();
      for (const name of world.karmada.members.names) world.karmada.setReady(name, false);
      await world.karmada.settled();
      const pace = paceIn(world);
      expect(await uninstall(world.user, { keepCrd: false }, pace)).toBe(false);
      expect(pace.said.join('\n')).toContain('clusterNames: [NAME-OF-A-CLUSTER]');
      expect(await uninstall(world.user, { keepCrd: false }, paceIn(world, { force: true }))).toBe(true);
    });

    it('restore starts the one Job that it names', async () => {
      const restored = await restore(
        world.user,
        { kind: 'one', of: 'job', namespace: ns, name: 'waits' },
        paceIn(world),
      );
      expect(restored).toEqual([
        { policy: `Job ${ns}/waits`, workloads: [`Job ${ns}/waits`], outcome: 'started' },
      ]);
      await world.settle();
      expect(world.view(ns, 'waits')).toMatchObject({
        state: 'Dispatched',
        dispatch: { cluster: 'frankfurt' },
      });
    });

    it('starts a Job once when a restore is killed at any write and run again', async () => {
      await world.plane.stop();
      const target = { kind: 'one', of: 'job', namespace: ns } as const;
      let boundary = 1;
      for (; boundary < 20; boundary += 1) {
        const name = `killed-${boundary}`;
        await world.create(job(ns, name, waiting));
        await world.settle();
        const recording = record(world.recording.api);
        let writes = 0;
        recording.killAt(() => {
          writes += 1;
          return writes === boundary;
        });
        const first = await restore(recording.api, { ...target, name }, paceIn(world)).then(String, String);
        expect(first.includes('killed')).toBe(recording.killed());
        await restore(world.user, { ...target, name }, paceIn(world));
        await world.settle();
        const made = (await policies()).filter((policy) => of(policy) === name);
        const there = world.karmada.members.names.filter((each) =>
          world.karmada.members.get(each, 'Job', ns, name),
        );
        expect({ boundary, made: made.length, there: there.length }).toEqual({ boundary, made: 1, there: 1 });
        if (!recording.killed()) break;
      }
      expect(boundary).toBeGreaterThan(1);
      expect(boundary).toBeLessThan(20);
    });

    it('ends the same when an uninstallation is killed at any write and run again', async () => {
      await world.plane.stop();
      let boundary = 1;
      for (; boundary < 40; boundary += 1) {
        const recording = record(world.recording.api);
        let writes = 0;
        recording.killAt(() => {
          writes += 1;
          return writes === boundary;
        });
        const answer = await uninstall(recording.api, { keepCrd: false }, paceIn(world)).then(String, String);
        if (!recording.killed()) break;
        expect(answer).toBe('KubeError: killed');
      }
      expect(boundary).toBeGreaterThan(5);
      expect(boundary).toBeLessThan(40);
      expect(await uninstall(world.user, { keepCrd: false }, paceIn(world))).toBe(true);
      await world.settle();
      const left = await policies();
      expect(left.map(of)).toEqual(['runs', 'waits']);
      expect(left.flatMap(tracesOn)).toEqual([]);
    });

    it('a controller that comes back after an uninstallation takes its Jobs for dispatched', async () => {
      await world.plane.stop();
      expect(await uninstall(world.user, { keepCrd: true }, paceIn(world))).toBe(true);
      await world.restart();
      expect(world.view(ns, 'runs')).toMatchObject({ state: 'Dispatched', dispatch: { cluster: 'paris' } });
      expect(world.view(ns, 'waits')).toMatchObject({
        state: 'Dispatched',
        dispatch: { cluster: 'frankfurt' },
      });
      expect((await policies()).flatMap(tracesOn)).toEqual([]);
    });
  });
}
