import {
  isKubeError,
  type KubeApi,
  type KubeObject,
  keyOf,
  type ResourceType,
} from '@windvane/controller/kube';
import { z } from 'zod';
import { isCarbon } from '../admission/advice.ts';
import { scaledSpec } from '../admission/scaled.ts';
import { JOB, RELEASED, STATUS, viewJob } from '../gate/job.ts';
import { SCALED_JOB, SCALED_OBJECT } from '../watch/scaled.ts';

const DEPLOYMENT: ResourceType = {
  group: 'apps',
  version: 'v1',
  plural: 'deployments',
  kind: 'Deployment',
  namespaced: true,
};
const WEBHOOKS: ResourceType = {
  group: 'admissionregistration.k8s.io',
  version: 'v1',
  plural: 'mutatingwebhookconfigurations',
  kind: 'MutatingWebhookConfiguration',
  namespaced: false,
};
const BINDINGS: ResourceType = {
  ...WEBHOOKS,
  plural: 'mutatingadmissionpolicybindings',
  kind: 'MutatingAdmissionPolicyBinding',
};

const TRIES = 5;

/** Work that would stay where it is when the scaler goes. */
interface Held {
  readonly kind: 'Deployment' | 'Job';
  readonly namespace: string;
  readonly name: string;
  /** Why it stays, in words. */
  readonly text: string;
  readonly released: boolean;
}

export interface UninstallReport {
  readonly held: readonly Held[];
  /** ScaledObjects and ScaledJobs whose triggers ask the scaler, `Kind namespace/name`. */
  readonly triggers: readonly string[];
}

export interface UninstallOptions {
  readonly api: KubeApi;
  /** Namespace of the scaler. */
  readonly namespace: string;
  readonly scalerAddress: string;
  /** Let go what is held: the scaler is stopped and admission taken away first. */
  readonly release: boolean;
}

const target = z.object({
  scaleTargetRef: z.object({ kind: z.string().optional(), name: z.string() }),
  minReplicaCount: z.number().optional(),
});
const replicasOf = z.object({ replicas: z.number().optional() });

/**
 * What removing the scaler leaves at zero: KEDA keeps the replicas of an object whose scaler is gone, and suspended Jobs
 * stay suspended. With `release` the scaler is stopped first, so that nothing takes back what is let go.
 */
export async function uninstall(options: UninstallOptions): Promise<UninstallReport> {
  const { api, namespace, release } = options;
  if (release) {
    await unless404(() =>
      api.mergePatch(DEPLOYMENT, { namespace, name: 'windvane-scaler' }, { spec: { replicas: 0 } }),
    );
    await unless404(() => api.delete(WEBHOOKS, { name: 'windvane-scaler' }));
    for (const name of ['windvane-scaler-convert', 'windvane-scaler-refresh']) {
      await unless404(() => api.delete(BINDINGS, { name }));
    }
  }
  const held: Held[] = [];
  const triggers: string[] = [];
  for (const type of [SCALED_OBJECT, SCALED_JOB]) {
    for (const object of await listOf(api, type)) {
      const spec = scaledSpec(object);
      if (spec?.triggers.some((trigger) => isCarbon(trigger, options.scalerAddress)) !== true) continue;
      triggers.push(`${type.kind} ${keyOf(object)}`);
      const at0 = type === SCALED_OBJECT ? await heldAtZero(options, object) : null;
      if (at0 !== null) held.push(at0);
    }
  }
  for (const job of await listOf(api, JOB)) {
    const waiting = await heldJob(options, job);
    if (waiting !== null) held.push(waiting);
  }
  return { held, triggers };
}

async function heldAtZero({ api, release }: UninstallOptions, object: KubeObject): Promise<Held | null> {
  const spec = target.safeParse(object.spec).data;
  if (spec === undefined || (spec.scaleTargetRef.kind ?? 'Deployment') !== 'Deployment') return null;
  const place = { namespace: object.metadata.namespace ?? '', name: spec.scaleTargetRef.name };
  const deployment = await unless404(() => api.get(DEPLOYMENT, place));
  if (deployment === null || (replicasOf.safeParse(deployment.spec).data?.replicas ?? 1) > 0) return null;
  const replicas = Math.max(1, spec.minReplicaCount ?? 0);
  if (release) await unless404(() => api.mergePatch(DEPLOYMENT, place, { spec: { replicas } }));
  const text = release
    ? `started again with ${replicas}; KEDA goes on with the other triggers of ScaledObject ${object.metadata.name}`
    : `at 0 replicas: KEDA leaves it there when the scaler of ScaledObject ${object.metadata.name} is gone`;
  return { kind: 'Deployment', ...place, text, released: release };
}

/** A Job that changes between reading and writing is read again. */
async function heldJob({ api, release }: UninstallOptions, found: KubeObject): Promise<Held | null> {
  let job: KubeObject | null = found;
  for (let tries = 1; job !== null && viewJob(job).kind === 'gated'; tries += 1) {
    const { name, namespace = '' }: KubeObject['metadata'] = job.metadata;
    const held = { kind: 'Job', namespace, name } as const;
    if (!release) return { ...held, text: 'suspended: nobody else lets it go', released: false };
    try {
      await start(api, job);
      return { ...held, text: 'started', released: true };
    } catch (error) {
      // An API server calls a patch invalid whose test does not hold.
      if (tries === TRIES || !isKubeError(error, 'conflict', 'invalid', 'not-found')) throw error;
      job = await unless404(() => api.get(JOB, { namespace, name }));
    }
  }
  return null;
}

async function start(api: KubeApi, { metadata }: KubeObject): Promise<void> {
  const { name, namespace = '', resourceVersion, annotations = {} } = metadata;
  const notes = {
    ...annotations,
    [STATUS]: 'Let go: the gate is uninstalled.',
    [RELEASED]: new Date().toISOString(),
  };
  await api.jsonPatch(JOB, { namespace, name }, [
    { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
    { op: 'replace', path: '/spec/suspend', value: false },
    { op: 'add', path: '/metadata/annotations', value: notes },
  ]);
}

async function listOf(api: KubeApi, type: ResourceType): Promise<readonly KubeObject[]> {
  return (await unless404(() => api.list(type)))?.items ?? [];
}

/** Null for what is not there: a kind that is not served, an object that is gone. */
async function unless404<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (isKubeError(error, 'not-found')) return null;
    throw error;
  }
}

/** The report for people. */
export function uninstallText({ held, triggers }: UninstallReport): string {
  const lines = held.map(({ kind, namespace, name, text }) => `${kind} ${namespace}/${name}: ${text}`);
  if (held.length === 0) lines.push('Nothing is held.');
  else if (held.some(({ released }) => !released))
    lines.push('--release lets all of it go, and stops the scaler first.');
  if (triggers.length > 0) {
    lines.push(`Still asking the scaler, until you take the trigger away: ${triggers.join(', ')}.`);
  }
  lines.push('Then: kubectl delete -k deploy/scaler');
  return `${lines.join('\n')}\n`;
}
