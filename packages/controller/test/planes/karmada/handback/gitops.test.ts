import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MINUTE } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Kubectl, kubectlFor } from '../../../../../sandbox/test/api/kubectl.ts';
import type { KubeObject } from '../../../../src/kube/resource.ts';
import { deployment } from '../support/manifests.ts';
import { testServers } from '../support/servers.ts';
import { startWorld, type World } from '../support/world.ts';
import { PARIS_CLEAN, policyOf } from './support.ts';

/** How each applies what is in Git. */
const KUBECTL = ['apply', '-f', '-'];
const KUBECTL_SERVER_SIDE = ['apply', '--server-side', '-f', '-'];
/** Argo CD with ServerSideApply=true, and Flux always. */
const forced = (manager: string) => [
  'apply',
  '--server-side',
  '--force-conflicts',
  `--field-manager=${manager}`,
  '-f',
  '-',
];
const ARGO_CD = forced('argocd-controller');
const FLUX = forced('kustomize-controller');

const application = z.object({
  spec: z.object({
    ignoreDifferences: z.array(
      z.object({ group: z.string(), kind: z.string(), jqPathExpressions: z.tuple([z.string()]) }),
    ),
    syncPolicy: z.object({ syncOptions: z.array(z.string()) }),
  }),
});

for (const server of testServers('Karmada plane, GitOps')) {
  describe(`the manifests of docs/gitops.md, on ${server.name}`, () => {
    let world: World;
    let folder: string;
    let kubectl: Kubectl;
    let manifests: readonly KubeObject[];
    beforeAll(async () => {
      const page = await readFile(new URL('../../../../../../docs/gitops.md', import.meta.url), 'utf8');
      manifests = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text]) => parse(text ?? ''));
      world = await startWorld(server);
      folder = await mkdtemp(join(tmpdir(), 'gitops-'));
      kubectl = await kubectlFor(world.kubeconfig(), folder);
      await world.wind(PARIS_CLEAN);
    }, 60_000);
    afterAll(async () => {
      await world?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const settled = async (): Promise<void> => {
      await world.settle();
      await world.advance(5 * MINUTE);
    };
    /** The n-th policy of the page, in another namespace. */
    function policyOfPage(index: number, namespace: string): KubeObject {
      const object = manifests.filter(({ kind }) => kind === 'PropagationPolicy')[index];
      if (object === undefined) throw new Error('the page has no such policy');
      return { ...object, metadata: { ...object.metadata, namespace } };
    }
    const apply = async (args: readonly string[], manifest: KubeObject): Promise<void> => {
      const { code, stderr } = await kubectl.run(args, JSON.stringify(manifest));
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    };
    async function following(args: readonly string[], index: number): Promise<{ ns: string; spec: unknown }> {
      const ns = await world.namespace();
      await apply(args, policyOfPage(index, ns));
      await world.create(deployment(ns, 'web', { replicas: 12 }));
      await settled();
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Steady', mode: 'act' });
      return { ns, spec: (await policyOf(world, ns))['spec'] };
    }

    it.each([
      ['kubectl', KUBECTL],
      ['kubectl, server-side', KUBECTL_SERVER_SIDE],
      ['Argo CD', ARGO_CD],
      ['Flux', FLUX],
    ])('keeps the weights when the form without them is synchronised again by %s', async (_, args) => {
      const { ns, spec } = await following(args, 0);
      expect(JSON.stringify(spec)).toContain('staticWeightList');
      const manifest = policyOfPage(0, ns);
      const released = { ...manifest, metadata: { ...manifest.metadata, labels: { release: '2' } } };
      await apply(args, released);
      await settled();
      const after = await policyOf(world, ns);
      expect(after.metadata.labels).toMatchObject({ release: '2' });
      expect(after['spec']).toEqual(spec);
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Steady', mode: 'act' });
    });

    it('keeps weights of the manifest when Argo CD leaves alone what its Application names', async () => {
      const { spec } = application.parse(manifests.find(({ kind }) => kind === 'Application'));
      expect(spec).toMatchObject({
        ignoreDifferences: [{ group: 'policy.karmada.io', kind: 'PropagationPolicy' }],
        syncPolicy: { syncOptions: ['RespectIgnoreDifferences=true'] },
      });
      const { ns, spec: weighed } = await following(KUBECTL, 1);
      // With that option the desired state takes over from the live object what the expressions name.
      const live = await policyOf(world, ns);
      const manifest = policyOfPage(1, ns);
      const path = spec.ignoreDifferences[0]?.jqPathExpressions[0] ?? '';
      const desired = structuredClone(manifest);
      copy(live, desired, path.split('.').slice(1));
      expect(desired).not.toEqual(manifest);
      await apply(KUBECTL, desired);
      await settled();
      expect((await policyOf(world, ns))['spec']).toEqual(weighed);
      expect(world.view(ns, 'web')).toMatchObject({ state: 'Steady', mode: 'act' });
    });

    it('adopts weights of the manifest once where Flux makes the policy and does not touch it again', async () => {
      const { ns, spec } = await following(FLUX, 1);
      expect(policyOfPage(1, ns).metadata.annotations).toMatchObject({
        'kustomize.toolkit.fluxcd.io/ssa': 'IfNotPresent',
      });
      expect(spec).not.toEqual(policyOfPage(1, ns).spec);
      expect(await world.events(ns)).toContain('PropagationPolicy Adopted');
    });
  });
}

/** Puts what stands at the path of one object there in the other. */
function copy(from: unknown, to: unknown, path: readonly string[]): void {
  const [key = '', ...rest] = path;
  if (typeof from !== 'object' || from === null || typeof to !== 'object' || to === null) return;
  if (rest.length === 0) Reflect.set(to, key, Reflect.get(from, key));
  else copy(Reflect.get(from, key), Reflect.get(to, key), rest);
}
