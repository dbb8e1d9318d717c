import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVirtualClock, HOUR, MINUTE, SECOND, startOfHour } from '@windvane/carbon-map';
import type { KubeObject } from '@windvane/controller/kube';
import { expect, it, onTestFinished } from 'vitest';
import { type Cluster, manifest, startCluster, typeOf } from '../support/cluster.ts';
import { fakeHub, hubView, hubZone } from '../support/hub.ts';
import { kustomize, post } from '../support/kustomize.ts';
import { freePort } from '../support/port.ts';
import { startProgram } from '../support/program.ts';
import { type Access, startRecorder } from '../support/recorder.ts';

const ACCOUNT = 'system:serviceaccount:windvane-system:windvane-scaler';
const WEBHOOK = 'windvane-scaler-webhook.windvane-system.svc';
const scaledObject = { namespace: 'ai-training', name: 'carbon-aware-training-job' };

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}
interface Granted {
  readonly right: string;
  readonly uses: (access: Access) => boolean;
}

function granted(): Granted[] {
  const rules = manifest('deploy/scaler/base/roles.yaml').flatMap(
    (role): readonly Rule[] => Object(role).rules ?? [],
  );
  return rules.flatMap(({ apiGroups, resources, verbs, resourceNames = [''] }) =>
    apiGroups.flatMap((group) =>
      resources.flatMap((plural) =>
        verbs.flatMap((verb) =>
          resourceNames.map((name) => ({
            right: `${group}/${plural} ${name} ${verb}`,
            uses: (access: Access) =>
              access.resource === `${group}/${plural}` &&
              access.verb === verb &&
              (name === '' || access.name === name),
          })),
        ),
      ),
    ),
  );
}

function job(name: string, startBy: string): KubeObject {
  return {
    kind: 'Job',
    metadata: {
      name,
      namespace: 'ai-training',
      labels: { 'windvane.dev/gate': 'true' },
      annotations: { 'windvane.dev/start-by': startBy },
    },
    spec: {
      suspend: true,
      template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'x' }] } },
    },
  };
}

async function triggerTypes({ user }: Cluster, kind: string, name: string): Promise<string[]> {
  const { spec } = await user.get(typeOf(kind), { namespace: 'ai-training', name });
  return Object(spec).triggers.map(({ type }: { type: string }) => type);
}

it('the roles of deploy/scaler allow everything that the program asks for, and nothing that it does not', async () => {
  const port = await freePort();
  // The webhook's certificate is held to the time of the machine.
  const clock = createVirtualClock(Date.now());
  const cluster = await startCluster({
    users: [ACCOUNT],
    now: () => clock.now(),
    services: { [`${WEBHOOK.split('.')[1]}/${WEBHOOK.split('.')[0]}:443`]: `127.0.0.1:${port}` },
  });
  onTestFinished(() => cluster.stop());
  const recorder = await startRecorder(cluster.sandbox.url);
  onTestFinished(() => recorder.stop());
  const folder = mkdtempSync(join(tmpdir(), 'windvane-scaler-roles-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(
    kubeconfig,
    cluster.sandbox.kubeconfig(ACCOUNT).replaceAll(cluster.sandbox.url, recorder.url),
  );

  // Came in before admission was there.
  await cluster.namespace('ai-training');
  const [training] = manifest('examples/scaler/training.yaml');
  const scaledJob = {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledJob',
    metadata: { name: 'sweep', namespace: 'ai-training' },
    spec: { jobTargetRef: {}, triggers: Object(training?.spec).triggers },
  };
  await cluster.create(...(training === undefined ? [] : [training]), scaledJob, job('night', '2h'));
  const shipped = await kustomize('deploy/scaler');
  const isWebhook = ({ kind }: KubeObject): boolean => kind === 'MutatingWebhookConfiguration';
  for (const object of shipped.filter((each) => !isWebhook(each)))
    expect(await post(cluster.sandbox.url, object)).toBe('accepted');

  // A frozen hub: the Job waits for its latest start.
  const hub = await fakeHub();
  const zone = hubZone('DE', { present: 400, ahead: [400, 100, 400], at: startOfHour(clock.now()) });
  hub.answer = ({ body }) =>
    body === ''
      ? { status: 200, body: hubView([zone], { frozen: true }) }
      : { status: 200, body: { data: { reportHolds: 0 } } };
  const program = await startProgram(
    {
      WINDVANE_KUBECONFIG: kubeconfig,
      WINDVANE_WEBHOOK_LISTEN: `127.0.0.1:${port}`,
      WINDVANE_CLUSTER: 'blue',
      WINDVANE_HUB_URL: hub.url,
      WINDVANE_HUB_TOKEN_FILE: hub.tokenFile,
    },
    clock,
  );
  // Every kind is read once, whatever parts look at it.
  const lists = recorder.seen.filter(({ verb }) => verb === 'list').map(({ resource }) => resource);
  expect(lists.toSorted()).toEqual(['batch/jobs', 'keda.sh/scaledjobs', 'keda.sh/scaledobjects']);
  /** Time goes on until something is so. */
  async function until(what: string, done: () => boolean | Promise<boolean>): Promise<void> {
    for (let turn = 0; !(await done()); turn += 1) {
      if (turn > 1_000) throw new Error(`never: ${what}`);
      clock.advance(SECOND);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
  const events = async (reason: string): Promise<KubeObject[]> =>
    (await cluster.user.list(typeOf('Event'))).items.filter((event) => Object(event).reason === reason);
  await until('told again that nothing converts', async () =>
    (await events('NotConverted')).some((event) => Object(event).count > 1),
  );
  for (const object of shipped.filter(isWebhook))
    expect(await post(cluster.sandbox.url, object)).toBe('accepted');
  await until('healed', async () =>
    [
      await triggerTypes(cluster, 'ScaledObject', scaledObject.name),
      await triggerTypes(cluster, 'ScaledJob', 'sweep'),
    ].every(([type]) => type === 'external'),
  );
  const night = async (): Promise<KubeObject> =>
    cluster.user.get(typeOf('Job'), { namespace: 'ai-training', name: 'night' });
  await until(
    'planned',
    async () => (await night()).metadata.annotations?.['windvane.dev/gate-status'] !== undefined,
  );
  const metrics = async (): Promise<string> => (await fetch(`${program.metrics}/metrics`)).text();
  expect(await metrics()).toContain('windvane_scaler_gate_jobs_waiting 1');
  clock.advance(2 * HOUR - MINUTE);
  await until('let go', async () => Object((await night()).spec).suspend === false);
  await until('counted', async () => (await metrics()).includes('windvane_scaler_gate_jobs_waiting 0'));
  expect(await metrics()).toMatch(/windvane_scaler_gate_released_total\{start="latest"\} 1/);
  await program.stop();

  expect(recorder.seen.filter(({ status }) => status === 403)).toEqual([]);
  const rights = granted();
  expect(rights.length).toBeGreaterThan(15);
  expect(rights.filter(({ uses }) => !recorder.seen.some(uses)).map(({ right }) => right)).toEqual([]);
  expect(recorder.seen.filter((access) => !rights.some(({ uses }) => uses(access)))).toEqual([]);
}, 120_000);
