import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOUR } from '@windvane/carbon-map';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadRunOnceKinds } from '../../../src/config/config.ts';
import type { ResourceType } from '../../../src/kube/resource.ts';
import { uninstall } from '../../../src/planes/karmada/handback/uninstall.ts';
import { PROPAGATION_POLICY } from '../../../src/planes/karmada/resources.ts';
import { paceIn } from './handback/support.ts';
import { testServers } from './support/servers.ts';
import { startWorld, type World } from './support/world.ts';

const WORKFLOW: ResourceType = {
  group: 'argoproj.io',
  version: 'v1alpha1',
  kind: 'Workflow',
  plural: 'workflows',
  namespaced: true,
};
const DEFINITION = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: workflows.argoproj.io }
spec:
  group: argoproj.io
  scope: Namespaced
  names: { kind: Workflow, listKind: WorkflowList, plural: workflows, singular: workflow }
  versions:
    - name: v1alpha1
      served: true
      storage: true
      schema:
        openAPIV3Schema: { type: object, x-kubernetes-preserve-unknown-fields: true }
`;
const MEMBERS = ['frankfurt', 'paris', 'virginia'];
/** Two pods of 2 CPU each: more than paris has. */
const small = { cpu: '3' };
const members = [
  { name: 'frankfurt', provider: 'aws', region: 'eu-central-1' },
  { name: 'paris', provider: 'aws', region: 'eu-west-3', ...small },
  { name: 'virginia', provider: 'aws', region: 'us-east-1' },
].map((each) => ({
  ...each,
  apis: [{ groupVersion: 'argoproj.io/v1alpha1', kinds: ['Workflow'] }],
}));
const NOW = { DE: 400, FR: 50, 'US-MIDA-PJM': 300 };
/** Frankfurt is clean from the third hour on. */
const LATER = { DE: [400, 400, 400, 40, 40, 40, 40, 400] };

/** The configuration of docs/jobs.md, read as a hub reads it. */
function kindsOfPage() {
  const page = readFileSync(new URL('../../../../../docs/jobs.md', import.meta.url), 'utf8');
  const [, text = ''] = /```yaml\n(dispatch:[\s\S]*?)```/.exec(page) ?? [];
  const folder = mkdtempSync(join(tmpdir(), 'windvane-kinds-'));
  try {
    const path = join(folder, 'windvane.yaml');
    writeFileSync(path, text);
    return loadRunOnceKinds(path, {});
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const server of testServers('Karmada plane, kinds that run once')) {
  describe(`a kind that the configuration names, on ${server.name}`, () => {
    let world: World;
    let ns: string;
    const runOnceKinds = kindsOfPage();
    beforeAll(async () => {
      world = await startWorld(server, { members, crds: [DEFINITION], config: { runOnceKinds } });
      await world.forecast(NOW, LATER);
      ns = await world.namespace();
    });
    afterAll(() => world.stop());

    const create = (name: string, startBy: string) =>
      world.user.create(WORKFLOW, {
        metadata: {
          namespace: ns,
          name,
          annotations: {
            'windvane.dev/placement': 'follow-the-wind',
            'windvane.dev/start-by': startBy,
          },
        },
        spec: { parallelism: 2, entrypoint: 'main' },
      });
    const where = (name: string) =>
      MEMBERS.filter((cluster) => world.karmada.members.get(cluster, 'Workflow', ns, name) !== undefined);

    it('waits for the best hour, by room for what its configuration says that its pods ask for', async () => {
      await create('train', '6h');
      await create('now', '0s');
      await world.settle();
      expect(world.view(ns, 'train')).toMatchObject({
        kind: 'Workflow',
        state: 'Waiting',
        decision: { target: { frankfurt: 1 } },
      });
      expect(where('train')).toEqual([]);
      // Paris is the cleanest, and too small for two pods of 2 CPU.
      expect(where('now')).toEqual(['virginia']);
      await world.advance(3 * HOUR, HOUR / 4);
      expect(where('train')).toEqual(['frankfurt']);
      expect(world.view(ns, 'train')).toMatchObject({
        state: 'Dispatched',
        dispatch: { cluster: 'frankfurt', lateSeconds: 0 },
      });
    });

    it('is Done when it says so in the words of its configuration', async () => {
      await world.user.mergePatch(WORKFLOW, { namespace: ns, name: 'now' }, { status: { phase: 'Running' } });
      await world.settle();
      expect(world.view(ns, 'now')?.state).toBe('Dispatched');
      await world.user.mergePatch(
        WORKFLOW,
        { namespace: ns, name: 'now' },
        { status: { phase: 'Succeeded' } },
      );
      await world.settle();
      expect(world.view(ns, 'now')?.state).toBe('Done');
    });

    it('uninstall starts what waits and leaves what runs without a mark', async () => {
      await create('late', '20h');
      await world.settle();
      await world.plane.stop();
      expect(await uninstall(world.person(), { keepCrd: false, runOnceKinds }, paceIn(world))).toBe(true);
      await world.settle();
      expect(where('late')).toHaveLength(1);
      expect(where('train')).toEqual(['frankfurt']);
      const { items } = await world.user.list(PROPAGATION_POLICY, { namespace: ns });
      const owners = items.map(({ metadata }) => metadata.ownerReferences?.[0]?.name);
      expect(new Set(owners)).toEqual(new Set(['late', 'train']));
      expect(owners).toHaveLength(2);
      expect(JSON.stringify(items)).not.toContain('windvane.dev');
    });
  });
}
