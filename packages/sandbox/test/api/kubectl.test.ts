import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { karmadaDefinitions } from '../../src/index.ts';
import { WIDGETS } from './behaviour/fixtures.ts';
import { clientOf } from './client.ts';
import { type Kubectl, kubectlFor, type Run } from './kubectl.ts';
import type { ApiServer } from './real-apiserver.ts';
import { serversUnderTest } from './servers.ts';

const PLACEMENTS = fileURLToPath(
  new URL('../../../../deploy/hub/crd/carbonplacements.windvane.dev.yaml', import.meta.url),
);

const deployment = (replicas: number, image = 'registry.example/app:1'): string => `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop, labels: { app: web } }
spec:
  replicas: ${replicas}
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: ${image} }] }
`;

const policy = (preference: string): string => `
apiVersion: policy.karmada.io/v1alpha1
kind: PropagationPolicy
metadata: { name: web, namespace: shop }
spec:
  resourceSelectors: [{ apiVersion: apps/v1, kind: Deployment, name: web }]
  placement:
    replicaScheduling:
      replicaSchedulingType: Divided
      replicaDivisionPreference: ${preference}
`;

const widget = (colour: string): string => `
apiVersion: suite.example.com/v1
kind: Widget
metadata: { name: one, namespace: shop }
spec: { colour: ${colour} }
`;

