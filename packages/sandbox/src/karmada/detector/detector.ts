import type { Hub } from '../../runtime/client/hub.ts';
import { hasFinalizer, isDeleting, type KubeObject, keyFor, keyOf } from '../../runtime/client/object.ts';
import type { Change, Store } from '../../runtime/client/store.ts';
import { createWorkQueue, type WorkQueue } from '../../runtime/work-queue.ts';
import {
  CLUSTER_PROPAGATION_POLICY,
  CLUSTER_RESOURCE_BINDING,
  PROPAGATION_POLICY,
  RESOURCE_BINDING,
} from '../resources.ts';
import type { Binding, Policy } from '../types.ts';
import {
  bindingName,
  CLUSTER_POLICY_FINALIZER,
  isReservedNamespace,
  POLICY_FINALIZER,
} from '../well-known.ts';
import { belongsToOther, bindingPatch, newBinding } from './binding.ts';
import { changedByUser, metadataChanged } from './changes.ts';
import { claimMetadata, claimOf, claimPatch, policyId, stripPatch } from './claim.ts';
import { bestPolicy, selects } from './match.ts';
import { type TemplateKey, type Templates, templateKey, templateKeyOf } from './templates.ts';

const WRITER = 'karmada-controller-manager';

export interface DetectorOptions {
  readonly hub: Hub;
  readonly templates: Templates;
  readonly policies: Store<Policy>;
  readonly clusterPolicies: Store<Policy>;
  readonly bindings: Store<Binding>;
  readonly clusterBindings: Store<Binding>;
  readonly onError: (key: string, error: unknown) => void;
}

/** Stand-in for the resource detector: claims templates for policies and keeps their bindings. */
export interface Detector {
  readonly queues: readonly WorkQueue[];
  /** Looks at everything again, all templates counting as changed by their users. */
  restart(): void;
}

