import type { Hub } from '../../runtime/client/hub.ts';
import { mergePatch } from '../../runtime/client/merge-patch.ts';
import {
  formatTime,
  hasFinalizer,
  isDeleting,
  type KubeObject,
  keyFor,
  keyOf,
  labelOf,
} from '../../runtime/client/object.ts';
import { EVENT, type Resource } from '../../runtime/client/resource.ts';
import type { Store } from '../../runtime/client/store.ts';
import type { Clock } from '../../runtime/clock.ts';
import { createWorkQueue, type WorkQueue } from '../../runtime/work-queue.ts';
import { bindingIdLabel } from '../detector/binding.ts';
import { type Templates, templateKey } from '../detector/templates.ts';
import { WORK } from '../resources.ts';
import type { Binding, Cluster, OverridePolicy, Work } from '../types.ts';
import {
  BINDING_FINALIZER,
  CLUSTER_BINDING_FINALIZER,
  clusterOfSpace,
  executionSpace,
} from '../well-known.ts';
import { ApplyOverrideError, overrides } from './overrides.ts';
import { createRenderer, workName } from './works.ts';

const WRITER = 'karmada-controller-manager';

export interface BindingControllerOptions {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly resource: Resource;
  readonly bindings: Store<Binding>;
  readonly works: Store<Work>;
  readonly clusters: Store<Cluster>;
  readonly overridePolicies: Store<OverridePolicy>;
  readonly clusterOverridePolicies: Store<OverridePolicy>;
  readonly templates: Templates;
  /** Told when the Works of a binding begin to be written. */
  readonly syncBegins: (bindingId: string) => void;
  /** Told when that is done, with the keys of the Works that were looked at. */
  readonly syncEnds: (bindingId: string, works: readonly string[]) => void;
  readonly onError: (key: string, error: unknown) => void;
}

