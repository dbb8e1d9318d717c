import { FIELD_MANAGER } from '../../../kube/api.ts';
import { type KubeObject, keyOf } from '../../../kube/resource.ts';
import type { FoundValue } from '../../../status/carbon-placement.ts';
import { FOUND, foundRecord, SHUNNED, STEP } from '../../shared/annotations.ts';
import { SURGE_ENDS } from '../move/step-record.ts';
import { placementSpec } from '../read/placement.ts';
import { storedScores } from '../read/scores.ts';
import { ADD_ON_PLACEMENT_SCORE, PLACEMENT } from '../resources.ts';
import { PUBLISHED_SCORES } from '../scores/published.ts';
import { ownsPolicy, STEERING_SCORES, scoreName } from '../steering.ts';
import type { Unit } from '../unit.ts';
import { unitKey } from '../unit-index.ts';
import type { HubSnapshot } from './read-hub.ts';

const OWN_ANNOTATIONS = [FOUND, STEP, SHUNNED, SURGE_ENDS];

/** Those of Windvane's annotations that a Placement carries. */
export function ownAnnotations(object: KubeObject): string[] {
  return OWN_ANNOTATIONS.filter((key) => object.metadata.annotations?.[key] !== undefined);
}

/** Places of Windvane's entries in the record of who owns which field of the spec or the metadata. */
export function ownEntries(object: KubeObject): number[] {
  return (object.metadata.managedFields ?? []).flatMap((entry, index) =>
    entry.manager === FIELD_MANAGER && entry.subresource === undefined ? [index] : [],
  );
}

/** A Placement that Windvane steers, or has left something on. */
export interface PlacementHolding {
  readonly placement: KubeObject;
  /** For people: `Placement apps/train`. */
  readonly label: string;
  /** With what is opted in; null when nothing is. */
  readonly unit: Unit | null;
  /** What stood there before Windvane came; null when that is not known. */
  readonly found: FoundValue | null;
  /** Clusters that hold a score of it. */
  readonly scored: readonly string[];
}

/** Whether anything of Windvane is on the Placement itself or decides it. */
export function isMarked({ placement, scored }: PlacementHolding): boolean {
  return scored.length > 0 || ownAnnotations(placement).length > 0 || ownEntries(placement).length > 0;
}

function steeringScores(hub: HubSnapshot): KubeObject[] {
  return hub.objects(ADD_ON_PLACEMENT_SCORE).filter(({ metadata }) => metadata.name === STEERING_SCORES);
}

/** Everything that Windvane has on the Placements of one hub. */
export function holdingsOf(hub: HubSnapshot): PlacementHolding[] {
  const scores = steeringScores(hub);
  const index = hub.view.index();
  return hub.objects(PLACEMENT).flatMap((placement) => {
    const key = keyOf(placement);
    const unit = index.unit(unitKey(key)) ?? null;
    const kept = foundRecord(placement);
    const remembered = unit?.members.map((member) => member.remembered.found).find((each) => each !== null);
    const name = scoreName(placement);
    const holding: PlacementHolding = {
      placement,
      label: `Placement ${key}`,
      unit,
      found: kept === null ? (remembered ?? null) : { present: kept.present, value: kept.value },
      scored: scores
        .filter((object) => storedScores(object).values.has(name))
        .map(({ metadata }) => metadata.namespace ?? ''),
    };
    return unit === null && !isMarked(holding) ? [] : [holding];
  });
}

/** Placements whose own prioritizers draw on the published scores, for people. */
export function readersOfPublished(hub: HubSnapshot): string[] {
  return hub
    .objects(PLACEMENT)
    .filter((placement) => !ownsPolicy(placement))
    .filter((placement) =>
      (placementSpec(placement)?.prioritizerPolicy?.configurations ?? []).some(
        ({ scoreCoordinate }) => scoreCoordinate?.addOn?.resourceName === PUBLISHED_SCORES,
      ),
    )
    .map((placement) => `Placement ${keyOf(placement)}`);
}

/** Objects of one name, for deleting. */
export function scoreObjects(hub: HubSnapshot, name: string): KubeObject[] {
  return hub.objects(ADD_ON_PLACEMENT_SCORE).filter(({ metadata }) => metadata.name === name);
}
