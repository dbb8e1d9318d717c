import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connectKube, type KubeApi, type KubeObject, type ResourceType } from '@windvane/controller/kube';
import { kedaDefinitions, type Sandbox, type SandboxOptions, startSandbox } from '@windvane/sandbox';
import { parseAllDocuments } from 'yaml';
import { realAssets, startRealApiServer } from '../../../sandbox/test/api/real-apiserver.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));

/** Text of a file of the repository. */
export function textOf(path: string): string {
  return readFileSync(`${ROOT}${path}`, 'utf8');
}

/** The objects of a manifest of the repository. */
export function manifest(path: string): KubeObject[] {
  return parseAllDocuments(textOf(path)).map((document): KubeObject => document.toJS());
}

/** One of a list, which has to be there. */
export function one<T>(list: readonly T[], index = 0): T {
  const found = list.at(index);
  if (found === undefined) throw new Error(`there is no entry ${index} among ${list.length}`);
  return found;
}

const TYPES: readonly ResourceType[] = [
  ['keda.sh', 'v1alpha1', 'ScaledObject', 'scaledobjects', true],
  ['keda.sh', 'v1alpha1', 'ScaledJob', 'scaledjobs', true],
  ['admissionregistration.k8s.io', 'v1', 'MutatingAdmissionPolicy', 'mutatingadmissionpolicies', false],
  [
    'admissionregistration.k8s.io',
    'v1',
    'MutatingAdmissionPolicyBinding',
    'mutatingadmissionpolicybindings',
    false,
  ],
  [
    'admissionregistration.k8s.io',
    'v1',
    'MutatingWebhookConfiguration',
    'mutatingwebhookconfigurations',
    false,
  ],
  ['', 'v1', 'Namespace', 'namespaces', false],
  ['', 'v1', 'Secret', 'secrets', true],
  ['', 'v1', 'Event', 'events', true],
  ['apps', 'v1', 'Deployment', 'deployments', true],
  ['batch', 'v1', 'Job', 'jobs', true],
  ['batch', 'v1', 'CronJob', 'cronjobs', true],
].map(([group, version, kind, plural, namespaced]) => ({
  group: String(group),
  version: String(version),
  kind: String(kind),
  plural: String(plural),
  namespaced: namespaced === true,
}));

export function typeOf(kind: string): ResourceType {
  return one(TYPES.filter((type) => type.kind === kind));
}

/** A cluster that serves KEDA's kinds, and somebody who works on it. */
export interface Cluster<S extends Server = Server> {
  readonly sandbox: S;
  /** As a person would: manager `kubectl`. */
  readonly user: KubeApi;
  /** The newest resourceVersion, where the server tells it. */
  readonly version: () => number;
  readonly api: KubeApi;
  namespace(name: string): Promise<void>;
  /** Puts objects there, each as it is. */
  create(...objects: readonly KubeObject[]): Promise<void>;
  stop(): Promise<void>;
}

export async function startCluster(options: SandboxOptions = {}): Promise<Cluster<Sandbox>> {
  return connectCluster(await startSandbox({ crds: kedaDefinitions, ...options }));
}

/** A real kube-apiserver, when `KUBEBUILDER_ASSETS` names one. */
export function realCluster(): (() => Promise<Cluster>) | undefined {
  const assets = realAssets();
  if (assets === undefined) return undefined;
  return async () => connectCluster(await startRealApiServer(assets, kedaDefinitions));
}

/** What both kinds of API server can do. */
type Server = Pick<Sandbox, 'kubeconfig' | 'stop'> & Partial<Pick<Sandbox, 'resourceVersion'>>;

export function connectCluster<S extends Server>(sandbox: S): Cluster<S> {
  const kubeconfig = sandbox.kubeconfig();
  const unlimited = { limits: { writesPerSecond: 10_000, writeBurst: 10_000 } };
  const user = connectKube({ kubeconfig, manager: 'kubectl', ...unlimited });
  const api = connectKube({ kubeconfig, ...unlimited });
  return {
    sandbox,
    user,
    api,
    version: () => sandbox.resourceVersion?.() ?? 0,
    async namespace(name) {
      await user.create(typeOf('Namespace'), { metadata: { name } });
    },
    async create(...objects) {
      for (const object of objects) await user.create(typeOf(object.kind ?? ''), object);
    },
    stop: () => sandbox.stop(),
  };
}
