import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Sandbox, startSandbox } from '@windvane/sandbox';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { placement } from '../api/fleet.ts';
import { windvane } from './surroundings.ts';

const definition = new URL('../../../../deploy/hub/crd/carbonplacements.windvane.dev.yaml', import.meta.url);
let sandbox: Sandbox;
let folder: string;
let kubeconfig: string;

async function post(path: string, method: string, body: unknown): Promise<void> {
  const response = await fetch(`${sandbox.url}${path}`, {
    method,
    headers: { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(await response.text());
}

beforeAll(async () => {
  sandbox = await startSandbox({ crds: [readFileSync(definition, 'utf8')] });
  folder = mkdtempSync(join(tmpdir(), 'windvane-explain-'));
  kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(kubeconfig, sandbox.kubeconfig());
  const path = '/apis/windvane.dev/v1alpha1/namespaces/default/carbonplacements';
  for (const name of ['web', 'new']) {
    await post(path, 'POST', {
      apiVersion: 'windvane.dev/v1alpha1',
      kind: 'CarbonPlacement',
      metadata: { name: `${name}-deployment` },
      spec: { workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } },
    });
  }
  const {
    hub: _hub,
    namespace: _namespace,
    name: _name,
    kind: _kind,
    ...status
  } = placement('web', {
    saved: { grams: 120.4, percent: 12.34 },
    moves: [
      {
        decision: 'd1',
        startedAt: '2026-06-01T10:00:00Z',
        finishedAt: null,
        result: null,
        from: { blue: 2, red: 2 },
        to: { blue: 3, red: 1 },
      },
    ],
  });
  await post(`${path}/web-deployment/status`, 'PATCH', { status });
});
afterAll(async () => {
  await sandbox.stop();
  rmSync(folder, { recursive: true });
});

describe('explain', () => {
  it('prints the evidence from the status alone', async () => {
    const run = await windvane(['explain', 'Deployment/web', '--kubeconfig', kubeconfig]);
    expect([run.code, run.err]).toEqual([0, '']);
    expect(run.out).toBe(`Deployment default/web: Steady, mode act, data live

Decision of 2026-06-01T12:00:00Z: Blue is the cleanest.
  gain 40.0 %, a moved replica loses 10m, forecasts trusted to 50.0 %

  CLUSTER  ZONE  REPLICAS  G/KWH  WHY
  blue     DE    3         300    cleanest
  red      -     1         -      floor

Moves, newest last:
  2026-06-01T10:00:00Z blue 2, red 2 -> blue 3, red 1: under way

Saved against how it was found: 120 g CO2e (12.3 %)
`);
  });

  it('gives the status to machines, and takes the kubeconfig from the environment', async () => {
    const run = await windvane(['explain', 'deployment/web', '-n', 'default', '--json'], {
      environment: { WINDVANE_KARMADA_KUBECONFIG: kubeconfig },
    });
    expect(run.json()).toMatchObject({
      namespace: 'default',
      name: 'web',
      state: 'Steady',
      decision: { id: 'd1' },
    });
  });

  it('brings what would take an obstacle away, to be pasted', async () => {
    const path = '/apis/windvane.dev/v1alpha1/namespaces/default/carbonplacements';
    await post(path, 'POST', {
      apiVersion: 'windvane.dev/v1alpha1',
      kind: 'CarbonPlacement',
      metadata: { name: 'pay-deployment' },
      spec: { workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'pay' } },
    });
    const status = {
      mode: 'act',
      state: 'Blocked',
      reason: 'ServesTraffic',
      conditions: [
        {
          type: 'Blocked',
          status: 'True',
          reason: 'ServesTraffic',
          message: 'Service default/pay sends traffic to it',
          lastTransitionTime: '2026-06-01T12:00:00Z',
        },
      ],
    };
    await post(`${path}/pay-deployment/status`, 'PATCH', { status });
    const run = await windvane(['explain', 'Deployment/pay', '--kubeconfig', kubeconfig]);
    expect(run.out).toContain(`  Blocked: Service default/pay sends traffic to it
  Remedy, if its users do not mind where it runs (realtime if they do):
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      namespace: default
      name: pay
      annotations:
        windvane.dev/latency-class: "flexible"
`);
  });

  it.each([
    [
      'misspelt',
      { 'windvane.dev/placment': 'follow-the-wind' },
      'placment: did you mean windvane.dev/placement?',
    ],
    ['bounded', { 'windvane.dev/max-share': '50' }, 'max-share without windvane.dev/placement: annotate it'],
    ['early', { 'windvane.dev/placement': 'observe' }, 'check that a controller runs on this API server'],
  ])('reads the annotations of an object without a CarbonPlacement: %s', async (name, annotations, words) => {
    await post('/apis/apps/v1/namespaces/default/deployments', 'POST', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, annotations },
      spec: {
        selector: { matchLabels: { app: name } },
        template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, image: name }] } },
      },
    });
    const run = await windvane(['explain', `deployment/${name}`, '--kubeconfig', kubeconfig]);
    expect(run.code).toBe(2);
    expect(run.err).toContain(`Deployment default/${name} `);
    expect(run.err).toContain(words);
  });

  it('says what is waited for', async () => {
    const path = '/apis/windvane.dev/v1alpha1/namespaces/default/carbonplacements/web-deployment/status';
    const message = 'Deployment default/web is being rolled out in blue; it is not moved meanwhile';
    const ready = { type: 'Ready', status: 'False', reason: 'Pending', message };
    const conditions = [{ ...ready, lastTransitionTime: '2026-06-01T12:00:00Z' }];
    await post(path, 'PATCH', { status: { state: 'Pending', conditions } });
    const run = await windvane(['explain', 'deployment/web', '--kubeconfig', kubeconfig]);
    expect(run.out).toContain(`Deployment default/web: Pending, mode act, data live\n  ${message}\n`);
  });

  it('says why everything is frozen, and how that ends', async () => {
    const path = '/apis/windvane.dev/v1alpha1/namespaces/default/carbonplacements/web-deployment/status';
    const message = 'Everything is frozen (release day). Blue is the cleanest.';
    const ready = { type: 'Ready', status: 'True', reason: 'Placed', message };
    const conditions = [{ ...ready, lastTransitionTime: '2026-06-01T12:00:00Z' }];
    await post(path, 'PATCH', { status: { state: 'Frozen', conditions } });
    const run = await windvane(['explain', 'deployment/web', '--kubeconfig', kubeconfig]);
    expect(run.out).toContain(`Deployment default/web: Frozen, mode act, data live
  ${message}
  Remedy: kubectl delete configmap windvane-freeze -n windvane-system
`);
  });

  it('says that there is no decision yet', async () => {
    const run = await windvane(['explain', 'Deployment/new', '--kubeconfig', kubeconfig]);
    expect(run.code).toBe(0);
    expect(run.out).toContain('waiting for its first decision');
  });

  it.each([
    [['explain', 'Deployment/none'], /Deployment default\/none has no CarbonPlacement: annotate it/],
    [['explain', 'Deployment/web', '-n', 'other'], /Deployment other\/web has no CarbonPlacement/],
    [['explain', 'Deployment/web', '--context', 'nope'], /no context "nope"/],
  ])('%j is told with its remedy', async (args, message) => {
    const run = await windvane([...args, '--kubeconfig', kubeconfig]);
    expect(run.code).toBe(2);
    expect(run.err).toMatch(message);
  });
});
