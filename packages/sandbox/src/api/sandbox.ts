import { randomUUID } from 'node:crypto';
import { parseAllDocuments, stringify } from 'yaml';
import type { ServiceAddresses } from './admission/call.ts';
import { createUsers, tokenOf } from './authorization/users.ts';
import { serveDefinitions } from './controllers/definitions.ts';
import { collectGarbage } from './controllers/garbage.ts';
import { INTERNAL } from './controllers/internal.ts';
import { deleteNamespaces } from './controllers/namespaces.ts';
import type { ApiCore } from './core.ts';
import { createApiServer } from './http/server.ts';
import { builtinResources } from './registry/builtin.ts';
import { Registry } from './registry/registry.ts';
import { Store } from './storage/store.ts';
import { create } from './write/create.ts';

/** Settings of a sandbox; all have defaults. */
export interface SandboxOptions {
  /** TCP port on loopback; 0 (the default) takes a free one. */
  readonly port?: number;
  /** CustomResourceDefinitions as YAML, one or more documents each. */
  readonly crds?: readonly string[];
  /** The clock, in Unix milliseconds. */
  readonly now?: () => number;
  /**
   * Bearer token that clients must send. None by default: kubectl keeps tokens to itself on plain HTTP.
   */
  readonly token?: string;
  /**
   * Users beside the administrator. They may do what the roles that are bound to them allow, and are known by the
   * token in `kubeconfig(user)`.
   */
  readonly users?: readonly string[];
  /** Events per resource that a watch can look back on (2000). */
  readonly historyLimit?: number;
  /** Milliseconds between the bookmarks of a watch (30000). */
  readonly bookmarkInterval?: number;
  /**
   * Where the Services that webhook configurations name are: `namespace/name:port` to `host:port`. Nothing
   * routes the addresses of Services here.
   */
  readonly services?: ServiceAddresses;
}

/** Where a resource is served. */
interface Served {
  readonly apiVersion: string;
  readonly plural: string;
}

/** A running Kubernetes API in this process. */
export interface Sandbox {
  /** `http://127.0.0.1:PORT` */
  readonly url: string;
  /** A kubeconfig for this sandbox, as YAML: of its administrator, or of one of its users. */
  readonly kubeconfig: (user?: string) => string;
  /** The version of the newest change of anything, or `of` one resource. */
  readonly resourceVersion: (() => number) & { readonly of: (resource: Served) => number };
  /** Ends every watch and closes the port. */
  readonly stop: () => Promise<void>;
}

const NAMESPACES = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

/**
 * Starts a Kubernetes API on loopback, with everything in memory.
 * @throws ApiError when a definition in `crds` cannot be served; Error when the port is taken
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const core: ApiCore = {
    store: new Store({ historyLimit: options.historyLimit ?? 2000 }),
    registry: new Registry(),
    now: options.now ?? Date.now,
    epoch: randomUUID(),
  };
  for (const type of builtinResources()) core.registry.add(type);
  const stops = [serveDefinitions(core), collectGarbage(core), deleteNamespaces(core)];
  populate(core, options.crds ?? []);
  const users = createUsers(options.users ?? []);
  const server = createApiServer(core, {
    token: options.token,
    users,
    bookmarkInterval: options.bookmarkInterval ?? 30_000,
    services: options.services ?? {},
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no TCP address');
  const url = `http://127.0.0.1:${address.port}`;
  return {
    url,
    kubeconfig: (user) => kubeconfig(url, user === undefined ? options.token : tokenOf(users, user)),
    resourceVersion: Object.assign(() => core.store.resourceVersion(), {
      of: ({ apiVersion, plural }: Served): number => {
        const [group = '', version = ''] = apiVersion.includes('/')
          ? apiVersion.split('/')
          : ['', apiVersion];
        const type = core.registry.find(group, version, plural);
        return type === undefined ? 0 : core.store.newest(type.storage);
      },
    }),
    async stop() {
      for (const stop of stops) stop();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function populate(core: ApiCore, crds: readonly string[]): void {
  const post = (apiVersion: string, kind: string, document: unknown): void => {
    const type = core.registry.findKind(apiVersion, kind);
    if (type === undefined) throw new Error(`no resource serves ${apiVersion} ${kind}`);
    const target = { type, namespace: '', name: '', subresource: '' } as const;
    create(core, target, document, INTERNAL);
  };
  for (const name of NAMESPACES) post('v1', 'Namespace', { metadata: { name } });
  for (const text of crds) {
    for (const document of parseAllDocuments(text)) {
      const definition: unknown = document.toJS();
      if (definition === null) continue;
      // Upstream's definition and a shortened one of our own may both be given: the last one counts.
      const name = String(document.getIn(['metadata', 'name']));
      core.store.remove('apiextensions.k8s.io/customresourcedefinitions', name);
      post('apiextensions.k8s.io/v1', 'CustomResourceDefinition', definition);
    }
  }
}

function kubeconfig(url: string, token: string | undefined): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'sandbox',
    clusters: [{ name: 'sandbox', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: `sandbox-${new URL(url).port}`, user: token === undefined ? {} : { token } }],
    contexts: [{ name: 'sandbox', context: { cluster: 'sandbox', user: `sandbox-${new URL(url).port}` } }],
  });
}
