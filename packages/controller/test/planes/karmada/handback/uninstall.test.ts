import { HOUR, MINUTE } from '@windvane/carbon-map';
import { describe, expect, it } from 'vitest';
import type { KubeApi } from '../../../../src/kube/api.ts';
import { isKubeError } from '../../../../src/kube/errors.ts';
import { LEASE } from '../../../../src/kube/lease.ts';
import type { ResourceType } from '../../../../src/kube/resource.ts';
import { planUninstall, uninstall } from '../../../../src/planes/karmada/handback/uninstall.ts';
import { OVERRIDE_POLICY, PROPAGATION_POLICY } from '../../../../src/planes/karmada/resources.ts';
import {
  CARBON_PLACEMENT,
  CONFIG_MAP,
  CUSTOM_RESOURCE_DEFINITION,
} from '../../../../src/planes/shared/resources.ts';
import { deployment, policy } from '../support/manifests.ts';
import { record } from '../support/recording.ts';
import { testServers } from '../support/servers.ts';
import { startWorld, type World } from '../support/world.ts';
import { PARIS_CLEAN, paceIn, policyOf, tracesOn, VIRGINIA_CLEAN } from './support.ts';

const WEIGHTS = { frankfurt: 3, paris: 1, virginia: 2 };
const ALL = { keepCrd: false };

async function moved(world: World, names = ['web', 'etl']): Promise<{ ns: string; specs: unknown[] }> {
  const ns = await world.namespace();
  await world.create(policy(ns, 'web', { weights: WEIGHTS }));
  await world.create(policy(ns, 'etl'));
  await world.settle();
  const specs = [(await policyOf(world, ns))['spec'], (await policyOf(world, ns, 'etl'))['spec']];
  for (const name of names) await world.create(deployment(ns, name, { replicas: 12 }));
  await world.settle();
  await world.advance(2 * MINUTE);
  expect(tracesOn(await policyOf(world, ns))).toContain('windvane.dev/found');
  return { ns, specs };
}

/** Everything of Windvane's that is on the server. */
async function leftovers(world: World, ns: string): Promise<string[]> {
  const left = [
    ...tracesOn(await policyOf(world, ns)),
    ...tracesOn(await policyOf(world, ns, 'etl')),
    ...((await world.user.serves(CARBON_PLACEMENT)) ? ['CRD'] : []),
  ];
  const own = (api: KubeApi, type: ResourceType): Promise<string[]> =>
    api.list(type, { namespace: type === OVERRIDE_POLICY ? ns : 'windvane-system' }).then(
      ({ items }) => items.map(({ metadata }) => `${type.kind} ${metadata.name}`),
      (error: unknown) => (isKubeError(error, 'not-found') ? [] : Promise.reject(error)),
    );
  for (const type of [OVERRIDE_POLICY, CONFIG_MAP, LEASE]) left.push(...(await own(world.user, type)));
  return left;
}

