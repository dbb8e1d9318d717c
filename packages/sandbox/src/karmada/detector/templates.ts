import type { Hub } from '../../runtime/client/hub.ts';
import type { Informer } from '../../runtime/client/informer.ts';
import { type KubeObject, keyFor, keyOf } from '../../runtime/client/object.ts';
import { CUSTOM_RESOURCE_DEFINITION, type Resource, resourceId } from '../../runtime/client/resource.ts';
import type { Change, Store } from '../../runtime/client/store.ts';
import { createWorkQueue } from '../../runtime/work-queue.ts';
import type { Policy, ResourceSelector } from '../types.ts';
import { CLUSTER_POLICY_ID_LABEL, POLICY_ID_LABEL } from '../well-known.ts';

/** Names a template across kinds: `apps/v1/Deployment|ns/name`. */
export type TemplateKey = string;

export function templateKey(apiVersion: string, kind: string, key: string): TemplateKey {
  return `${apiVersion}/${kind}|${key}`;
}

export function templateKeyOf(template: KubeObject): TemplateKey {
  return templateKey(template.apiVersion, template.kind, keyOf(template));
}

/** The objects of all kinds that some policy selects. */
export interface Templates {
  get(key: TemplateKey): KubeObject | undefined;
  resourceOf(template: Pick<KubeObject, 'apiVersion' | 'kind'>): Resource | undefined;
  /** Templates that one selector could mean; it still has to be asked. */
  candidates(selector: ResourceSelector, ownNamespace: string | undefined): Iterable<KubeObject>;
  /** Templates that carry the permanent id of a policy. */
  claimedBy(id: string): readonly KubeObject[];
  all(): Iterable<KubeObject>;
  subscribe(listener: (key: TemplateKey, change: Change<KubeObject>) => void): void;
  idle(): boolean;
  stop(): Promise<void>;
}

const CLAIM_INDEX = 'claim';

function claimIds(template: KubeObject): readonly string[] {
  const labels = template.metadata.labels ?? {};
  return [labels[POLICY_ID_LABEL], labels[CLUSTER_POLICY_ID_LABEL]].filter((id) => id !== undefined);
}

/**
 * Watches what policies select. Karmada watches every kind there is; nothing else of them is ever looked at.
 * A kind that the server does not serve yet is tried again when a CustomResourceDefinition appears or changes.
 */
export async function watchTemplates(
  hub: Hub,
  policyStores: readonly Store<Policy>[],
  onError: (key: string, error: unknown) => void,
): Promise<Templates> {
  const informers = new Map<string, Informer<KubeObject>>();
  const unknown = new Map<string, { apiVersion: string; kind: string }>();
  const wanted = new Map<string, { apiVersion: string; kind: string }>();
  const listeners: ((key: TemplateKey, change: Change<KubeObject>) => void)[] = [];

  const open = async (id: string): Promise<void> => {
    const selected = wanted.get(id);
    if (selected === undefined || informers.has(id)) return;
    const resource = await hub.discover(selected.apiVersion, selected.kind);
    if (resource === undefined) {
      unknown.set(id, selected);
      return;
    }
    unknown.delete(id);
    const informer = await hub.informer<KubeObject>(resource);
    informer.store.index(CLAIM_INDEX, claimIds);
    informers.set(id, informer);
    const tell = (change: Change<KubeObject>): void => {
      for (const listener of listeners) listener(`${id}|${change.key}`, change);
    };
    for (const template of informer.store.values()) {
      tell({ key: keyOf(template), before: undefined, after: template });
    }
    informer.store.subscribe(tell);
  };

  const queue = createWorkQueue({ reconcile: open, onError, concurrency: 1 });
  const want = (policy: Policy): void => {
    for (const { apiVersion, kind } of policy.spec?.resourceSelectors ?? []) {
      const id = resourceId({ apiVersion, kind });
      if (wanted.has(id)) continue;
      wanted.set(id, { apiVersion, kind });
      queue.add(id);
    }
  };
  const definitions = await hub.informer(CUSTOM_RESOURCE_DEFINITION);
  definitions.store.subscribe(() => {
    for (const id of unknown.keys()) queue.add(id);
  });
  for (const store of policyStores) {
    for (const policy of store.values()) want(policy);
    store.subscribe(({ after }) => {
      if (after !== undefined) want(after);
    });
  }

  const storeOf = (key: TemplateKey): { store: Store<KubeObject> | undefined; rest: string } => {
    const bar = key.indexOf('|');
    return { store: informers.get(key.slice(0, bar))?.store, rest: key.slice(bar + 1) };
  };

  return {
    get(key) {
      const { store, rest } = storeOf(key);
      return store?.get(rest);
    },
    resourceOf: (template) => informers.get(resourceId(template))?.resource,
    candidates(selector, ownNamespace) {
      const store = informers.get(resourceId(selector))?.store;
      if (store === undefined) return [];
      const namespace = selector.namespace ?? ownNamespace;
      if (selector.name === undefined || namespace === undefined) return store.values();
      const found = store.get(keyFor(namespace, selector.name));
      return found === undefined ? [] : [found];
    },
    claimedBy: (id) => [...informers.values()].flatMap(({ store }) => store.by(CLAIM_INDEX, id)),
    *all() {
      for (const { store } of informers.values()) yield* store.values();
    },
    subscribe: (listener) => void listeners.push(listener),
    idle: () => queue.idle(),
    stop: () => queue.stop(),
  };
}
