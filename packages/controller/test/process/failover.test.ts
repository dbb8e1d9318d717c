import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type KarmadaStandIns,
  karmadaDefinitions,
  startKarmadaStandIns,
  startSandbox,
} from '@windvane/sandbox';
import { expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import type { KubeApi } from '../../src/kube/api.ts';
import { connectKube } from '../../src/kube/connect.ts';
import { EVENT } from '../../src/kube/events.ts';
import { LEASE } from '../../src/kube/lease.ts';
import type { KubeObject, ResourceType } from '../../src/kube/resource.ts';
import {
  JOB,
  OVERRIDE_POLICY,
  PROPAGATION_POLICY,
  workloadKinds,
} from '../../src/planes/karmada/resources.ts';
import { CARBON_PLACEMENT, NAMESPACE } from '../../src/planes/shared/resources.ts';
import { deployment, job, policy } from '../planes/karmada/support/manifests.ts';
import { MEMBERS } from '../planes/karmada/support/world.ts';
import { type Running, startProgram } from './processes.ts';

const CRD = readFileSync(
  new URL('../../../../deploy/hub/crd/carbonplacements.windvane.dev.yaml', import.meta.url),
  'utf8',
);
const [DEPLOYMENT] = workloadKinds;
const lease = z.object({
  holderIdentity: z.string(),
  acquireTime: z.string(),
  renewTime: z.string(),
  leaseDurationSeconds: z.number(),
});
const status = z.object({
  state: z.string(),
  moves: z.array(z.object({ result: z.string().nullable() })),
});
/** Of one object of a watch, the first that fits. */
async function seen(
  api: KubeApi,
  type: ResourceType,
  namespace: string,
  fits: (object: KubeObject) => boolean,
): Promise<KubeObject> {
  const abort = new AbortController();
  try {
    const { items, resourceVersion } = await api.list(type, { namespace });
    const there = items.find(fits);
    if (there !== undefined) return there;
    const watch = { namespace, resourceVersion, timeoutSeconds: 3_600, signal: abort.signal };
    for await (const event of api.watch(type, watch)) {
      if (event.type !== 'BOOKMARK' && event.type !== 'DELETED' && fits(event.object)) return event.object;
    }
    throw new Error(`the watch of ${type.plural} ended`);
  } finally {
    abort.abort();
  }
}

const named =
  (name: string, fits: (object: KubeObject) => boolean = () => true) =>
  (object: KubeObject): boolean =>
    object.metadata.name === name && fits(object);
const inState =
  (state: string) =>
  (object: KubeObject): boolean =>
    status.safeParse(object.status).data?.state === state;

/** Until the newcomers of the move are ready, in milliseconds: the Lease runs out before. */
const NEWCOMERS = 40_000;

it('two controllers as processes: the other takes a move on and starts Jobs when the leading one is killed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'windvane-failover-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const sandbox = await startSandbox({ crds: [...karmadaDefinitions, CRD] });
  onTestFinished(() => sandbox.stop());
  const clock = {
    now: Date.now,
    after: (wait: number, task: () => void) => void setTimeout(task, wait).unref(),
  };
  const karmada: KarmadaStandIns = await startKarmadaStandIns({
    kubeconfig: sandbox.kubeconfig(),
    clock,
    members: MEMBERS,
    podStartup: () => 0,
    resourceVersion: sandbox.resourceVersion,
  });
  onTestFinished(() => karmada.stop());
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const kubeconfig = file('kubeconfig', sandbox.kubeconfig());
  const config = file(
    'windvane.yaml',
    'mode: act\ncarbon: { providers: [{ type: baseline }] }\napi: { listen: "127.0.0.1:0" }\n',
  );
  const controller = (): Running => {
    const program = 'packages/controller/src/cli/main.ts';
    const running = startProgram(program, ['run', '--config', config], {
      WINDVANE_KARMADA_KUBECONFIG: kubeconfig,
    });
    onTestFinished(() => running.end('SIGKILL'));
    return running;
  };
  const user = connectKube({ kubeconfig: sandbox.kubeconfig(), manager: 'somebody' });
  await user.create(NAMESPACE, { metadata: { name: 'windvane-system' } });
  await user.create(NAMESPACE, { metadata: { name: 'apps' } });
  const holder = async () =>
    lease.parse((await user.get(LEASE, { namespace: 'windvane-system', name: 'windvane-controller' })).spec);

  const first = controller();
  await first.line(/this replica leads/);
  const second = controller();
  await second.line(/windvane is running/);
  const { holderIdentity: leader } = await holder();

  // A move that cannot end yet, and a Job that is started.
  await user.create(PROPAGATION_POLICY, policy('apps', 'web', { weights: { frankfurt: 1, virginia: 1 } }));
  if (DEPLOYMENT === undefined) throw new Error('there are Deployments');
  await user.create(DEPLOYMENT, deployment('apps', 'web', { replicas: 8, annotations: {} }));
  await seen(
    user,
    DEPLOYMENT,
    'apps',
    named('web', ({ status: said }) => JSON.stringify(said ?? {}).includes('"availableReplicas":8')),
  );
  karmada.setPodStartup(() => NEWCOMERS);
  await user.mergePatch(
    DEPLOYMENT,
    { namespace: 'apps', name: 'web' },
    {
      metadata: { annotations: { 'windvane.dev/placement': 'follow-the-wind' } },
    },
  );
  await user.create(JOB, job('apps', 'before'));
  await seen(user, CARBON_PLACEMENT, 'apps', named('web-deployment', inState('Moving')));
  await seen(user, OVERRIDE_POLICY, 'apps', ({ metadata }) => metadata.name.startsWith('windvane-pin-'));
  await seen(user, CARBON_PLACEMENT, 'apps', named('before-job', inState('Dispatched')));
  expect(second.text()).not.toContain('this replica leads');

  await first.end('SIGKILL');
  const last = await holder();
  await user.create(JOB, job('apps', 'during'));
  await second.line(/this replica leads/);
  const taken = await holder();
  expect(taken.holderIdentity).not.toBe(leader);
  // Never before the Lease has run out: two would write.
  const gap = Date.parse(taken.acquireTime) - Date.parse(last.renewTime);
  expect(gap).toBeGreaterThanOrEqual(last.leaseDurationSeconds * 1_000);

  await seen(user, CARBON_PLACEMENT, 'apps', named('during-job', inState('Dispatched')));
  karmada.setPodStartup(() => 0);
  const done = await seen(user, CARBON_PLACEMENT, 'apps', named('web-deployment', inState('Steady')));
  expect(status.parse(done.status).moves).toEqual([{ result: 'completed' }]);

  // Nothing was done twice, and nothing is left.
  const { items: policies } = await user.list(PROPAGATION_POLICY, { namespace: 'apps' });
  const owners = policies.map(({ metadata }) => metadata.ownerReferences?.[0]?.name ?? metadata.name);
  expect(owners.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(['before', 'during', 'web']);
  for (const name of ['before', 'during']) {
    const there = karmada.members.names.filter((each) => karmada.members.get(each, 'Job', 'apps', name));
    expect(there).toHaveLength(1);
  }
  expect((await user.list(OVERRIDE_POLICY, { namespace: 'apps' })).items).toEqual([]);
  const events = (await user.list(EVENT, { namespace: 'apps' })).items.map((event) => [
    event['reason'],
    event['count'],
  ]);
  expect(events.filter(([reason]) => reason === 'Dispatched')).toHaveLength(2);
  expect(events.filter(([reason]) => reason === 'Adopted')).toEqual([
    ['Adopted', 1],
    ['Adopted', 1],
  ]);
  expect(second.text()).not.toMatch(/"level":50/);
  await second.end('SIGTERM');
}, 300_000);
