import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { karmadaDefinitions, type Sandbox, startSandbox } from '@windvane/sandbox';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { type Kubectl, kubectlFor } from '../../../sandbox/test/api/kubectl.ts';
import { loadConfig } from '../../src/config/config.ts';

const folder = (name: string): string =>
  fileURLToPath(new URL(`../../../../deploy/hub/${name}`, import.meta.url));
const text = (file: string): string => readFileSync(folder(file), 'utf8');

/** The parts of the Deployment that people's policies ask for. */
const deployment = z.object({
  spec: z.object({
    replicas: z.number(),
    template: z.object({
      spec: z.object({
        serviceAccountName: z.string(),
        automountServiceAccountToken: z.boolean(),
        securityContext: z.record(z.string(), z.unknown()),
        volumes: z.array(z.looseObject({ name: z.string() })),
        containers: z.tuple([
          z.looseObject({
            image: z.string(),
            args: z.array(z.string()),
            securityContext: z.record(z.string(), z.unknown()),
            volumeMounts: z.array(
              z.object({ name: z.string(), mountPath: z.string(), readOnly: z.boolean() }),
            ),
          }),
        ]),
      }),
    }),
  }),
});
const object = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) });

describe('deploy/hub', () => {
  let host: Sandbox;
  let kubectl: Kubectl;
  let rendered: z.infer<typeof object>[];

  beforeAll(async () => {
    host = await startSandbox({ crds: karmadaDefinitions });
    kubectl = await kubectlFor(host.kubeconfig(), mkdtempSync(join(tmpdir(), 'windvane-hub-')));
    const { stdout, stderr } = await kubectl.run(['kustomize', folder('controller')]);
    if (stderr !== '') throw new Error(stderr);
    rendered = parseAllDocuments(stdout).map((each) => object.parse(each.toJS()));
  }, 120_000);
  afterAll(() => host.stop());

  const find = (kind: string) => rendered.find((each) => each.kind === kind);

  it.each(['controller', 'karmada'])('%s is accepted by an API server, field by field', async (name) => {
    const { stdout, stderr, code } = await kubectl.run([
      'apply',
      '--server-side',
      '--validate=strict',
      '-k',
      folder(name),
    ]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.trim().split('\n').length).toBeGreaterThan(4);
  });

  it('has no right at all where it runs', () => {
    expect(rendered.map(({ kind }) => kind).sort()).toEqual([
      'ConfigMap',
      'Deployment',
      'Namespace',
      'NetworkPolicy',
      'PodDisruptionBudget',
      'Service',
      'ServiceAccount',
    ]);
    expect(find('ServiceAccount')).toMatchObject({ automountServiceAccountToken: false });
    expect(deployment.parse(find('Deployment')).spec.template.spec.automountServiceAccountToken).toBe(false);
  });

  it('keeps the restricted pod security standard, on a root that nobody writes', () => {
    const { spec } = deployment.parse(find('Deployment'));
    expect(spec.replicas).toBe(2);
    const [container] = spec.template.spec.containers;
    expect(spec.template.spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      seccompProfile: { type: 'RuntimeDefault' },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(find('Namespace')?.metadata).toMatchObject({
      labels: { 'pod-security.kubernetes.io/enforce': 'restricted' },
    });
  });

  it('comes in observe, with every path of its configuration under a mount', () => {
    const config = loadConfig(folder('controller/windvane.yaml'), {});
    const [container] = deployment.parse(find('Deployment')).spec.template.spec.containers;
    const mounts = container.volumeMounts.map(({ mountPath }) => `${mountPath}/`);
    const paths = [
      config.karmada?.kubeconfig ?? '',
      config.api.tokensFile ?? '',
      container.args.at(-1) ?? '',
    ];
    expect(config.mode).toBe('observe');
    for (const path of paths) expect(mounts.some((mount) => path.startsWith(mount))).toBe(true);
    expect(config.api.listen).toMatchObject({ port: 4280 });
  });

  it('names one image, the one that its Dockerfile is said to make', () => {
    const [container] = deployment.parse(find('Deployment')).spec.template.spec.containers;
    expect(text('Dockerfile')).toContain(`-t ${container.image} .`);
  });

  it('is made from the package manager and the Node that this repository pins', () => {
    const pinned = z
      .object({ packageManager: z.string() })
      .parse(
        JSON.parse(readFileSync(fileURLToPath(new URL('../../../../package.json', import.meta.url)), 'utf8')),
      );
    const dockerfile = text('Dockerfile');
    expect(dockerfile).toContain(pinned.packageManager.split('+')[0]);
    expect(dockerfile.match(/^FROM (\S+)/gm)).toEqual([
      'FROM node:24-bookworm-slim',
      'FROM node:24-bookworm-slim',
    ]);
    expect(dockerfile).toMatch(/^USER 65532:65532$/m);
  });

  /** Renders an overlay beside a copy of the folders, as docs/install.md has it. */
  async function overlaid(kustomization: readonly string[], configuration: string): Promise<string> {
    const overlay = mkdtempSync(join(tmpdir(), 'windvane-overlay-'));
    onTestFinished(() => rmSync(overlay, { recursive: true }));
    writeFileSync(join(overlay, 'windvane.yaml'), configuration);
    writeFileSync(join(overlay, 'kustomization.yaml'), kustomization.join('\n'));
    for (const name of ['controller', 'controller-tls']) {
      cpSync(folder(name), join(overlay, name), { recursive: true });
    }
    const { stdout, stderr } = await kubectl.run(['kustomize', overlay]);
    expect(stderr).toBe('');
    return stdout;
  }
  const CONFIGURED = [
    'configMapGenerator:',
    '  - { name: windvane-controller, namespace: windvane-system, behavior: replace, files: [windvane.yaml] }',
  ];

  it('can be overlaid with an image and a configuration', async () => {
    const image = 'images: [{ name: windvane-controller, newName: example.com/wind, newTag: "1" }]';
    const made = await overlaid(['resources: [controller]', image, ...CONFIGURED], 'mode: act\n');
    expect(made).toContain('image: example.com/wind:1');
    expect(made).toContain('windvane.yaml: |\n    mode: act');
  });

  it('speaks TLS with a component, the certificate where the page says, probes included', async () => {
    const page = readFileSync(fileURLToPath(new URL('../../../../docs/install.md', import.meta.url)), 'utf8');
    const [, configuration = ''] = /# in windvane\.yaml\n([^`]+)```/.exec(page) ?? [];
    const made = await overlaid(
      ['resources: [controller]', 'components: [controller-tls]', ...CONFIGURED],
      configuration,
    );
    const file = join(mkdtempSync(join(tmpdir(), 'windvane-config-')), 'windvane.yaml');
    onTestFinished(() => rmSync(dirname(file), { recursive: true }));
    writeFileSync(file, configuration);
    const { tls } = loadConfig(file, {}).api;
    const found = parseAllDocuments(made).map((each) => object.parse(each.toJS()));
    const [container] = deployment.parse(found.find(({ kind }) => kind === 'Deployment')).spec.template.spec
      .containers;
    const mounts = container.volumeMounts.map(({ mountPath }) => `${mountPath}/`);
    for (const { path } of tls === null ? [] : [tls.cert, tls.key]) {
      expect(mounts.some((mount) => path.startsWith(mount))).toBe(true);
    }
    expect(tls).not.toBeNull();
    for (const probe of ['startupProbe', 'readinessProbe', 'livenessProbe']) {
      expect(container[probe]).toMatchObject({ httpGet: { port: 'api', scheme: 'HTTPS' } });
    }
    const { stderr, code } = await kubectl.run(
      ['apply', '--server-side', '--dry-run=server', '--validate=strict', '-f', '-'],
      made,
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
