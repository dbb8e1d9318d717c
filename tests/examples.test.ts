import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import {
  karmadaDefinitions,
  ocmDefinitions,
  type Sandbox,
  startOcmStandIns,
  startSandbox,
} from '../packages/sandbox/src/index.ts';

const root = new URL('..', import.meta.url).pathname;
/** Upstream's definitions, unmodified; they are not part of this repository. */
const upstream = join(root, '../shared/crds');
const absent = existsSync(upstream) ? '' : ` (skipped: ${upstream} is not there)`;

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

function yamlFiles(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name));
}

function manifestsIn(example: string): readonly { file: string; manifest: Manifest }[] {
  return yamlFiles(join(root, 'examples', example)).flatMap((file) =>
    parseAllDocuments(readFileSync(file, 'utf8')).map((document) => {
      expect(document.errors).toEqual([]);
      const manifest: Manifest = document.toJS();
      return { file, manifest };
    }),
  );
}

function upstreamDefinitions(): readonly string[] {
  const files = ['karmada', 'keda', 'ocm'].flatMap((folder) => yamlFiles(join(upstream, folder)));
  // Karmada serves Cluster by an aggregated API server: upstream has no definition of it.
  const cluster = karmadaDefinitions.filter((text) => text.includes('clusters.cluster.karmada.io'));
  return [...files.map((file) => readFileSync(file, 'utf8')), ...cluster];
}

async function pathOf(sandbox: Sandbox, { apiVersion, kind, metadata }: Manifest): Promise<string> {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const served = await fetch(`${sandbox.url}${group}`);
  const { resources }: { resources: { name: string; kind: string; namespaced: boolean }[] } =
    await served.json();
  const resource = resources.find((candidate) => candidate.kind === kind && !candidate.name.includes('/'));
  expect(resource, `${apiVersion} ${kind} is served`).toBeDefined();
  const place = resource?.namespaced === true ? `/namespaces/${metadata.namespace ?? 'default'}` : '';
  return `${group}${place}/${resource?.name ?? ''}`;
}

/** Creates for real, strictly: a field that the schema does not have is an error. */
async function create(sandbox: Sandbox, manifest: Manifest): Promise<string> {
  const path = await pathOf(sandbox, manifest);
  const response = await fetch(`${sandbox.url}${path}?fieldValidation=Strict`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(manifest),
  });
  return response.ok ? 'accepted' : `${manifest.kind} ${manifest.metadata.name}: ${await response.text()}`;
}

const namespace = (name: string): Manifest => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });

const namespacesFirst = (a: { manifest: Manifest }, b: { manifest: Manifest }): number =>
  Number(b.manifest.kind === 'Namespace') - Number(a.manifest.kind === 'Namespace');

describe.skipIf(absent !== '')(`examples against upstream's definitions${absent}`, () => {
  let sandbox: Sandbox;
  beforeAll(async () => {
    sandbox = await startSandbox({ crds: upstreamDefinitions() });
  });
  afterAll(() => sandbox.stop());

  it.each(['karmada', 'ocm', 'ocm/argocd', 'scaler'])('%s: every manifest is accepted', async (example) => {
    const manifests = manifestsIn(example).toSorted(namespacesFirst);
    // The founding example is one object, word for word: its namespace is somebody else's.
    if (example === 'scaler') await create(sandbox, namespace('ai-training'));
    expect(manifests.length).toBeGreaterThan(3);
    await create(sandbox, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'argocd' } });
    for (const { manifest } of manifests) {
      // Argo CD's definition is not among those of upstream that are here.
      if (manifest.kind === 'ApplicationSet') continue;
      const answer = await create(sandbox, manifest);
      // Both examples make the namespace that they use.
      if (manifest.kind === 'Namespace' && answer.includes('AlreadyExists')) continue;
      expect(answer).toBe('accepted');
    }
  });

  it('would notice a wrong field or a wrong value', async () => {
    const policy = manifestsIn('karmada').find(
      ({ manifest }) => manifest.kind === 'PropagationPolicy',
    )?.manifest;
    expect(policy).toBeDefined();
    const broken = (placement: unknown): Manifest =>
      ({
        ...policy!,
        metadata: { name: 'broken', namespace: 'default' },
        spec: { resourceSelectors: [{ apiVersion: 'apps/v1', kind: 'Deployment' }], placement },
      }) as Manifest;
    expect(await create(sandbox, broken({ clusterAffinty: {} }))).toContain('clusterAffinty');
    expect(
      await create(sandbox, broken({ replicaScheduling: { replicaSchedulingType: 'Scattered' } })),
    ).toContain('Scattered');
    expect(await create(sandbox, broken({}))).toBe('accepted');
  });
});

describe('examples', () => {
  it('show the recommended forms: no weights, no prioritizers', () => {
    for (const file of ['karmada/policy.yaml', 'ocm/placement.yaml', 'ocm/argocd/placement.yaml']) {
      const documents = parseAllDocuments(readFileSync(join(root, 'examples', file), 'utf8'));
      const text = JSON.stringify(documents.map((document): unknown => document.toJS()));
      expect(text).not.toContain('weightPreference');
      expect(text).not.toContain('prioritizerPolicy');
    }
  });

  it('of Argo CD hang together: the generator reads the decisions of the Placement beside it', () => {
    const manifests = manifestsIn('ocm/argocd').map(({ manifest }) => manifest);
    const of = (kind: string): Manifest | undefined => manifests.find((manifest) => manifest.kind === kind);
    const placement = of('Placement')?.metadata;
    expect(of('ApplicationSet')).toMatchObject({
      metadata: { namespace: placement?.namespace },
      spec: {
        generators: [
          {
            clusterDecisionResource: {
              configMapRef: of('ConfigMap')?.metadata.name,
              labelSelector: {
                matchLabels: { 'cluster.open-cluster-management.io/placement': placement?.name },
              },
            },
          },
        ],
      },
    });
    expect(of('ConfigMap')).toMatchObject({
      metadata: { namespace: placement?.namespace },
      data: {
        apiVersion: 'cluster.open-cluster-management.io/v1beta1',
        kind: 'placementdecisions',
        statusListKey: 'decisions',
        matchKey: 'clusterName',
      },
    });
    expect(of('Role')).toMatchObject({
      rules: [{ resources: ['placementdecisions'], verbs: ['get', 'list'] }],
    });
  });

  it('of OCM put the work into one cluster of the set, on the stand-ins', async () => {
    const sandbox = await startSandbox({ crds: ocmDefinitions });
    const europe = { 'example.com/continent': 'europe' };
    const ocm = await startOcmStandIns({
      kubeconfig: sandbox.kubeconfig(),
      clock: { now: Date.now, after: () => undefined },
      clusters: [
        { name: 'ashburn' },
        { name: 'frankfurt', labels: europe },
        { name: 'stockholm', labels: europe },
      ],
    });
    try {
      for (const { manifest } of manifestsIn('ocm').toSorted(namespacesFirst)) {
        expect(await create(sandbox, manifest)).toBe('accepted');
      }
      await ocm.settled();
      expect(ocm.clusters.places('research', 'training')).toMatchObject({
        applied: ['frankfurt'],
        ready: ['frankfurt'],
      });
    } finally {
      await ocm.stop();
      await sandbox.stop();
    }
  });
});