for (const server of testServers('Karmada plane, uninstall')) {
  describe(`uninstall, on ${server.name}`, () => {
    it.each([true, false])(
      'leaves nothing behind and every spec as found, controller alive: %s',
      async (alive) => {
        const world = await startWorld(server);
        try {
          await world.wind(PARIS_CLEAN);
          const { ns, specs } = await moved(world);
          if (!alive) await world.plane.stop();
          const recording = record(world.recording.api);
          expect(await planUninstall(recording.api, ALL)).toContain(
            `remove the weights, as none were found, on PropagationPolicy ${ns}/etl`,
          );
          expect(recording.stored()).toEqual([]);
          expect(await uninstall(recording.api, ALL, paceIn(world))).toBe(true);
          const [first, ...others] = recording.stored().map(({ kind, verb }) => `${verb} ${kind}`);
          expect(first).toBe('create Namespace');
          expect(others.slice(0, 2)).toEqual(['create ConfigMap', 'create Lease']);
          expect(others.at(-1)).toBe('delete ConfigMap');
          await world.settle();
          world.recording.clear();
          await world.wind(VIRGINIA_CLEAN);
          await world.advance(2 * HOUR, 20 * MINUTE);
          expect(await leftovers(world, ns)).toEqual([]);
          expect([(await policyOf(world, ns))['spec'], (await policyOf(world, ns, 'etl'))['spec']]).toEqual(
            specs,
          );
          // The second time there is nothing to do.
          expect(await uninstall(record(world.recording.api).api, ALL, paceIn(world))).toBe(true);
          expect(await leftovers(world, ns)).toEqual([]);
        } finally {
          await world.stop();
        }
      },
    );

    it('ends the same when it is killed at any write and run again', async () => {
      let boundary = 1;
      for (; boundary < 60; boundary += 1) {
        const world = await startWorld(server);
        try {
          await world.wind(PARIS_CLEAN);
          const { ns, specs } = await moved(world, ['web']);
          const recording = record(world.recording.api);
          let writes = 0;
          recording.killAt(() => {
            writes += 1;
            return writes === boundary;
          });
          const first = uninstall(recording.api, ALL, paceIn(world)).then(String, String);
          expect(await first).toBe(recording.killed() ? 'KubeError: killed' : 'true');
          expect(await uninstall(world.recording.api, ALL, paceIn(world))).toBe(true);
          await world.advance(2 * MINUTE);
          expect({ boundary, left: await leftovers(world, ns) }).toEqual({ boundary, left: [] });
          expect([(await policyOf(world, ns))['spec'], (await policyOf(world, ns, 'etl'))['spec']]).toEqual(
            specs,
          );
          if (!recording.killed()) break;
        } finally {
          await world.stop();
        }
      }
      expect(boundary).toBeGreaterThan(10);
      expect(boundary).toBeLessThan(60);
    }, 240_000);

    it('takes pins away without a dip in the middle of a surge, and those that belong to nobody', async () => {
      const world = await startWorld(server, { podStartup: () => 30_000 });
      try {
        await world.wind(PARIS_CLEAN);
        // Alone, so that no time passes before its turn.
        const { ns } = await moved(world, ['web']);
        await world.plane.stop();
        // A step under way: paris is left for virginia, pinned at what it ran, and virginia is not available yet.
        const name = { namespace: ns, name: 'web' };
        const step = {
          divisions: { [`${ns}/web`]: { from: { paris: 12 }, to: { paris: 2, virginia: 10 } } },
        };
        const pin = (pinned: string, workload: string, held: number) => ({
          metadata: { namespace: ns, name: pinned },
          spec: {
            resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment', name: workload }],
            overrideRules: [
              {
                targetCluster: { clusterNames: ['paris'] },
                overriders: { plaintext: [{ path: '/spec/replicas', operator: 'add', value: held }] },
              },
            ],
          },
        });
        const api = world.recording.api;
        const weights = (list: Readonly<Record<string, number>>) => ({
          metadata: name,
          spec: {
            placement: {
              replicaScheduling: {
                weightPreference: {
                  staticWeightList: Object.entries(list).map(([cluster, weight]) => ({
                    targetCluster: { clusterNames: [cluster] },
                    weight,
                  })),
                },
              },
            },
          },
        });
        await api.apply(PROPAGATION_POLICY, weights({ paris: 1 }), { force: true });
        await world.advance(2 * MINUTE);
        await api.mergePatch(PROPAGATION_POLICY, name, {
          metadata: { annotations: { 'windvane.dev/step': JSON.stringify(step) } },
        });
        await api.create(OVERRIDE_POLICY, pin('windvane-pin-web', 'web', 12));
        await api.create(OVERRIDE_POLICY, pin('windvane-pin-gone', 'gone', 3));
        await world.settle();
        await api.apply(PROPAGATION_POLICY, weights({ paris: 2, virginia: 10 }));
        await world.settle();
        const seen = world.karmada.members.history(ns, 'web').length;
        expect(await uninstall(api, ALL, paceIn(world))).toBe(true);
        await world.advance(2 * MINUTE);
        const available = world.karmada.members.history(ns, 'web').slice(seen - 1);
        expect(Math.min(...available.map((each) => each.available))).toBe(9);
        expect(await leftovers(world, ns)).toEqual([]);
      } finally {
        await world.stop();
      }
    });

    it('stays frozen and tells it when a policy cannot be handed back in time', async () => {
      const world = await startWorld(server, { podStartup: () => 30_000 });
      try {
        await world.wind(PARIS_CLEAN);
        const { ns, specs } = await moved(world);
        world.karmada.setPodStartup(() => null);
        expect(await uninstall(world.recording.api, ALL, paceIn(world, { timeout: MINUTE }))).toBe(false);
        expect(await leftovers(world, ns)).toEqual(
          expect.arrayContaining(['CRD', 'ConfigMap windvane-freeze', 'Lease windvane-controller']),
        );
        expect(await uninstall(world.recording.api, ALL, paceIn(world, { force: true }))).toBe(true);
        expect(await leftovers(world, ns)).toEqual([]);
        expect([(await policyOf(world, ns))['spec'], (await policyOf(world, ns, 'etl'))['spec']]).toEqual(
          specs,
        );
      } finally {
        await world.stop();
      }
    });

    it('keeps everything frozen until the definition is gone', async () => {
      const world = await startWorld(server);
      try {
        await world.wind(PARIS_CLEAN);
        const { ns } = await moved(world);
        const name = { name: 'carbonplacements.windvane.dev' };
        const { metadata } = await world.user.get(CUSTOM_RESOURCE_DEFINITION, name);
        const finalizers = [...(metadata.finalizers ?? []), 'example.com/archive'];
        await world.user.mergePatch(CUSTOM_RESOURCE_DEFINITION, name, { metadata: { finalizers } });
        const frozen: boolean[] = [];
        const looks = 3;
        const pace = paceIn(world, {
          async pause(length) {
            const { items } = await world.user.list(CUSTOM_RESOURCE_DEFINITION);
            const going = items.find(
              ({ metadata: each }) => each.name === name.name && each.deletionTimestamp !== undefined,
            );
            if (going !== undefined) {
              frozen.push((await leftovers(world, ns)).includes('ConfigMap windvane-freeze'));
              const left = (going.metadata.finalizers ?? []).filter((each) => each !== 'example.com/archive');
              if (frozen.length === looks)
                await world.user.mergePatch(CUSTOM_RESOURCE_DEFINITION, name, {
                  metadata: { finalizers: left },
                });
            }
            await world.advance(length, length);
          },
        });
        expect(await uninstall(world.recording.api, ALL, pace)).toBe(true);
        expect(frozen.slice(0, looks)).toEqual([true, true, true]);
        expect(await leftovers(world, ns)).toEqual([]);
      } finally {
        await world.stop();
      }
    });

    it('keeps the statuses on request, all on hold', async () => {
      const world = await startWorld(server);
      try {
        await world.wind(PARIS_CLEAN);
        const { ns } = await moved(world);
        expect(await uninstall(world.recording.api, { keepCrd: true }, paceIn(world))).toBe(true);
        await world.advance(MINUTE);
        expect(await leftovers(world, ns)).toEqual(['CRD']);
        const kept = await world.get(CARBON_PLACEMENT, ns, 'web-deployment');
        expect(kept['status']).toMatchObject({ hold: { reason: 'Restored' }, mode: 'observe' });
      } finally {
        await world.stop();
      }
    });
  });
}
