import { readFileSync } from 'node:fs';
import { MINUTE } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { KubeObject } from '../../../../src/kube/resource.ts';
import { PROPAGATION_POLICY } from '../../../../src/planes/karmada/resources.ts';
import { deployment } from '../support/manifests.ts';
import { testServers } from '../support/servers.ts';
import { startWorld, type World } from '../support/world.ts';
import { PARIS_CLEAN, policyOf } from './support.ts';

const page = readFileSync(new URL('../../../../../../docs/gitops.md', import.meta.url), 'utf8');
const manifests: readonly KubeObject[] = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) =>
  parse(text ?? ''),
);

/** The n-th policy of the page, in another namespace. */
function policyOfPage(index: number, namespace: string): KubeObject {
  const object = manifests.filter(({ kind }) => kind === 'PropagationPolicy')[index];
  if (object === undefined) throw new Error('the page has no such policy');
  return { ...object, metadata: { ...object.metadata, namespace } };
}

for (const server of testServers('Karmada plane, GitOps')) {
  describe(`the manifests of docs/gitops.md, on ${server.name}`, () => {
    let world: World;
    beforeAll(async () => {
      world = await startWorld(server);
      await world.wind(PARIS_CLEAN);
    });
    afterAll(() => world.stop());

    const settled = async (): Promise<void> => {
      await world.settle();
      await world.advance(5 * MINUTE);
    };

    it('keeps the weights when the form without them is applied again, in every way', async () => {
      const ns = await world.namespace();
      const manifest = policyOfPage(0, ns);
      await world.create(manifest);
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await settled();
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Steady', mode: 'act' });
      const weighed = await policyOf(world, ns);
      expect(JSON.stringify(weighed['spec'])).toContain('staticWeightList');
      // What a client-side apply sends when the manifest did not change its spec.
      const patch = { metadata: { labels: { release: '2' } }, spec: manifest.spec };
      await world.user.mergePatch(PROPAGATION_POLICY, manifest.metadata, patch);
      await world.user.apply(PROPAGATION_POLICY, manifest);
      await world.user.apply(PROPAGATION_POLICY, manifest, { force: true });
      await settled();
      expect((await policyOf(world, ns))['spec']).toEqual(weighed['spec']);
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Steady', mode: 'act' });
    });

    it('takes over the form with weights once, and yields to who forces them back', async () => {
      const ns = await world.namespace();
      const manifest = policyOfPage(1, ns);
      await world.user.apply(PROPAGATION_POLICY, manifest);
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await settled();
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Steady', mode: 'act' });
      await expect(world.user.apply(PROPAGATION_POLICY, manifest)).rejects.toMatchObject({
        kind: 'field-conflict',
        managers: ['windvane'],
      });
      await world.user.apply(PROPAGATION_POLICY, manifest, { force: true });
      await settled();
      expect(world.view(ns, 'web')).toMatchObject({ reason: 'RevertedByOther', mode: 'observe' });
    });

    it('tells Argo CD to leave alone exactly the field that Windvane writes', () => {
      const [application] = manifests.filter(({ kind }) => kind === 'Application');
      expect(application?.spec).toMatchObject({
        ignoreDifferences: [
          {
            group: 'policy.karmada.io',
            kind: 'PropagationPolicy',
            jqPathExpressions: ['.spec.placement.replicaScheduling.weightPreference.staticWeightList'],
          },
        ],
        syncPolicy: { syncOptions: ['RespectIgnoreDifferences=true'] },
      });
    });
  });
}
