import {
  isKubeError,
  type KubeApi,
  type KubeObject,
  type ReconcileResult,
  type ResourceType,
} from '@windvane/controller/kube';
import { type Advice, advise } from './advice.ts';
import { rewrite } from './rewrite.ts';
import { scaledSpec } from './scaled.ts';

export interface HealOptions {
  readonly api: Pick<KubeApi, 'mergePatch'>;
  readonly scalerAddress: string;
  /** Tells the author of an object. */
  readonly tell: (
    type: ResourceType,
    object: KubeObject,
    advice: { readonly reason: string; readonly text: string },
  ) => Promise<void>;
}

/** An object that admission should have changed and did not: it is tried again, less and less often. */
export class NotConverted extends Error {
  override readonly name = 'NotConverted';
}

/**
 * Heals what came in before admission was there, or while it was away. The object is written back unchanged, so
 * that admission sees it: a patch of the triggers by us would make us their owner, and the next apply of the
 * user's own manifest a conflict.
 */
export function createHealer({
  api,
  scalerAddress,
  tell,
}: HealOptions): (type: ResourceType, object: KubeObject) => Promise<ReconcileResult> {
  /** Advice that was given, by uid: once per wording. */
  const told = new Map<string, string>();

  async function tellOnce(type: ResourceType, object: KubeObject, advice: readonly Advice[]): Promise<void> {
    const uid = object.metadata.uid ?? '';
    const all = JSON.stringify(advice);
    if ((told.get(uid) ?? '[]') === all) return;
    told.set(uid, all);
    for (const each of advice) await tell(type, object, each);
  }

  return async (type, object) => {
    const spec = scaledSpec(object);
    if (spec === null || object.metadata.deletionTimestamp !== undefined) {
      told.delete(object.metadata.uid ?? '');
      return {};
    }
    await tellOnce(type, object, advise(type.kind, spec, scalerAddress));
    if (rewrite(spec, scalerAddress).length === 0) return {};
    const { name, namespace } = object.metadata;
    try {
      const answer = await api.mergePatch(
        type,
        { name, ...(namespace === undefined ? {} : { namespace }) },
        {},
      );
      const now = scaledSpec(answer);
      if (now === null || rewrite(now, scalerAddress).length === 0) return {};
    } catch (error) {
      if (isKubeError(error, 'not-found')) return {};
      throw error;
    }
    const text =
      'triggers of type carbon-aware are not converted: neither the MutatingAdmissionPolicy nor the webhook of windvane-scaler is in force; apply deploy/scaler, or write type: external';
    await tell(type, object, { reason: 'NotConverted', text });
    throw new NotConverted(text);
  };
}
