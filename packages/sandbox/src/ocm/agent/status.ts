import type { KubeObject } from '../../runtime/client/object.ts';
import { type Condition, setCondition } from '../../runtime/conditions.ts';
import type { RuleReader } from '../cel/rules.ts';
import type { ManifestStatus, ManifestWork, WorkStatus } from '../types.ts';
import { aggregate, withoutOldRules } from './conditions.ts';
import { feedbackValues } from './feedback.ts';
import { configFor, resourceMeta } from './resource-meta.ts';

type NewCondition = Omit<Condition, 'lastTransitionTime'>;

function appliedCondition(generation: number, failure: string | undefined): NewCondition {
  return failure === undefined
    ? {
        type: 'Applied',
        status: 'True',
        reason: 'AppliedManifestComplete',
        message: 'Apply manifest complete',
        observedGeneration: generation,
      }
    : {
        type: 'Applied',
        status: 'False',
        reason: 'AppliedManifestFailed',
        message: `Failed to apply manifest: ${failure}`,
        observedGeneration: generation,
      };
}

/** The status that the agent writes once it has applied the manifests, or failed to. */
export function appliedStatus(work: ManifestWork, failure: string | undefined, now: string): WorkStatus {
  const generation = work.metadata.generation ?? 1;
  const before = work.status?.resourceStatus?.manifests ?? [];
  const manifests = (work.spec?.workload?.manifests ?? []).map((manifest, ordinal): ManifestStatus => {
    const meta = resourceMeta(manifest, ordinal);
    const known = before.find(
      ({ resourceMeta: other }) =>
        other.name === meta.name && other.namespace === meta.namespace && other.resource === meta.resource,
    );
    const conditions = setCondition(known?.conditions, appliedCondition(generation, failure), now);
    return { ...known, resourceMeta: meta, conditions };
  });
  const status = { ...work.status, resourceStatus: { manifests } };
  if (manifests.length === 0) return status;
  const condition: NewCondition =
    failure === undefined
      ? {
          type: 'Applied',
          status: 'True',
          reason: 'AppliedManifestWorkComplete',
          message: 'Apply manifest work complete',
          observedGeneration: generation,
        }
      : {
          type: 'Applied',
          status: 'False',
          reason: 'AppliedManifestWorkFailed',
          message: 'Failed to apply manifest work',
          observedGeneration: generation,
        };
  return { ...status, conditions: setCondition(work.status?.conditions, condition, now) };
}

interface Look {
  readonly work: ManifestWork;
  readonly objects: readonly KubeObject[];
  readonly rules: RuleReader;
  readonly now: string;
}

function lookAt({ work, objects, rules, now }: Look, manifest: ManifestStatus): ManifestStatus {
  const generation = work.metadata.generation ?? 1;
  const { name, namespace, kind } = manifest.resourceMeta;
  const object = objects.find(
    (candidate) =>
      candidate.kind === kind &&
      candidate.metadata.name === name &&
      (candidate.metadata.namespace ?? '') === namespace,
  );
  const exists: NewCondition =
    object === undefined
      ? {
          type: 'Available',
          status: 'False',
          reason: 'ResourceNotAvailable',
          message: 'Resource is not available',
        }
      : { type: 'Available', status: 'True', reason: 'ResourceAvailable', message: 'Resource is available' };
  let conditions = setCondition(manifest.conditions, exists, now);
  if (object === undefined) return { ...manifest, conditions };
  const config = configFor(manifest.resourceMeta, work.spec?.manifestConfigs);
  const feedback = config?.feedbackRules ?? [];
  const values = feedbackValues(object, feedback);
  const reason = feedback.length === 0 ? 'NoStatusFeedbackSynced' : 'StatusFeedbackSynced';
  conditions = setCondition(
    conditions,
    { type: 'StatusFeedbackSynced', status: 'True', reason, message: '' },
    now,
  );
  for (const condition of rules(object, config?.conditionRules ?? [])) {
    conditions = setCondition(conditions, { ...condition, observedGeneration: generation }, now);
  }
  return {
    ...manifest,
    conditions: withoutOldRules(conditions, generation),
    statusFeedback: values.length === 0 ? {} : { values },
  };
}

/**
 * The status after the agent has looked at what is there: a manifest is Available when its object exists, whether
 * or not its pods are ready; that is told by feedback and by condition rules alone.
 */
export function observedStatus(look: Look): WorkStatus {
  const { work, now } = look;
  const manifests = (work.status?.resourceStatus?.manifests ?? []).map((manifest) => lookAt(look, manifest));
  const conditions = aggregate(work.status?.conditions ?? [], manifests, work.metadata.generation ?? 1, now);
  return { ...work.status, conditions, resourceStatus: { manifests } };
}