describe.each(serversUnderTest('kubectl'))(
  'kubectl against $name',
  ({ start }) => {
    let server: ApiServer;
    let folder: string;
    let kubectl: Kubectl;
    const ok = async (args: string, input?: string): Promise<string> => {
      const run = await kubectl.run(args.split(' '), input);
      expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: expect.any(String) });
      return run.stdout;
    };
    const fails = async (args: string, input?: string): Promise<Run> => {
      const run = await kubectl.run(args.split(' '), input);
      expect(run.code).not.toBe(0);
      return run;
    };
    beforeAll(async () => {
      const definitions = [WIDGETS, ...karmadaDefinitions, await readFile(PLACEMENTS, 'utf8')];
      server = await start(definitions);
      folder = await mkdtemp(join(tmpdir(), 'kubectl-'));
      kubectl = await kubectlFor(server.kubeconfig(), folder);
      await ok('create namespace shop');
    }, 180_000);
    afterAll(async () => {
      await server?.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it('finds the server and its resources', async () => {
      expect(await ok('version')).toMatch(/Server Version: v1\.\d+/);
      const resources = await ok('api-resources --api-group=suite.example.com --no-headers');
      expect(resources.split(/\s+/).slice(0, 5)).toEqual([
        'widgets',
        'wd',
        'suite.example.com/v1',
        'true',
        'Widget',
      ]);
      expect(await ok('get namespaces --no-headers')).toMatch(/^default +Active +\d+s$/m);
      expect(await ok('auth can-i create deployments')).toBe('yes\n');
    });

    it('applies, shows and updates a Deployment', async () => {
      expect(await ok('apply -f -', deployment(2))).toBe('deployment.apps/web created\n');
      expect(await ok('apply -f -', deployment(2))).toBe('deployment.apps/web unchanged\n');
      expect(await ok('get deploy -A --no-headers')).toMatch(/^shop +web +0\/2 +0 +0 +\d+s$/m);
      expect(await ok('apply -f -', deployment(3))).toBe('deployment.apps/web configured\n');
      expect(await ok('get deploy web -n shop -o jsonpath={.spec.replicas}')).toBe('3');
      expect(await ok('get deploy web -n shop -o name')).toBe('deployment.apps/web\n');
      const described = await ok('describe deploy web -n shop');
      expect(described).toMatch(
        /^Replicas: +3 desired \| 0 updated \| 0 total \| 0 available \| 0 unavailable$/m,
      );
      expect(described).toMatch(/^ +Image: +registry.example\/app:1$/m);
      expect(described).toMatch(/^Events: +<none>$/m);
    });

    it('scales, patches, labels and sets images', async () => {
      await ok('apply -f -', deployment(3));
      expect(await ok('scale deploy web -n shop --replicas=5')).toBe('deployment.apps/web scaled\n');
      expect(await ok('get deploy web -n shop -o jsonpath={.spec.replicas}')).toBe('5');
      expect(await ok('patch deploy web -n shop -p {"spec":{"replicas":6}}')).toBe(
        'deployment.apps/web patched\n',
      );
      expect(await ok('label deploy web -n shop tier=front')).toBe('deployment.apps/web labeled\n');
      expect(await ok('annotate deploy web -n shop windvane.dev/placement=observe')).toContain('annotated');
      expect(await ok('set image deploy web -n shop main=registry.example/app:2')).toContain('image updated');
      const found = await ok('get deploy -n shop -l tier=front -o jsonpath={.items[*].metadata.name}');
      expect(found).toBe('web');
    });

    it('shows a custom resource with its columns, and follows it', async () => {
      expect(await ok('apply -f -', widget('red'))).toBe('widget.suite.example.com/one created\n');
      const table = (await ok('get wd -A')).split('\n');
      expect(table[0]?.split(/\s+/)).toEqual(['NAMESPACE', 'NAME', 'COLOUR', 'REPLICAS', 'READY', 'AGE']);
      expect(table[1]?.split(/\s+/).slice(0, 4)).toEqual(['shop', 'one', 'red', '1']);
      const follow = kubectl.follow(['get', 'wd', '-n', 'shop', '-w', '--no-headers']);
      expect(await follow.next()).toMatch(/^one +red +1/);
      expect(await ok('apply -f -', widget('blue'))).toBe('widget.suite.example.com/one configured\n');
      expect(await follow.next()).toMatch(/^one +blue +1/);
      follow.stop();
      const described = await ok('describe wd one -n shop');
      expect(described).toMatch(/^ +Colour: +blue$/m);
      expect(described).toMatch(/^Kind: +Widget$/m);
      const yaml = await ok('get wd one -n shop -o yaml');
      expect(yaml).toMatch(/^kind: Widget$/m);
      expect(yaml).toContain('kubectl.kubernetes.io/last-applied-configuration');
    });

    it('refuses what the schema refuses', async () => {
      const bad = await fails('apply -f -', widget('pink'));
      expect(bad.stderr).toContain(
        'spec.colour: Unsupported value: "pink": supported values: "red", "green", "blue"',
      );
      const unknown = await fails('apply -f -', `${widget('red').trimEnd().slice(0, -2)}, nonsense: 1 }\n`);
      expect(unknown.stderr).toContain('strict decoding error: unknown field "spec.nonsense"');
      const absent = await fails('get wd nobody -n shop');
      expect(absent.stderr).toBe(
        'Error from server (NotFound): widgets.suite.example.com "nobody" not found\n',
      );
      const kind = await fails('get nosuchthings');
      expect(kind.stderr).toBe('error: the server doesn\'t have a resource type "nosuchthings"\n');
    });

    it('applies on the server side and names who conflicts', async () => {
      await ok('create namespace ssa');
      const manifest = policy('Weighted').replaceAll('shop', 'ssa');
      const applied = await ok('apply --server-side -f -', manifest);
      expect(applied).toBe('propagationpolicy.policy.karmada.io/web serverside-applied\n');
      const other = policy('Aggregated').replaceAll('shop', 'ssa');
      const conflict = await fails('apply --server-side --field-manager=other -f -', other);
      expect(conflict.stderr).toContain(
        'Apply failed with 1 conflict: conflict with "kubectl": .spec.placement.replicaScheduling.replicaDivisionPreference',
      );
      await ok('apply --server-side --force-conflicts --field-manager=other -f -', other);
      const managers = await ok(
        'get pp web -n ssa -o jsonpath={.metadata.managedFields[*].manager} --show-managed-fields',
      );
      expect(managers.split(' ').toSorted()).toEqual(['kubectl', 'other']);
    });

    it('shows a difference before it is applied', async () => {
      await ok('apply -f -', policy('Weighted'));
      expect(await ok('diff -f -', policy('Weighted'))).toBe('');
      const changed = await fails('diff -f -', policy('Aggregated'));
      expect(changed.code).toBe(1);
      expect(changed.stdout).toMatch(/^-.+replicaDivisionPreference: Weighted$/m);
      expect(changed.stdout).toMatch(/^\+.+replicaDivisionPreference: Aggregated$/m);
      const kept = await ok('get pp web -n shop -o yaml');
      expect(kept).toContain('replicaDivisionPreference: Weighted');
    });

    it('explains fields', async () => {
      const explained = await ok('explain widget.spec.colour');
      expect(explained).toMatch(/^FIELD: colour <string>$/m);
      expect(explained).toContain('red');
      expect(await ok('explain deployment.spec.replicas')).toMatch(/^FIELD: replicas <integer>$/m);
      expect(await ok('explain pp.metadata.labels')).toMatch(/^FIELD: labels <map\[string\]string>$/m);
    });

    it('prints placements as Windvane defines them', async () => {
      const api = clientOf(server);
      const path = '/apis/windvane.dev/v1alpha1/namespaces/shop/carbonplacements';
      const made = await api.post(path, {
        apiVersion: 'windvane.dev/v1alpha1',
        kind: 'CarbonPlacement',
        metadata: { name: 'web-deployment' },
        spec: { workloadRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
      });
      expect(made.status).toBe(201);
      const [head, row] = (await ok('get cpl -A')).split('\n');
      expect(head).toMatch(/^NAMESPACE +NAME +WORKLOAD +MODE +STATE/);
      expect(row).toMatch(/^shop +web-deployment +/);
      expect(await ok('describe cpl web-deployment -n shop')).toMatch(/^Kind: +CarbonPlacement$/m);
    });

    it('makes what Windvane tells people to make', async () => {
      await ok('create namespace windvane-system');
      const made = await ok('create configmap windvane-freeze -n windvane-system --from-literal=frozen=true');
      expect(made).toBe('configmap/windvane-freeze created\n');
      await ok('create secret generic token -n windvane-system --from-literal=word=open');
      await ok('create serviceaccount windvane -n windvane-system');
      await ok(
        'create deployment api -n windvane-system --image=registry.example/api:1 --replicas=0 --port=8080',
      );
      await ok('create job once -n windvane-system --image=registry.example/job:1 -- run --all');
      await ok('create role reader -n windvane-system --verb=get,list --resource=pods');
      const created = await ok(
        'get deploy api -n windvane-system -o jsonpath={.spec.replicas}{.spec.template.spec.containers[0].ports}',
      );
      expect(created).toBe('0[{"containerPort":8080,"protocol":"TCP"}]');
      const job = await ok(
        'get job once -n windvane-system -o jsonpath={.spec.template.spec.containers[0].command}',
      );
      expect(job).toBe('["run","--all"]');
      const frozen = await ok('get cm windvane-freeze -n windvane-system -o jsonpath={.data.frozen}');
      expect(frozen).toBe('true');
    });

    it('deletes, and waits until it is done', async () => {
      await ok('apply -f -', deployment(2));
      await ok('apply -f -', policy('Weighted'));
      expect(await ok('delete deploy web -n shop')).toContain('deployment.apps "web" deleted');
      expect(await ok('delete -f -', policy('Weighted'))).toContain(
        'propagationpolicy.policy.karmada.io "web" deleted',
      );
      const gone = await fails('get deploy web -n shop');
      expect(gone.stderr).toBe('Error from server (NotFound): deployments.apps "web" not found\n');
    });
  },
  60_000,
);