/** Stand-in for the binding controller of one kind of binding: keeps a Work per target cluster. */
export function createBindingController(options: BindingControllerOptions): WorkQueue {
  const { hub, resource, bindings, works, templates } = options;
  const reported = new Map<string, string>();

  const templateOf = (binding: Binding): KubeObject | undefined => {
    const reference = binding.spec?.resource;
    if (reference === undefined) return undefined;
    const key = keyFor(reference.namespace, reference.name);
    return templates.get(templateKey(reference.apiVersion, reference.kind, key));
  };

  const worksOf = (binding: Binding): readonly Work[] => {
    const id = labelOf(binding, bindingIdLabel(binding));
    return id === undefined ? [] : works.by('binding', id);
  };

  const writeWork = async (work: Work, before: Work | undefined): Promise<void> => {
    if (before === undefined) {
      await hub.create(WORK, work, WRITER);
      return;
    }
    const spec = mergePatch(before.spec, work.spec ?? {});
    const labels = mergePatch(before.metadata.labels, { ...work.metadata.labels });
    const annotations = mergePatch(before.metadata.annotations, { ...work.metadata.annotations });
    if (spec === undefined && labels === undefined && annotations === undefined) return;
    const metadata = {
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    };
    await hub.patch(WORK, before, { metadata, ...(spec === undefined ? {} : { spec }) }, WRITER);
  };

  const report = async (template: KubeObject, cluster: string, error: ApplyOverrideError): Promise<void> => {
    const policy = keyOf(error.policy);
    const message = `Apply override policy(${policy}) for cluster(${cluster}) failed.`;
    const about = `${template.metadata.uid}/${cluster}`;
    const version = `${error.policy.metadata.uid}/${error.policy.metadata.resourceVersion}`;
    // Once per version of the policy: the passes that follow fail alike.
    if (reported.get(about) === version) return;
    reported.set(about, version);
    const now = formatTime(options.clock.now());
    const { namespace = 'default', name, uid } = template.metadata;
    const event = {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${crypto.randomUUID().slice(0, 13)}`, namespace },
      involvedObject: { apiVersion: template.apiVersion, kind: template.kind, namespace, name, uid },
      reason: 'ApplyOverridePolicyFailed',
      message,
      type: 'Warning',
      source: { component: 'override-manager' },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    };
    await hub.create(EVENT, event, WRITER);
  };

  const removeOrphans = async (binding: Binding): Promise<void> => {
    const wanted = new Set((binding.spec?.clusters ?? []).map((target) => executionSpace(target.name)));
    for (const work of worksOf(binding)) {
      if (!wanted.has(work.metadata.namespace ?? '') && !isDeleting(work)) await hub.remove(WORK, work);
    }
  };

  const ensureWorks = async (binding: Binding, template: KubeObject): Promise<void> => {
    const namespace = template.metadata.namespace;
    const render = createRenderer({
      template,
      binding,
      overridePolicies: namespace === undefined ? [] : options.overridePolicies.by('namespace', namespace),
      clusterOverridePolicies: [...options.clusterOverridePolicies.values()],
    });
    const existing = new Map(worksOf(binding).map((work) => [work.metadata.namespace ?? '', work]));
    for (const target of binding.spec?.clusters ?? []) {
      const cluster = options.clusters.get(target.name);
      const before = existing.get(executionSpace(target.name));
      // A Work on its way out comes back when it is gone; its deletion is an event.
      if (cluster === undefined || (before !== undefined && isDeleting(before))) continue;
      try {
        await writeWork(render(target, cluster, before), before);
      } catch (error) {
        if (!(error instanceof ApplyOverrideError)) throw error;
        await report(template, target.name, error);
      }
    }
  };

  const targetKeys = (binding: Binding): string[] => {
    const template = templateOf(binding);
    if (template === undefined) return [];
    const name = workName(template);
    return (binding.spec?.clusters ?? []).map((target) => keyFor(executionSpace(target.name), name));
  };

  const finish = async (binding: Binding): Promise<void> => {
    const left = worksOf(binding);
    for (const work of left) if (!isDeleting(work)) await hub.remove(WORK, work);
    const finalizer = binding.kind === 'ResourceBinding' ? BINDING_FINALIZER : CLUSTER_BINDING_FINALIZER;
    if (left.length > 0 || !hasFinalizer(binding, finalizer)) return;
    const finalizers = (binding.metadata.finalizers ?? []).filter((entry) => entry !== finalizer);
    const { resourceVersion } = binding.metadata;
    await hub.patch(resource, binding, { metadata: { finalizers, resourceVersion } }, WRITER);
  };

  const reconcile = async (key: string): Promise<void> => {
    const binding = bindings.get(key);
    if (binding === undefined) return;
    const id = labelOf(binding, bindingIdLabel(binding));
    if (id === undefined) return;
    options.syncBegins(id);
    const before = worksOf(binding).map(keyOf);
    try {
      if (isDeleting(binding)) {
        await finish(binding);
        return;
      }
      await removeOrphans(binding);
      const template = templateOf(binding);
      if (template !== undefined) await ensureWorks(binding, template);
    } finally {
      options.syncEnds(id, [...new Set([...before, ...targetKeys(binding)])]);
    }
  };

  const queue = createWorkQueue({ reconcile, onError: options.onError });
  subscribe(options, queue, templateOf);
  return queue;
}

function subscribe(
  options: BindingControllerOptions,
  queue: WorkQueue,
  templateOf: (binding: Binding) => KubeObject | undefined,
): void {
  const { bindings, works } = options;
  bindings.subscribe(({ key, before, after }) => {
    if (after === undefined) return;
    if (
      before === undefined ||
      before.metadata.generation !== after.metadata.generation ||
      before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
      labelOf(before, bindingIdLabel(before)) !== labelOf(after, bindingIdLabel(after))
    ) {
      queue.add(key);
    }
  });
  works.subscribe(({ before, after }) => {
    if (
      after !== undefined ||
      before === undefined ||
      clusterOfSpace(before.metadata.namespace) === undefined
    ) {
      return;
    }
    const id = labelOf(before, bindingIdLabel({ kind: options.resource.kind }));
    for (const binding of id === undefined ? [] : bindings.by('id', id)) queue.add(keyOf(binding));
  });
  const onPolicy = (policies: readonly (OverridePolicy | undefined)[]): void => {
    const namespace = policies.find((policy) => policy !== undefined)?.metadata.namespace;
    const affected = namespace === undefined ? bindings.values() : bindings.by('namespace', namespace);
    for (const binding of affected) {
      const template = templateOf(binding);
      if (template === undefined) continue;
      if (policies.some((policy) => policy !== undefined && overrides(policy, template))) {
        queue.add(keyOf(binding));
      }
    }
  };
  options.overridePolicies.subscribe(({ before, after }) => onPolicy([before, after]));
  options.clusterOverridePolicies.subscribe(({ before, after }) => onPolicy([before, after]));
}
