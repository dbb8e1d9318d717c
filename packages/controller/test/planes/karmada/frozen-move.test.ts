import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOUR, MINUTE } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Kubectl, kubectlFor } from '../../../../sandbox/test/api/kubectl.ts';
import { OVERRIDE_POLICY } from '../../../src/planes/karmada/resources.ts';
import { PARIS_CLEAN, policyOf, VIRGINIA_CLEAN } from './handback/support.ts';
import { deployment, policy } from './support/manifests.ts';
import { testServers } from './support/servers.ts';
import { startWorld, type World } from './support/world.ts';

const counts = z.record(z.string(), z.number());
const stepSchema = z.object({ divisions: z.record(z.string(), z.object({ from: counts, to: counts })) });

/** Replicas that the step on a policy moves. */
async function movedByStep(world: World, ns: string): Promise<number> {
  const { annotations } = (await policyOf(world, ns)).metadata;
  const { divisions } = stepSchema.parse(JSON.parse(annotations?.['windvane.dev/step'] ?? ''));
  return Object.values(divisions).reduce(
    (sum, { from, to }) =>
      sum +
      Object.entries(to).reduce((all, [name, count]) => all + Math.max(0, count - (from[name] ?? 0)), 0),
    0,
  );
}

for (const server of testServers('Karmada plane, frozen in mid-move')) {
  describe(`a freeze by kubectl alone, on ${server.name}`, () => {
    let world: World;
    let folder: string;
    let kubectl: Kubectl;
    beforeAll(async () => {
      world = await startWorld(server);
      folder = await mkdtemp(join(tmpdir(), 'freeze-'));
      kubectl = await kubectlFor(world.kubeconfig(), folder);
    }, 60_000);
    afterAll(async () => {
      await world?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it('rolls back the step of a move, then all is silent; after its end replicas go by steps, without a jump', async () => {
      // The manifest of docs/operations.md, word for word.
      const page = await readFile(new URL('../../../../../docs/operations.md', import.meta.url), 'utf8');
      const [, freeze = ''] = /```yaml\n([\s\S]*?windvane-freeze[\s\S]*?)```/.exec(page) ?? [];
      const ns = await world.namespace();
      await world.wind(PARIS_CLEAN);
      await world.create(policy(ns, 'web'));
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await world.advance(5 * MINUTE);
      expect(world.split(ns, 'web')).toBe('frankfurt 1, paris 10, virginia 1');
      await world.advance(2 * HOUR, 20 * MINUTE);
      const before = await policyOf(world, ns);

      world.karmada.setPodStartup(() => 10 * MINUTE);
      await world.wind(VIRGINIA_CLEAN);
      expect(world.view(ns, 'web')?.state).toBe('Moving');
      expect((await world.user.list(OVERRIDE_POLICY, { namespace: ns })).items).not.toEqual([]);
      const seen = world.karmada.members.history(ns, 'web').length;
      expect(await kubectl.run(['create', 'namespace', 'windvane-system'])).toMatchObject({ code: 0 });
      expect(await kubectl.run(['apply', '-f', '-'], freeze)).toMatchObject({ code: 0 });
      await world.advance(5 * MINUTE);
      const after = await policyOf(world, ns);
      expect(after['spec']).toEqual(before['spec']);
      expect(after.metadata.annotations).not.toHaveProperty(['windvane.dev/step']);
      expect((await world.user.list(OVERRIDE_POLICY, { namespace: ns })).items).toEqual([]);
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Frozen' });
      expect(world.view(ns, 'web')?.moves.at(-1)).toMatchObject({ result: 'rolled-back' });

      await world.wind(VIRGINIA_CLEAN);
      world.recording.clear();
      for (let hour = 0; hour < 3; hour += 1) {
        await world.advance(HOUR, 20 * MINUTE);
        await world.wind(VIRGINIA_CLEAN);
      }
      await world.restart();
      expect(world.recording.stored()).toEqual([]);
      await world.wind({ ...VIRGINIA_CLEAN, DE: 20 });
      await world.wind(VIRGINIA_CLEAN);
      // Numbers are still told; nothing that places anything is written.
      const kinds = new Set(world.recording.stored().map(({ kind }) => kind));
      kinds.delete('CarbonPlacement');
      expect([...kinds]).toEqual([]);

      const unfreeze = ['delete', 'configmap', 'windvane-freeze', '-n', 'windvane-system'];
      expect(await kubectl.run(unfreeze)).toMatchObject({ code: 0 });
      await world.settle();
      expect(world.view(ns, 'web')?.state).toBe('Moving');
      expect(await movedByStep(world, ns)).toBe(3);
      await world.advance(HOUR, 5 * MINUTE);
      expect(world.split(ns, 'web')).toBe('frankfurt 1, paris 1, virginia 10');
      const since = world.karmada.members.history(ns, 'web').slice(seen - 1);
      expect(Math.min(...since.map(({ available }) => available))).toBe(12);
    }, 60_000);
  });
}