export function createDetector(options: DetectorOptions): Detector {
  const { hub, templates, policies, clusterPolicies, bindings, clusterBindings } = options;
  // Templates whose last change was a user's: only these let a Lazy policy's changes through.
  const released = new Set<TemplateKey>();

  const storeFor = (policy: Pick<Policy, 'kind'>): Store<Policy> =>
    policy.kind === 'PropagationPolicy' ? policies : clusterPolicies;

  const claimed = (template: KubeObject): Policy | undefined => {
    const claim = claimOf(template);
    if (claim === undefined) return undefined;
    const policy = (claim.scope === 'namespace' ? policies : clusterPolicies).get(claim.key);
    return policy !== undefined && policyId(policy) === claim.id && selects(policy, template) > 0
      ? policy
      : undefined;
  };

  const matching = (template: KubeObject): Policy | undefined => {
    const namespace = template.metadata.namespace;
    const own = namespace === undefined ? [] : policies.by('namespace', namespace);
    return bestPolicy(own, template) ?? bestPolicy(clusterPolicies.values(), template);
  };

  const applyPolicy = async (template: KubeObject, policy: Policy, byUser: boolean): Promise<void> => {
    const resource = templates.resourceOf(template);
    const id = policyId(policy);
    // Without an id the webhook has not been there yet; its write comes back as an event.
    if (resource === undefined || id === undefined || isDeleting(policy)) return;
    const patch = claimPatch(template, claimMetadata(policy, id));
    let claimedTemplate = template;
    if (patch !== undefined) {
      const patched = await hub.patch(resource, template, patch, WRITER);
      if (patched === undefined) return;
      claimedTemplate = patched;
    }
    if (!byUser && policy.spec?.activationPreference === 'Lazy') return;
    await writeBinding(claimedTemplate, policy, id);
  };

  const writeBinding = async (template: KubeObject, policy: Policy, id: string): Promise<void> => {
    const { namespace, name } = template.metadata;
    const resource = namespace === undefined ? CLUSTER_RESOURCE_BINDING : RESOURCE_BINDING;
    const store = namespace === undefined ? clusterBindings : bindings;
    const binding = store.get(keyFor(namespace, bindingName(template.kind, name)));
    if (binding === undefined) {
      await hub.create(resource, newBinding(template, policy, id), WRITER);
      return;
    }
    // Its deletion comes back as an event and the template gets a binding of its own then.
    if (isDeleting(binding) || belongsToOther(binding, template)) return;
    const patch = bindingPatch(binding, template, policy, id);
    if (patch !== undefined) await hub.patch(resource, binding, patch, WRITER);
  };

  const reconcileTemplate = async (key: string): Promise<void> => {
    const template = templates.get(key);
    const byUser = released.has(key);
    if (template === undefined || isDeleting(template) || isReservedNamespace(template.metadata.namespace)) {
      released.delete(key);
      return;
    }
    const policy = claimed(template) ?? (claimOf(template) === undefined ? matching(template) : undefined);
    if (policy === undefined) {
      // It waits for a policy; what comes then is Karmada's doing, not the user's.
      released.delete(key);
    } else if (policyId(policy) !== undefined) {
      // Taken back when the attempt fails, so that the next one still knows.
      released.delete(key);
      try {
        await applyPolicy(template, policy, byUser);
      } catch (error) {
        if (byUser) released.add(key);
        throw error;
      }
    }
  };

  const templateQueue = createWorkQueue({ reconcile: reconcileTemplate, onError: options.onError });

  const strip = async (
    policy: Policy,
    id: string,
    mayKeep: (template: KubeObject) => boolean,
  ): Promise<void> => {
    const scope = policy.kind === 'PropagationPolicy' ? 'namespace' : 'cluster';
    for (const template of templates.claimedBy(id)) {
      const resource = templates.resourceOf(template);
      if (resource === undefined || claimOf(template)?.id !== id || mayKeep(template)) continue;
      const { namespace, name } = template.metadata;
      const bindingKey = keyFor(namespace, bindingName(template.kind, name));
      const binding = (namespace === undefined ? clusterBindings : bindings).get(bindingKey);
      if (binding !== undefined && claimOf(binding)?.id === id) {
        const bindingResource = namespace === undefined ? CLUSTER_RESOURCE_BINDING : RESOURCE_BINDING;
        await hub.patch(bindingResource, binding, stripPatch(scope), WRITER);
      }
      await hub.patch(resource, template, stripPatch(scope), WRITER);
    }
  };

  const removeFinalizer = async (policy: Policy): Promise<void> => {
    const namespaced = policy.kind === 'PropagationPolicy';
    const finalizer = namespaced ? POLICY_FINALIZER : CLUSTER_POLICY_FINALIZER;
    if (!hasFinalizer(policy, finalizer)) return;
    const finalizers = policy.metadata.finalizers?.filter((entry) => entry !== finalizer) ?? [];
    const metadata = { finalizers, resourceVersion: policy.metadata.resourceVersion };
    await hub.patch(
      namespaced ? PROPAGATION_POLICY : CLUSTER_PROPAGATION_POLICY,
      policy,
      { metadata },
      WRITER,
    );
  };

  const reconcilePolicy = async (key: string): Promise<void> => {
    const [kind = '', policyKey = ''] = key.split('|');
    const policy = storeFor({ kind }).get(policyKey);
    if (policy === undefined) return;
    const id = policyId(policy);
    if (isDeleting(policy)) {
      if (id !== undefined) await strip(policy, id, () => false);
      await removeFinalizer(policy);
      return;
    }
    if (id === undefined) return;
    await strip(policy, id, (template) => selects(policy, template) > 0);
    for (const template of templates.claimedBy(id)) templateQueue.add(templateKeyOf(template));
    for (const selector of policy.spec?.resourceSelectors ?? []) {
      for (const template of templates.candidates(selector, policy.metadata.namespace)) {
        if (claimOf(template) === undefined && selects(policy, template) > 0) {
          templateQueue.add(templateKeyOf(template));
        }
      }
    }
  };

  const policyQueue = createWorkQueue({ reconcile: reconcilePolicy, onError: options.onError });

  // A kind is watched from the first policy on that selects it. What is older than a Lazy policy was, for a
  // detector that watches every kind, there and waiting when the policy came: not a user's change.
  const predatesLazyPolicy = (template: KubeObject): boolean => {
    if (claimOf(template) !== undefined) return false;
    const policy = matching(template);
    if (policy?.spec?.activationPreference !== 'Lazy') return false;
    return (template.metadata.creationTimestamp ?? '') < (policy.metadata.creationTimestamp ?? '');
  };

  templates.subscribe((key, { before, after }) => {
    if (after === undefined) {
      released.delete(key);
      return;
    }
    const byUser = changedByUser(before, after) && !(before === undefined && predatesLazyPolicy(after));
    if (byUser) released.add(key);
    if (byUser || before === undefined || metadataChanged(before, after)) templateQueue.add(key);
  });
  for (const store of [policies, clusterPolicies]) {
    store.subscribe(({ key, before, after }) => {
      if (after !== undefined && policyMatters(before, after)) policyQueue.add(`${after.kind}|${key}`);
    });
  }
  const onBinding = ({ before, after }: Change<Binding>): void => {
    const resource = before?.spec?.resource;
    if (after !== undefined || resource === undefined) return;
    const key = keyFor(resource.namespace, resource.name);
    const template = templateKey(resource.apiVersion, resource.kind, key);
    // A binding that vanished is made anew, whatever the policy's activation is.
    released.add(template);
    templateQueue.add(template);
  };
  bindings.subscribe(onBinding);
  clusterBindings.subscribe(onBinding);

  return {
    queues: [templateQueue, policyQueue],
    restart() {
      for (const template of templates.all()) {
        released.add(templateKeyOf(template));
        templateQueue.add(templateKeyOf(template));
      }
      for (const store of [policies, clusterPolicies]) {
        for (const policy of store.values()) policyQueue.add(`${policy.kind}|${keyOf(policy)}`);
      }
    },
  };
}

/** Updates of a policy that leave its generation alone are skipped, its id and its deletion aside. */
function policyMatters(before: Policy | undefined, after: Policy): boolean {
  return (
    before === undefined ||
    before.metadata.generation !== after.metadata.generation ||
    before.metadata.deletionTimestamp !== after.metadata.deletionTimestamp ||
    policyId(before) !== policyId(after)
  );
}
