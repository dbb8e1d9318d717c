import type { KubeApi } from '../../../kube/api.ts';
import { isKubeError } from '../../../kube/errors.ts';
import { foundRecord } from '../../shared/annotations.ts';
import { revertedMessage, wasForced } from '../ownership.ts';
import { ownsPolicy } from '../steering.ts';
import type { PlacementView, Unit } from '../unit.ts';
import type { UnitPlan } from '../unit-plan.ts';
import { foundBeforeWrite, probeOwnership } from './placement-writes.ts';
import { foundClusters, type PlacementFound } from './step-record.ts';

/** What a first look at the API server makes of a Placement that is about to be taken over. */
export interface PreparedSteering {
  readonly plan: UnitPlan;
  /** Null when it must not be taken over: the plan says why. */
  readonly found: PlacementFound | null;
  readonly force: boolean;
  readonly takenFrom: readonly string[];
}

const MINUTES_5 = 300_000;

/** Asks whether the prioritizer policy may be written, and how. */
export async function prepareSteering(
  api: KubeApi,
  unit: Unit,
  placement: PlacementView,
  plan: UnitPlan,
): Promise<PreparedSteering> {
  const { object, label } = placement;
  const refused = (blocked: NonNullable<UnitPlan['blocked']>): PreparedSteering => ({
    plan: { ...plan, blocked, moving: null, action: { kind: 'none' }, requeueAfter: MINUTES_5 },
    found: null,
    force: false,
    takenFrom: [],
  });
  try {
    const ownership = await probeOwnership(api, object);
    const takenFrom = ownership.kind === 'contested' ? ownership.managers : [];
    const force = ownership.kind === 'contested';
    const before = foundRecord(object);
    if (force && plan.options.adopt === 'never') {
      return refused({
        reason: 'FieldConflict',
        message: `${takenFrom.join(', ')} owns the prioritizerPolicy of ${label} and windvane.dev/adopt is never; leave prioritizerPolicy out of the manifest, or allow the adoption`,
      });
    }
    if (force && wasForced(object, before, plan.optInHash)) {
      return refused({ reason: 'RevertedByOther', message: revertedMessage(label, takenFrom.join(', ')) });
    }
    const kept: PlacementFound | null =
      before === null ? null : { ...before, clusters: foundClusters(object) ?? [], generation: 0 };
    const found = foundBeforeWrite(
      object,
      { found: kept, owned: ownsPolicy(object) },
      { clusters: unit.decided, optIn: plan.optInHash, forced: force },
    );
    return { plan, found, force, takenFrom };
  } catch (error) {
    if (!isKubeError(error, 'invalid', 'forbidden')) throw error;
    return refused({
      reason: 'UnsupportedPolicy',
      message: `the API server refuses the prioritizerPolicy of ${label}: ${error.message}`,
    });
  }
}
