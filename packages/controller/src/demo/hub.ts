import { readFileSync } from 'node:fs';
import {
  type KarmadaStandIns,
  karmadaDefinitions,
  type Sandbox,
  startKarmadaStandIns,
  startSandbox,
} from '@windvane/sandbox';
import { z } from 'zod';
import { fnv1a32 } from '../engine/division/webster.ts';
import { clusterMembers, type Manifest, workloadManifests } from './fleet.ts';
import type { LockstepClock } from './lockstep.ts';

/** The demo's Karmada: an API in this process, with stand-ins for Karmada's controllers and for its members. */
export interface DemoHub {
  readonly sandbox: Sandbox;
  readonly standIns: KarmadaStandIns;
  /** Applies the workloads as their owner would. */
  applyWorkloads(): Promise<void>;
  stop(): Promise<void>;
}

const CARBON_PLACEMENT_DEFINITION = new URL(
  '../../../../deploy/hub/crd/carbonplacements.windvane.dev.yaml',
  import.meta.url,
);
/** Pods take 40 to 85 seconds to become ready, by cluster. */
const STARTUP_BASE = 40_000;
const STARTUP_STEP = 7_500;

export async function startHub(clock: LockstepClock): Promise<DemoHub> {
  const sandbox = await startSandbox({
    crds: [...karmadaDefinitions, readFileSync(CARBON_PLACEMENT_DEFINITION, 'utf8')],
    now: () => clock.now(),
  });
  const members = clusterMembers();
  const names = members.map((member) => member.name);
  const standIns = await startKarmadaStandIns({
    kubeconfig: sandbox.kubeconfig(),
    clock: { now: () => clock.now(), after: (delay, task) => void clock.after(delay, task) },
    members,
    podStartup: (cluster) => STARTUP_BASE + STARTUP_STEP * Math.max(0, names.indexOf(cluster)),
  });
  return {
    sandbox,
    standIns,
    async applyWorkloads() {
      for (const manifest of workloadManifests()) await create(sandbox.url, manifest);
    },
    async stop() {
      await standIns.stop();
      await sandbox.stop();
    },
  };
}

const PLURALS: Readonly<Record<string, string>> = {
  Namespace: 'namespaces',
  Service: 'services',
  Deployment: 'deployments',
  Job: 'jobs',
  PropagationPolicy: 'propagationpolicies',
};

const created = z.object({ metadata: z.object({ uid: z.string() }) });
const TRIES = 64;

/**
 * Creates an object until its UID is one that breaks Karmada's ties by ascending names: ties are broken by a hash of
 * the UID, which is random, and the demo is to end the same every time.
 */
async function create(url: string, manifest: Manifest): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { metadata } = created.parse(await send(url, 'POST', manifest));
    if (fnv1a32(metadata.uid) % 2 === 0 || manifest.kind !== 'Deployment') return;
    await send(url, 'DELETE', manifest);
  }
}

/** Written by somebody else than Windvane: who wrote a field decides who may change it. */
async function send(url: string, method: 'POST' | 'DELETE', manifest: Manifest): Promise<unknown> {
  const { apiVersion, kind, metadata } = manifest;
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const place = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
  const name = method === 'POST' ? '' : `/${metadata.name}`;
  const response = await fetch(
    `${url}${root}${place}/${PLURALS[kind] ?? ''}${name}?fieldManager=demo-owner`,
    {
      method,
      headers: { 'content-type': 'application/json' },
      ...(method === 'POST' ? { body: JSON.stringify(manifest) } : {}),
    },
  );
  if (response.ok) return response.json();
  throw new Error(`the demo's hub refused ${method} ${kind} ${metadata.name}: ${await response.text()}`);
}
