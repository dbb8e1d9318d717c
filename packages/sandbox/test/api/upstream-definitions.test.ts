import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Client, clientOf, type Json } from './client.ts';
import type { ApiServer } from './real-apiserver.ts';
import { sandboxUnderTest } from './servers.ts';

const FOLDER = fileURLToPath(new URL('../../../../../shared/crds', import.meta.url));
const present = existsSync(FOLDER);
if (!present) process.stdout.write(`upstream definitions: skipped, ${FOLDER} is absent\n`);

const texts = present
  ? ['karmada', 'keda', 'ocm'].flatMap((folder) =>
      readdirSync(`${FOLDER}/${folder}`).map((name) => readFileSync(`${FOLDER}/${folder}/${name}`, 'utf8')),
    )
  : [];
const definitions: Json[] = texts.map((text) => parse(text));
const served = definitions.flatMap(({ spec }) =>
  spec.versions
    .filter((version: Json) => version.served)
    .map(
      (version: Json) => [`/apis/${spec.group}/${version.name}`, spec.names.plural, spec.names.kind] as const,
    ),
);

describe.runIf(present)('definitions of Karmada, KEDA and OCM, as upstream has them', () => {
  let server: ApiServer;
  let api: Client;
  beforeAll(async () => {
    server = await sandboxUnderTest.start(texts);
    api = clientOf(server);
  });
  afterAll(() => server.stop());

  it('are all established', async () => {
    const { body } = await api.get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions');
    const established = body.items.filter(({ status }: Json) =>
      status.conditions.some(
        (condition: Json) => condition.type === 'Established' && condition.status === 'True',
      ),
    );
    expect(established).toHaveLength(definitions.length);
  });

  it.each(served)('%s/%s is listed, discovered and described', async (root, plural, kind) => {
    expect((await api.get(`${root}/${plural}`)).body.kind).toBe(`${kind}List`);
    const { body } = await api.get(root);
    expect(body.resources.map((resource: Json) => resource.name)).toContain(plural);
    const document = await api.get(`/openapi/v3${root}`);
    const kinds = Object.values<Json>(document.body.components.schemas).flatMap(
      (schema) => schema['x-kubernetes-group-version-kind']?.map((one: Json) => one.kind) ?? [],
    );
    expect(kinds).toContain(kind);
  });
});
