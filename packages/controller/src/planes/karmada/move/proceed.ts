import { HOUR, type Instant, type Millis } from '@windvane/carbon-map';
import type { KubeApi } from '../../../kube/api.ts';
import { isKubeError } from '../../../kube/errors.ts';
import type { KubeObject, ResourceType } from '../../../kube/resource.ts';
import { type FoundRecord, shunnedClusters } from '../../shared/annotations.ts';
import type { StepRecord } from '../annotations.ts';
import type { MemberCluster } from '../member.ts';
import { canonicalWeights, otherOwners, ownsWeights, type PolicyView } from '../policy.ts';
import { OVERRIDE_POLICY } from '../resources.ts';
import type { Unit } from '../unit.ts';
import { applyPin, removePin } from './pins.ts';
import type { StepWrite } from './step-state.ts';
import { annotatePolicy, applyWeights, assertWritable } from './weights.ts';

/** How long a cluster is left alone in which replicas did not become available. */
const SHUN: Millis = 6 * HOUR;

export interface ProceedDeps {
  readonly api: KubeApi;
  readonly assume: (type: ResourceType, object: KubeObject) => void;
  readonly forget: (type: ResourceType, object: KubeObject) => void;
}

interface UnderWay {
  readonly unit: Unit;
  readonly policy: PolicyView;
  readonly step: StepRecord;
  readonly found: FoundRecord | null;
  readonly candidates: readonly MemberCluster[];
  /** The unit's pins as stored. */
  readonly pins: readonly KubeObject[];
  readonly now: Instant;
}

/** What came of a write. */
export type Proceeded =
  | { readonly kind: 'written' }
  /** These were overruled by the one forced apply of the opt-in. */
  | { readonly kind: 'adopted'; readonly managers: readonly string[] }
  /** Others own the weights by now. */
  | { readonly kind: 'taken'; readonly managers: readonly string[] };

const WRITTEN: Proceeded = { kind: 'written' };

export async function removePins(deps: ProceedDeps, pins: readonly KubeObject[]): Promise<void> {
  for (const pin of pins) {
    await removePin(deps.api, pin);
    deps.forget(OVERRIDE_POLICY, pin);
  }
}

async function weigh(deps: ProceedDeps, under: UnderWay, list: unknown): Promise<Proceeded> {
  const { policy, step, found } = under;
  // The intent to force was stored before the step began; after the first write there is none left.
  const first = policy.object.metadata.generation === step.generation && !ownsWeights(policy.object);
  const force = found?.forced === true && first;
  try {
    deps.assume(policy.type, await applyWeights(deps.api, policy, policy.object, list, force));
    return force ? { kind: 'adopted', managers: otherOwners(policy.object) } : WRITTEN;
  } catch (error) {
    if (!isKubeError(error, 'field-conflict')) throw error;
    return { kind: 'taken', managers: error.managers };
  }
}

/** Makes the one write that comes next. */
export async function proceed(deps: ProceedDeps, under: UnderWay, next: StepWrite): Promise<Proceeded> {
  const { unit, policy, step, candidates, pins } = under;
  if (next.kind === 'weigh') {
    if (next.to === 'before') return weigh(deps, under, step.before);
    const weights = next.to === 'bridge' ? (step.bridge ?? step.weights) : step.weights;
    assertWritable(weights, candidates);
    return weigh(deps, under, canonicalWeights(weights));
  }
  if (next.kind === 'unpin') await removePins(deps, pins);
  else if (next.kind === 'turn') await turn(deps, under, next);
  else {
    for (const pin of next.pins) {
      deps.assume(OVERRIDE_POLICY, await applyPin(deps.api, pin, policy, unit.key, step));
    }
  }
  return WRITTEN;
}

async function turn(
  { api, assume }: ProceedDeps,
  { policy, step, now }: UnderWay,
  { result, message, shun }: Extract<StepWrite, { kind: 'turn' }>,
): Promise<void> {
  const until = new Date(now + SHUN).toISOString();
  const shunned = {
    ...shunnedClusters(policy.object, now),
    ...Object.fromEntries(shun.map((cluster) => [cluster, until])),
  };
  const annotated = await annotatePolicy(api, policy, {
    step: { ...step, back: { result, message, at: new Date(now).toISOString() } },
    ...(shun.length === 0 ? {} : { shunned }),
  });
  assume(policy.type, annotated);
}
