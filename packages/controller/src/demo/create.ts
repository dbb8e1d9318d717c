import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { fnv1a32 } from '../engine/division/webster.ts';
import type { Manifest } from './manifests.ts';

const CARBON_PLACEMENT_DEFINITION = new URL(
  '../../../../deploy/hub/crd/carbonplacements.windvane.dev.yaml',
  import.meta.url,
);

/** What every hub needs for Windvane's statuses. */
export function carbonPlacementDefinition(): string {
  return readFileSync(CARBON_PLACEMENT_DEFINITION, 'utf8');
}

const PLURALS: Readonly<Record<string, string>> = {
  Namespace: 'namespaces',
  Service: 'services',
  Deployment: 'deployments',
  Job: 'jobs',
  PropagationPolicy: 'propagationpolicies',
  ManagedClusterSet: 'managedclustersets',
  ManagedClusterSetBinding: 'managedclustersetbindings',
  Placement: 'placements',
  ManifestWorkReplicaSet: 'manifestworkreplicasets',
};

const created = z.object({ metadata: z.object({ uid: z.string() }) });
const TRIES = 64;

/**
 * Creates an object until its UID is one that breaks Karmada's ties by ascending names: ties are broken by a hash of
 * the UID, which is random, and the demo is to end the same every time.
 */
export async function create(url: string, manifest: Manifest): Promise<void> {
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
  throw new Error(`the demo's API refused ${method} ${kind} ${metadata.name}: ${await response.text()}`);
}
